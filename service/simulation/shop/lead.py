"""A lead in the simulated line, and where an order places it."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.leads.lead import EVERYBODY
from service.simulation.shop.client import NEVER, SimulatedClient


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """Where a lead stands: the higher rank goes first; it falls by `decay` each minute.

    A `protected` head is never passed over by the guarantee; who is `behind` comes after the other
    late ones.
    """

    lane: str
    rank: float
    decay: float = 0.0
    protected: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """A lead's place, the places that time brings it, and when it is late.

    `work` are the minutes that it will take.
    """

    place: SimulatedPlace
    steps: Sequence[tuple[float, SimulatedPlace]] = ()
    late_at: float = NEVER
    work: float = 0.0


@dataclass(slots=True)
class SimulatedLead:
    """A client's lead in the line; moments are minutes of the week.

    `stamp` grows with each change, so that what was noted before it is passed over.
    """

    client: SimulatedClient
    live: bool
    asked_at: float
    stamp: int = 0
    waiting: bool = False
    asked_again: bool = False
    callback_due: bool = False
    promised_at: float | None = None
    tries: int = 0
    first_try: float = NEVER
    begun: float = NEVER
    over: bool = False
    placing: Placing = Placing(SimulatedPlace(EVERYBODY, 0.0))
    placed_at: float = 0.0
    place: SimulatedPlace = SimulatedPlace(EVERYBODY, 0.0)

"""A lead in the simulated line, and where an order places it."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.leads.lead import EVERYBODY
from service.simulation.shop.client import NEVER, SimulatedClient


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lead stands: the higher rank goes first; it falls by `decay` each minute.

    A `protected` head is never passed over by the guarantee.
    """

    lane: str
    rank: float
    decay: float = 0.0
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """A lead's place, the places that time brings it, and when it is late.

    Of late leads the least `late_order` is the longest late; `work` are the minutes it will take.
    """

    place: Place
    steps: Sequence[tuple[float, Place]] = ()
    late_at: float = NEVER
    late_order: tuple[int, float] = (0, NEVER)
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
    placing: Placing = Placing(Place(EVERYBODY, 0.0))
    placed_at: float = 0.0
    place: Place = Place(EVERYBODY, 0.0)

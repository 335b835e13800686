"""A lead in the simulated line, and the place that an order gives it."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.leads.lead import EVERYBODY
from service.simulation.shop.client import NEVER, SimulatedClient


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """The place of a lead: the highest rank goes first, and it falls by `decay` each minute.

    The guarantee never passes over a `protected` head. A lead that is `behind` comes after the
    other late leads.
    """

    lane: str
    rank: float
    decay: float = 0.0
    protected: bool = False
    behind: bool = False


Step = tuple[float, SimulatedPlace]
NO_STEPS: Iterator[Step] = iter(())


@dataclass(frozen=True, slots=True)
class Placing:
    """A lead's place, its future places, and the time when it is late.

    `steps` are the next ones in order, each found when it is asked for; `work` are the minutes that
    it will take.
    """

    place: SimulatedPlace
    steps: Iterator[Step] = NO_STEPS
    late_at: float = NEVER
    work: float = 0.0


@dataclass(slots=True)
class SimulatedLead:
    """A client's lead in the line. Times are minutes of the week.

    `stamp` grows with each change, so that older entries about the lead are skipped.
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

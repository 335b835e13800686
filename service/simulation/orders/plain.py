"""Orders to compare with: first come, last come, the handbook's kinds, and chance.

They serve the same lanes as the production ranking, so only the order differs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from service.leads.lead import Kind
from service.simulation.orders.lanes import LaneFinder
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace

Rank = Callable[[SimulatedLead], float]

# A2, the freshest first (A6); a missed call comes right after live ones (A8).
HANDBOOK = {
    Kind.OFFICE: 900,
    Kind.PHONE: 800,
    Kind.CHAT: 600,
    Kind.SELF_ORDER: 500,
    Kind.OFFLINE: 400,
    Kind.REGISTRATION: 300,
    Kind.TASK: 200,
}
MISSED = 750
STAGE = 1e6  # more than the minutes of a week


@dataclass(frozen=True, slots=True)
class PlainOrder:
    """An order by one number that does not change while a lead waits."""

    name: str
    rank: Rank
    lanes: LaneFinder
    retries: Sequence[timedelta]
    guaranteed_every: int | None = None

    def begin(self) -> None:
        """Nothing to forget."""

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """The lane changes when the owner's time ends. The rank stays."""
        rank = self.rank(lead)
        lane, passes_on_at, after = self.lanes.find(lead)
        if passes_on_at <= at:
            return Placing(SimulatedPlace(after, rank))
        steps = [(passes_on_at, SimulatedPlace(after, rank))] if lane != after else []
        return Placing(SimulatedPlace(lane, rank), iter(steps))

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """There is one mode only."""
        return False


def first_come(lead: SimulatedLead) -> float:
    """FIFO: the earliest first."""
    return -lead.client.arrives


def last_come(lead: SimulatedLead) -> float:
    """LIFO: the latest first."""
    return lead.client.arrives


def by_handbook(lead: SimulatedLead) -> float:
    """The handbook's order of kinds, the freshest first."""
    client = lead.client
    missed = not lead.live and client.kind in (Kind.PHONE, Kind.OFFICE)
    stage = MISSED if missed else HANDBOOK[client.kind]
    return stage * STAGE + client.arrives


def by_chance(lead: SimulatedLead) -> float:
    """A random number for each client, the same in every run."""
    return Random(lead.client.number).random()


PLAIN: Mapping[str, Rank] = {
    "fifo": first_come,
    "lifo": last_come,
    "handbook": by_handbook,
    "random": by_chance,
}

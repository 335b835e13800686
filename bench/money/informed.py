"""An order that knows what the product reads, and what is true on average of those who say it.

It is the oracle of `service.simulation`, with the mean chance, bill, minutes and patience of all
clients of whom the product reads the same. So it shows how much any numbers of a policy could win,
and what the handbook's stages cost. It learns from weeks of its own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import log

from service.leads.lead import Kind
from service.ranking.index import work_minutes
from service.ranking.score import find_budget, find_chance, find_urgency
from service.simulation.orders.lanes import LaneFinder
from service.simulation.orders.plain import HANDBOOK, MISSED
from service.simulation.orders.understanding import Understanding
from service.simulation.shop.client import NEVER, SimulatedClient
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace
from service.simulation.simulate import World

LEARNT_WEEKS, LEAST_SEEN = 12, 8
NOTHING, LEAST_LEFT = 1e-9, 15.0
PATIENCE_WEIGHT = 0.5
STAGE = 1000.0  # more than any logarithm of an index
LIVE = 1e6
NEAR_CUTOFF = (180.0, 90.0, 45.0, 20.0, -NOTHING)
MISSED_SHARE, MISSED_MINUTES = 0.5, 45.0

Said = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Means of the clients who say the same: money, minutes of patience, minutes of work."""

    worth: float
    stays: float
    minutes: float


class Reader:
    """What the product reads of a client, in a few steps of urgency, money and work."""

    def __init__(self, understood: Understanding, world: World) -> None:
        self._understood, self._calendar = understood, world.calendar
        self._truths: dict[Said, Truth] = {}

    def learn(self, world: World) -> None:
        """Live through weeks that are shown to nobody else."""
        met: dict[Said, list[SimulatedClient]] = defaultdict(list)
        for number in range(LEARNT_WEEKS):
            self._understood.forget()
            for client in world.clients(1.0, f"learnt/{number}", 5):
                said = self._said(SimulatedLead(client, client.live, client.arrives))
                for length in (1, 2, len(said)):
                    met[said[:length]].append(client)
        self._truths = {
            said: _truth(clients)
            for said, clients in met.items()
            if len(clients) >= LEAST_SEEN or len(said) == 1
        }

    def truth_of(self, lead: SimulatedLead) -> Truth:
        """The means of those who say what this client says, or nearly."""
        said = self._said(lead)
        nearest = (said[:length] for length in (len(said), 2, 1))
        return next(self._truths[item] for item in nearest if item in self._truths)

    def _said(self, lead: SimulatedLead) -> Said:
        need, policy = self._understood.need_of(lead), self._understood.policy
        moment = self._calendar.moment(lead.client.arrives)
        chance, bill = find_chance(need, policy, None).value, find_budget(need, policy).value
        urgency = round(8 * find_urgency(need, policy, moment).value)
        money = round(2 * log(max(1.0, chance * bill)))
        return need.kind, urgency, money, round(work_minutes(need, policy) / 3)


@dataclass(slots=True)
class Informed:
    """The order; with `missed_first` A8 holds, and with `stages` A2 too."""

    name: str
    reader: Reader
    lanes: LaneFinder
    retries: Sequence[timedelta]
    missed_first: bool = False
    stages: bool = False
    guaranteed_every: int | None = None
    _known: dict[tuple[int, bool], Truth] = field(default_factory=dict)

    def begin(self) -> None:
        """Forget the clients of the last week."""
        self._known.clear()

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """Places up to the next cut-off; then it is asked again."""
        lane, passes_on_at, after = self.lanes.find(lead)
        near = lead.client.cutoff.moments if lead.client.cutoff is not None else ()
        ahead = {passes_on_at, *(when - before for when in near for before in NEAR_CUTOFF)}
        steps = (
            (item, self._place(lead, lane if item < passes_on_at else after, item))
            for item in sorted(ahead)
            if at < item < NEVER
        )
        return Placing(self._place(lead, lane if at < passes_on_at else after, at), steps)

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """There is one mode only."""
        return False

    def _place(self, lead: SimulatedLead, lane: str, at: float) -> SimulatedPlace:
        truth = self._truth(lead)
        if lead.live:
            return SimulatedPlace(lane, LIVE + log(truth.worth / truth.minutes))
        worth, stays, waited = truth.worth, truth.stays, at - lead.asked_at
        missed = lead.client.live and lead.client.kind is Kind.PHONE
        if lead.client.live:
            worth *= MISSED_SHARE if missed else NOTHING
            stays, waited = MISSED_MINUTES, at - lead.client.hangs_up
        rate = stays**-PATIENCE_WEIGHT + _loss_ahead(lead.client, at)
        cutoff = lead.client.cutoff
        worth *= 1.0 if cutoff is None else cutoff.left(at)
        index = log(max(NOTHING, worth * rate / truth.minutes))
        return SimulatedPlace(lane, self._stage(lead, missed) + index - waited / stays, 1 / stays)

    def _stage(self, lead: SimulatedLead, missed: bool) -> float:
        if missed and self.missed_first:
            return MISSED * STAGE
        return HANDBOOK[lead.client.kind] * STAGE if self.stages else 0.0

    def _truth(self, lead: SimulatedLead) -> Truth:
        key = (lead.client.number, lead.asked_again)
        if key not in self._known:
            self._known[key] = self.reader.truth_of(lead)
        return self._known[key]


def _loss_ahead(client: SimulatedClient, at: float) -> float:
    if client.cutoff is None:
        return 0.0
    pairs = zip(client.cutoff.moments, client.cutoff.losses, strict=True)
    when, loss = next(((when, loss) for when, loss in pairs if when >= at), (NEVER, 0.0))
    return float(loss * max(LEAST_LEFT, when - at) ** -PATIENCE_WEIGHT)


def _truth(clients: Sequence[SimulatedClient]) -> Truth:
    """Means; of patience between the mean and that of the rates at which they leave."""
    count = len(clients)
    stays = sum(client.stays_minutes for client in clients) / count
    leaves = sum(1 / client.stays_minutes for client in clients) / count
    worth = sum(client.worth for client in clients) / count
    minutes = sum(client.minutes for client in clients) / count
    return Truth(worth, (stays + 1 / leaves) / 2, minutes)

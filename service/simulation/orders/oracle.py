"""An order that knows each client's true chance, bill, minutes and patience, but not the future.

    index = p · B · P(still there) / (S · √τ)

A clairvoyant order is a few points better. No ranking can know what this one knows (docs/money.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log, sqrt

from service.simulation.orders.lanes import LaneFinder
from service.simulation.shop.client import NEVER, SimulatedClient
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace

NOTHING = 1e-9
NEAR_CUTOFF = (180.0, 90.0, 45.0, 20.0)
LEAST_LEFT = 15.0


@dataclass(frozen=True, slots=True)
class Oracle:
    """The order by the true index. The rank is its logarithm, which falls as clients leave."""

    lanes: LaneFinder
    retries: Sequence[timedelta]
    name: str = "oracle"
    guaranteed_every: int | None = None

    def begin(self) -> None:
        """Nothing to forget."""

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """Places up to the next cut-off. After it, the order is asked again."""
        client = lead.client
        lane, passes_on_at, after = self.lanes.find(lead)
        moments = sorted({item for item in (passes_on_at, *_near(client)) if at < item < NEVER})
        steps = (
            (item, self._place(lead, lane if item < passes_on_at else after, item))
            for item in moments
        )
        return Placing(self._place(lead, lane if at < passes_on_at else after, at), steps)

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """There is one mode only."""
        return False

    def _place(self, lead: SimulatedLead, lane: str, at: float) -> SimulatedPlace:
        client, stays = lead.client, lead.client.stays_minutes
        if lead.live or not client.silent:
            return SimulatedPlace(lane, log(_index(client, at, 1.0, stays)))
        waited, share = at - lead.asked_at, 1.0
        if client.live:  # hung up: some of them can still be reached
            waited, stays, share = at - client.hangs_up, client.back_minutes, client.back_share
        decay = 1 / stays
        return SimulatedPlace(lane, log(_index(client, at, share, stays)) - waited * decay, decay)


def _index(client: SimulatedClient, at: float, share: float, stays: float) -> float:
    """The index of a client who is certainly there, times the share that is."""
    rate = 1 / sqrt(stays)
    cutoff = client.cutoff
    worth = client.worth * share
    if cutoff is not None:
        worth *= cutoff.left(at)
        pairs = zip(cutoff.moments, cutoff.losses, strict=True)
        ahead = [(when, loss) for when, loss in pairs if when >= at]
        if ahead:
            rate += ahead[0][1] / sqrt(max(LEAST_LEFT, ahead[0][0] - at))
    return max(NOTHING, worth * rate / client.minutes)


def _near(client: SimulatedClient) -> list[float]:
    if client.cutoff is None:
        return []
    return [when - before for when in client.cutoff.moments for before in (*NEAR_CUTOFF, -NOTHING)]

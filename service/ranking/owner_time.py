"""The lanes of a need with its owner's time, which is a share of the client's patience (B2)."""

from service.ranking.index import patience_of
from service.ranking.score import find_urgency
from service.ranking.worth import worthy_urgency
from service.rules.lanes import Lanes, find_lanes
from service.rules.need import Need
from service.rules.policy import Policy


def lanes_in_time(need: Need, policy: Policy) -> Lanes:
    """The lanes of a need.

    The patience is taken at the moment when the client began to wait, so the owner's time does not
    change while they wait.
    """

    def patience() -> float:
        found = find_urgency(need, policy, need.situation.waits_since)
        return patience_of(need, worthy_urgency(found, need, policy).value, policy)

    return find_lanes(need, policy, patience)

"""The lanes of a need with the time that its owner has: a share of the client's patience (B2)."""

from service.ranking.index import patience_of
from service.ranking.score import find_urgency
from service.ranking.worth import worthy_urgency
from service.rules.lanes import Lanes, find_lanes
from service.rules.need import Need
from service.rules.policy import Policy


def lanes_in_time(need: Need, policy: Policy) -> Lanes:
    """The lanes; patience is that of the moment at which the client began to wait, so that the
    owner's time is the same whenever it is asked."""
    urgency = worthy_urgency(find_urgency(need, policy, need.situation.waits_since), need, policy)
    return find_lanes(need, policy, patience_of(need, urgency.value, policy))

"""The index that the score compares: the money that a minute of work saves (rules A4, A5, A6).

    i = p · B · s(w) / (S · τ^α)

S is the work in minutes, τ the patience, and α the weight of patience. s(w) is the share of silent
clients who are still there w business minutes after their last message. In words: serve the client
who loses the most money for each minute of work. With S = 1, α = 1 and s = 1 the index is the cost
of waiting p·B/τ. Sources: Smith 1956 (the work); Atar, Giat, Shimkin 2010 and Ayesta, Jacko, Novak
2011 (the weight of patience: full at low load, none at overload); docs/money.md.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from service.rules.need import Need
from service.rules.policy import Policy

LEAST_PATIENCE = 0.1  # minutes
FREE_POSITIONS = 2  # A12: one or two parts are looked up during the call


class IndexTerms(NamedTuple):
    """The terms of the index besides chance and bill: τ and S in minutes, α, and s."""

    patience_minutes: float
    work_minutes: float
    weight: float
    share: float

    def of(self, chance: float, bill: float) -> float:
        """The index, in money."""
        patience = math.pow(self.patience_minutes, self.weight)
        return chance * bill * self.share / (self.work_minutes * patience)


def patience_of(need: Need, urgency: float, policy: Policy) -> float:
    """How many minutes a client of this urgency waits.

    A client with the kind's urgency has the kind's patience; a higher urgency shortens it, a lower
    one lengthens it.
    """
    longest, usual = policy.longest_patience_minutes, policy.index.patience.get(need.kind)
    if usual is None:
        return float(longest ** (1 - urgency))
    patience = usual * longest ** (policy.kinds[need.kind].urgency - urgency)
    return float(min(longest, max(LEAST_PATIENCE, patience)))


def work_minutes(need: Need, policy: Policy) -> float:
    """The minutes of work on a lead; 1 when the policy names none (A12)."""
    minutes = policy.index.minutes.get(need.kind)
    if minutes is None:
        return 1.0
    return minutes.each + minutes.per_part * max(0, _positions(need) - FREE_POSITIONS)


def _positions(need: Need) -> int:
    """The positions of an order, or the goods that a text names; quantities do not count."""
    if need.signal.items:
        return len(need.signal.items)
    return sum(match.entry.bill is not None for match in need.reading.matches)


Shares = Sequence[tuple[datetime, float]]
"""From which moment on which share is still there, in order."""


def shares_of(need: Need, policy: Policy) -> Shares:
    """How the share of silent clients falls after the last message, in business minutes.

    It counts in multiples of the kind's usual patience. So of two clients who waited equally long
    neither is taken to be gone before the other, and A5 holds for them. Some clients tell nothing
    by their silence and have no shares: live ones, those with a promised call or who came back, and
    those who said when they need the goods.
    """
    stays = policy.index.stays.get(need.kind, ())
    source = need.situation
    bound = source.signal.live or source.callback_due or source.promised_at is not None
    if not stays or bound or source.signal.needed_by is not None:
        return ()
    patience = patience_of(need, policy.kinds[need.kind].urgency, policy)
    found = ((policy.hours.add(source.asked_at, stay.after * patience), stay) for stay in stays)
    return tuple((at, stay.share) for at, stay in found if at is not None)


def share_at(shares: Shares, at: datetime) -> float:
    """The share of clients who are still there at a moment."""
    for since, share in reversed(shares):
        if since <= at:
            return share
    return 1.0

"""What the score compares: the money that a minute of work saves (rules A4, A5, A6).

    i = p · B · s(w) / (S · τ^α)

S are the minutes of work, τ the patience, α its weight, and s(w) the share of silent clients that
is still there w business minutes after their last word. In words: serve whoever loses the most for
each minute that they cost. With S = 1, α = 1 and s = 1 it is the cost of waiting p·B/τ.
Sources: Smith 1956 (the minutes); Atar, Giat, Shimkin 2010 and Ayesta, Jacko, Novak 2011 (how much
patience weighs: all of it at low load, none at overload); docs/money.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.rules.need import Need
from service.rules.policy import Policy

LEAST_PATIENCE = 0.1  # minutes
FREE_POSITIONS = 2  # A12: one or two parts are looked up on the line


@dataclass(frozen=True, slots=True)
class IndexTerms:
    """What the index has beside chance and bill: τ and S in minutes, α, and s."""

    patience_minutes: float
    work_minutes: float
    weight: float
    share: float

    def of(self, chance: float, bill: float) -> float:
        """The index, in money."""
        patience = math.pow(self.patience_minutes, self.weight)
        return chance * bill * self.share / (self.work_minutes * patience)


def patience_of(need: Need, urgency: float, policy: Policy) -> float:
    """How long a client of this urgency waits, in minutes: that of its kind at the kind's own
    urgency, and longer or shorter by as much as the urgency differs from it.
    """
    longest, usual = policy.longest_patience_minutes, policy.index.patience.get(need.kind)
    if usual is None:
        return float(longest ** (1 - urgency))
    patience = usual * longest ** (policy.kinds[need.kind].urgency - urgency)
    return float(min(longest, max(LEAST_PATIENCE, patience)))


def work_minutes(need: Need, policy: Policy) -> float:
    """The minutes of work on a lead; without any in the policy each is one (A12)."""
    minutes = policy.index.minutes.get(need.kind)
    if minutes is None:
        return 1.0
    return minutes.each + minutes.per_part * max(0, _positions(need) - FREE_POSITIONS)


def _positions(need: Need) -> int:
    """Positions of an order, or goods that a text names; never pieces."""
    if need.signal.items:
        return len(need.signal.items)
    return sum(match.entry.bill is not None for match in need.reading.matches)


Shares = Sequence[tuple[datetime, float]]
"""From which moment on which share is still there, in order."""


def shares_of(need: Need, policy: Policy) -> Shares:
    """How the share of a silent client falls from their last word on, in business minutes.

    It counts in multiples of the patience that is usual for the kind: of two clients who have
    waited equally long neither is taken to be gone before the other, so that A5 holds for them.
    It does not for whoever is there in person, was promised a call or came back, or has told by
    when they need it: nothing is learnt from their silence.
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
    """The share that is still there at a moment."""
    return next((share for since, share in reversed(shares) if since <= at), 1.0)

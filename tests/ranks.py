"""Ranks for tests: a stage, a score and an age in one number."""

from datetime import datetime
from decimal import Decimal

from service.ranking import rank
from service.ranking.rank import tie_of
from service.rules.policy import Ties


def pack(stage: int, points: Decimal, received_at: datetime, ties: Ties) -> int:
    """The rank of a lead that came at a moment."""
    return rank.pack(stage, points, tie_of(received_at, ties))

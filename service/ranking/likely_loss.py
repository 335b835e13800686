"""What a line likely loses while it is served in its order (rule A4, docs/money.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class LeadWorth:
    """The worth of a lead (chance times bill), the client's patience and the work.

    Money in the queue's currency, both times in minutes.
    """

    worth: float
    patience: float
    work: float


def likely_loss(line: Iterable[LeadWorth], operators: float) -> float:
    """The money of clients who leave before their turn; the first lead begins at once.

    A lead begins when `operators` have done the work before it. Of the clients who wait w minutes
    the share exp(-w/patience) is still there, as the cost per minute supposes. New leads are not
    counted, so this compares orders and is no forecast.
    """
    begins, lost = 0.0, 0.0
    for lead in line:
        lost += lead.worth * (1 - exp(-begins / lead.patience))
        begins += lead.work / operators
    return lost

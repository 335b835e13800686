"""What a line likely loses while it is worked off in its order (rule A4, docs/money.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class LeadWorth:
    """What a lead is worth (chance times bill), how long its client waits, and how long it takes.

    Money in the queue's currency, both times in minutes.
    """

    worth: float
    patience: float
    work: float


def likely_loss(line: Iterable[LeadWorth], operators: float) -> float:
    """The money of who leaves before their turn; the first of the line begins at once.

    Each begins when the work before it is shared by so many `operators`; of those who wait w
    minutes exp(-w/patience) are still there, as the ranking's cost per minute supposes. What
    comes in meanwhile is not in it, so that it is a comparison of orders rather than a forecast.
    """
    begins, lost = 0.0, 0.0
    for lead in line:
        lost += lead.worth * (1 - exp(-begins / lead.patience))
        begins += lead.work / operators
    return lost

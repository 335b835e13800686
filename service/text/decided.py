"""What follows from the signals of a text and its intent: the bill, the chance, the skills."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from service.leads.lead import Intent
from service.leads.unchanging import unchanging
from service.text.entries import Entry, Match, TextReading, Understood
from service.text.votes import Voted

AFTER_SALE = frozenset({Intent.RETURN, Intent.COMPLAINT})
SOLD = AFTER_SALE | {Intent.ORDER_QUESTION}
UNCHANGED = Understood(1.0, ())  # the chance where no signal changes it


@dataclass(frozen=True, slots=True)
class Bounds:
    """The policy's greatest number of pieces and greatest bill."""

    quantity: int
    bill: float


@unchanging
class Decided:
    """What the order of the words decides; the rest of a reading follows from it."""

    matches: tuple[Match, ...]
    urgency: Understood[float] | None
    urgency_cap: Understood[float] | None
    intent: Understood[Intent] | None
    corrections: tuple[tuple[str, str], ...]
    vote: Voted | None
    tokens: tuple[str, ...]


def reading_of(decided: Decided, bounds: Bounds) -> TextReading:
    """The reading, with what follows from its signals and its intent."""
    intent, matches = decided.intent, decided.matches
    is_sold = intent is not None and intent.value in SOLD
    plain = [match.entry for match in matches]
    return TextReading(
        matches=matches,
        urgency=decided.urgency,
        bill=None if is_sold else _bill(matches, bounds.bill),
        intent=intent,
        chance_factor=_chance_factor(plain),
        skills=_skills(plain),
        urgency_cap=decided.urgency_cap,
        corrections=decided.corrections,
        vote=decided.vote,
        tokens=decided.tokens,
    )


def _bill(matches: Sequence[Match], max_bill: float) -> Understood[float] | None:
    total: float = 0
    billed = []
    for match in matches:
        if match.entry.bill is not None:
            total += match.entry.bill * match.quantity
            billed.append(match.entry)
    return Understood(min(total, max_bill), tuple(billed)) if billed else None


def _chance_factor(entries: Sequence[Entry]) -> Understood[float]:
    deciding = [entry for entry in entries if entry.chance_factor != 1]
    if not deciding:
        return UNCHANGED
    return Understood(prod([entry.chance_factor for entry in deciding], start=1.0), tuple(deciding))


def _skills(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset([entry.skill for entry in entries if entry.skill is not None])

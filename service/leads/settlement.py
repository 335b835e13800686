"""How a claim may end, and what each ending needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Kind


class Outcome(StrEnum):
    """How a claim ended."""

    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an operator reports when he ends a claim."""

    outcome: Outcome
    reason: str | None = None
    amount: Decimal | None = None
    note: str | None = None
    until: datetime | None = None


FARTHEST_CALLBACK = timedelta(days=366)
NEEDS_REASON = (Outcome.LOST, Outcome.CANCELLED)
NEEDS_NOTE = (Kind.CHAT, Kind.SELF_ORDER)


def check_settlement(settlement: Settlement, kind: Kind, now: datetime) -> None:
    """Raise InvalidRequest naming everything that is missing (rules A11, A15, A19, B8)."""
    outcome, mistakes = settlement.outcome, []
    if outcome in NEEDS_REASON and not settlement.reason:
        mistakes.append(FieldMistake("reason", f"`{outcome}` needs a reason", "Say why."))
    if outcome is Outcome.WON and settlement.amount is None:
        mistakes.append(FieldMistake("amount", "`won` needs the amount", "Give the order's sum."))
    if kind in NEEDS_NOTE and not settlement.note:
        remedy = "Write what was done, so that anyone sees it."
        mistakes.append(FieldMistake("note", f"a {kind} is settled with a note", remedy))
    if settlement.until is not None and outcome is not Outcome.CALLBACK:
        mistakes.append(FieldMistake("until", f"`{outcome}` has no time", "Leave `until` out."))
    if settlement.until is not None and settlement.until <= now:
        mistakes.append(FieldMistake("until", "the time is past", "Give a time to come."))
    if settlement.until is not None and settlement.until > now + FARTHEST_CALLBACK:
        mistakes.append(FieldMistake("until", "it is too far away", "Give a time within a year."))
    if mistakes:
        raise InvalidRequest(mistakes)

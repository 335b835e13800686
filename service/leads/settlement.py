"""How a claim may end, and what each ending needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Kind
from service.leads.price_profile import Buyer, Selection
from service.leads.unchanging import unchanging


class Outcome(StrEnum):
    """How a claim ended."""

    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    CALLBACK = "callback"
    AWAITING_PAYMENT = "awaiting_payment"
    WISH = "wish"
    WHOLESALE = "wholesale"
    ANSWERED = "answered"
    WILL_THINK = "will_think"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    WITHDRAWN_BY_CLIENT = "withdrawn_by_client"


class UnheldOutcome(StrEnum):
    """How a lead ended that nobody held, besides `lost`, `cancelled` and `expired`."""

    WITHDRAWN_BY_CLIENT = "withdrawn_by_client"


@unchanging
class Settlement:
    """What an operator reports when they end a claim."""

    outcome: Outcome
    reason: str | None = None
    amount: Decimal | None = None
    note: str | None = None
    until: datetime | None = None
    buyer: Buyer | None = None
    selection: Selection | None = None
    currency: str | None = None
    offered: str | None = None
    cashless: bool = False


@unchanging
class SettlementFacts:
    """What a settlement is checked against, besides the lead's kind and the time.

    `farthest` is the longest time until a promised callback. `phone` says whether the client can be
    called: by their card, their messages or the note. `paid` says whether the order is already
    paid. `dialogue` says whether any of the lead's signals was a chat or a self order.
    """

    farthest: timedelta = timedelta(days=366)
    phone: bool = False
    paid: bool = False
    dialogue: bool = False


NOTHING_KNOWN = SettlementFacts()
NEEDS_REASON = (Outcome.LOST, Outcome.CANCELLED)
NEEDS_NOTE = (Kind.CHAT, Kind.SELF_ORDER)
HAS_TIME = (Outcome.CALLBACK, Outcome.WILL_THINK)
HAS_OFFER = (Outcome.WILL_THINK, Outcome.LOST)
# Endings without a client to serve.
NOBODYS = (Outcome.SPAM, Outcome.DUPLICATE)
# Chances are learnt from these outcomes only; all others are neither won nor lost.
COUNTED = frozenset({Outcome.WON, Outcome.LOST, Outcome.CANCELLED, Outcome.NO_ANSWER, Outcome.WISH})


def check_settlement(
    settlement: Settlement, kind: Kind, now: datetime, existing: SettlementFacts = NOTHING_KNOWN
) -> None:
    """Raise InvalidRequest with all that is missing or wrong (A11, A15, A19, A21, B8, B12)."""
    mistakes = [
        *_lacking(settlement),
        *_lacking_words(settlement, kind, existing),
        *_wrong_time(settlement, now, existing),
        *_wrong_client(settlement),
    ]
    if settlement.cashless and settlement.outcome is not Outcome.AWAITING_PAYMENT:
        remedy = "Leave `cashless` out."
        mistakes.append(FieldMistake("cashless", f"`{settlement.outcome}` has none", remedy))
    if settlement.outcome is Outcome.AWAITING_PAYMENT and existing.paid:
        remedy = "Settle it as `won` with the amount."
        mistakes.append(FieldMistake("outcome", "the order is paid already", remedy))
    if mistakes:
        raise InvalidRequest(mistakes)


def check_until(until: datetime, now: datetime, farthest: timedelta) -> Iterator[FieldMistake]:
    """The mistakes in the time at which a client is to be called again."""
    if until <= now:
        yield FieldMistake("until", "the time is past", "Give a time to come.")
    if until > now + farthest:
        days = f"{farthest / timedelta(days=1):g}"
        yield FieldMistake("until", "it is too far away", f"Give a time within {days} days.")


def _lacking(settlement: Settlement) -> Iterator[FieldMistake]:
    outcome = settlement.outcome
    if outcome in NEEDS_REASON and not settlement.reason:
        yield FieldMistake("reason", f"`{outcome}` needs a reason", "Say why.")
    if outcome is Outcome.WON and settlement.amount is None:
        yield FieldMistake("amount", "`won` needs the amount", "Give the order's sum.")
    if outcome is Outcome.WITHDRAWN_BY_CLIENT:
        remedy = "Settle it as `lost` or `cancelled`, with the reason."
        yield FieldMistake("outcome", f"`{outcome}` is of leads that nobody holds", remedy)
    if outcome is Outcome.WILL_THINK and settlement.until is None:
        yield FieldMistake(
            "until", f"`{outcome}` needs a time", "Say when to ask the client again."
        )
    if settlement.offered is not None and outcome not in HAS_OFFER:
        yield FieldMistake("offered", f"`{outcome}` has none", "Leave `offered` out.")


def _lacking_words(
    settlement: Settlement, kind: Kind, existing: SettlementFacts
) -> Iterator[FieldMistake]:
    is_wish = settlement.outcome is Outcome.WISH
    if not settlement.note:
        yield from _lacking_note(settlement.outcome, kind, existing)
    if is_wish and not existing.phone:
        remedy = "Write it into the note, or put it on the client's card."
        yield FieldMistake("phone", "a wish needs a phone to answer it at", remedy)


def _lacking_note(
    outcome: Outcome, kind: Kind, existing: SettlementFacts
) -> Iterator[FieldMistake]:
    written = "Write what was done, so that anyone sees it."
    if outcome is Outcome.WISH:
        yield FieldMistake("note", "a wish needs its words", "Write down what the client wants.")
    elif outcome is Outcome.ANSWERED:
        yield FieldMistake("note", "`answered` needs the answer", "Write what was answered.")
    elif outcome is Outcome.WILL_THINK:
        yield FieldMistake("note", "`will_think` needs a note", "Write what was talked about.")
    elif outcome not in NOBODYS and kind in NEEDS_NOTE:
        yield FieldMistake("note", f"a {kind} is settled with a note", written)
    elif outcome not in NOBODYS and existing.dialogue:
        yield FieldMistake("note", "a dialogue is settled with a note", written)


def _wrong_time(
    settlement: Settlement, now: datetime, existing: SettlementFacts
) -> Iterator[FieldMistake]:
    if settlement.until is None:
        return
    if settlement.outcome not in HAS_TIME:
        yield FieldMistake("until", f"`{settlement.outcome}` has no time", "Leave `until` out.")
    yield from check_until(settlement.until, now, existing.farthest)


def _wrong_client(settlement: Settlement) -> Iterator[FieldMistake]:
    """Both fields together give the price profile (rule A21)."""
    wholesale = settlement.outcome is Outcome.WHOLESALE
    for field, given, choices in (
        ("buyer", settlement.buyer, Buyer),
        ("selection", settlement.selection, Selection),
    ):
        if wholesale and given is None:
            remedy = f"Say {' or '.join(f'`{choice}`' for choice in choices)}."
            yield FieldMistake(field, "`wholesale` needs it for the price profile", remedy)
        if not wholesale and given is not None:
            remedy = f"Leave `{field}` out."
            yield FieldMistake(field, f"`{settlement.outcome}` has none", remedy)

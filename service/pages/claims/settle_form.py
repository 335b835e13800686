"""Reads the settle form, and words its mistakes for the reader."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.price_profile import Buyer, Selection
from service.leads.settlement import Outcome, Settlement
from service.pages.catalogue import translator
from service.pages.claims.outcomes import ASKED
from service.pages.formats import read_sum
from service.pages.reader import PageCall

MAX_WORDS = 2000
MAX_SUM = 10**11
CENT = Decimal("0.01")


def settlement_of(call: PageCall, at: datetime | None) -> Settlement:
    """The settlement of the form; raises InvalidRequest. Only fields of its outcome count."""
    name = call.text("outcome")
    if name not in ASKED or name not in {item.value for item in Outcome}:
        raise _wrong("outcome", "it is missing")
    shown = ASKED[name].fields
    given: dict[str, Any] = {
        field: call.text(field)[:MAX_WORDS] or None
        for field in ("reason", "note", "offered")
        if field in shown or field == "note"
    }
    given = {field: value for field, value in given.items() if value is not None}
    if "until" in shown and at is not None:
        given["until"] = at
    if "amount" in shown and call.text("amount"):
        given["amount"] = _sum(call)
    for field, choices in (("buyer", Buyer), ("selection", Selection)):
        value = call.text(field)
        if field in shown and value in {item.value for item in choices}:
            given[field] = choices(value)
    return Settlement(Outcome(name), **given)


def _sum(call: PageCall) -> Decimal:
    amount = read_sum(call.text("amount"))
    if amount is None:
        raise _wrong("amount", "it is no sum")
    if not 0 < amount < MAX_SUM:
        raise _wrong("amount", "it is out of bounds")
    return amount.quantize(CENT)


def _wrong(field: str, reason: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(field, reason, "")])


def words_of_mistakes(call: PageCall, error: InvalidRequest) -> dict[str, str]:
    """The mistakes by field, in words."""
    return {item.field: _in_words(call, item) for item in error.mistakes}


def _in_words(call: PageCall, item: FieldMistake) -> str:
    say = translator(call.reader.language)
    if item.field == "outcome":
        is_paid = "paid" in item.reason
        return say("It is paid already: choose “Sold”.") if is_paid else say("Choose an outcome.")
    if item.field == "amount":
        missing = "needs" in item.reason
        return say("Give the sum.") if missing else say("Give a sum like 8500 or 8500.50.")
    if item.field == "until":
        return _in_words_of_time(call, item)
    if item.field.startswith("show."):
        return say("The show team needs it.")
    fixed = {
        "reason": say("Say why."),
        "note": say("Say what was done: colleagues see it."),
        "phone": say("A telephone number is missing: write it into the note."),
        "number": say("Give a telephone number or a name."),
        "buyer": say("Choose for whom."),
        "selection": say("Say who chose the parts."),
        "operator": say("Choose to whom."),
        "skill": say("Nobody with this skill can take it now."),
        "queue": say("This queue cannot take it. Choose another one."),
        "signals": say("Choose some of the messages, not all."),
        "offered": say("Leave the offer out."),
    }
    return fixed.get(item.field, f"{item.field}: {item.reason}")


def _in_words_of_time(call: PageCall, item: FieldMistake) -> str:
    say = translator(call.reader.language)
    if item.reason == "closed":
        return say("The shop is closed then. Choose another time, or tick the box below it.")
    if "past" in item.reason:
        return say("That time is past.")
    if "far" in item.reason:
        return say("That is too far away.")
    return say("Say when: a date and a time.")

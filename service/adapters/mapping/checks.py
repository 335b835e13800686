"""Checks that the parts of a mapping fit each other, which its schema cannot express."""

from collections.abc import Iterator
from enum import StrEnum

from service.adapters.inbound_event import CallPhase
from service.adapters.mapping.document import EventPart, MappingDocument, What
from service.adapters.mapping.fields import Value
from service.leads.errors import FieldMistake
from service.leads.lead import Channel, Intent, Kind

OF_CLIENTS = frozenset(
    {"name", "phone", "country", "email", "customer_id", "messengers", "attributes"}
)
OF_CALLS = OF_CLIENTS | {"id", "phase", "at", "began", "order", "extension"}
OF_LEAVING = frozenset({"messenger", "client", "at"})
OF_WORDS = OF_CLIENTS | {"id", "channel", "kind", "at", "text", "items", "budget", "currency"}
OF_ANSWERS = frozenset({"at", "extension", "phone", "email", "customer_id", "messengers"})
OF_DELETIONS = frozenset({"id", "at", "messengers"})
OF_WORDS |= {"needed_by", "vin", "intent", "paid", "taken_by"}
KNOWN: dict[What, frozenset[str]] = {
    "word": OF_WORDS,
    "addition": OF_WORDS,
    "correction": OF_WORDS,
    "edit": OF_WORDS,
    "deletion": OF_DELETIONS,
    "answer": OF_ANSWERS,
    "call": OF_CALLS,
    "call_news": OF_CALLS,
    "left": OF_LEAVING,
    "nothing": frozenset(),
}
NEEDED: dict[What, tuple[str, ...]] = {
    "word": ("channel",),
    "addition": ("channel",),
    "correction": ("id", "channel"),
    "edit": ("id", "channel"),
    "deletion": ("id",),
    "answer": (),
    "call": ("id", "phase"),
    "call_news": ("id", "phase"),
    "left": ("messenger", "client"),
    "nothing": (),
}
CHOICES: dict[str, type[StrEnum]] = {
    "channel": Channel,
    "kind": Kind,
    "intent": Intent,
    "phase": CallPhase,
}


def check_whole(mapping: MappingDocument) -> list[FieldMistake]:
    """Every mistake that shows only when the parts of a mapping are compared."""
    found = [
        item
        for number, event in enumerate(mapping.events)
        for item in _of_event(event, f"events.{number}")
    ]
    return [*found, *_never_reached(mapping.events)]


def _of_event(event: EventPart, place: str) -> Iterator[FieldMistake]:
    given = event.lead.model_fields_set
    for name in sorted(given - KNOWN[event.what]):
        remedy = f"Leave it out; it may have: {', '.join(sorted(KNOWN[event.what])) or 'nothing'}."
        yield FieldMistake(f"{place}.lead.{name}", f"`{event.what}` has no such field", remedy)
    for name in ("reason", "name"):
        if event.what != "nothing" and getattr(event, name) is not None:
            remedy = "Leave it out, or say `what: nothing`."
            yield FieldMistake(f"{place}.{name}", "only `nothing` has it", remedy)
    for name in NEEDED[event.what]:
        if name not in given:
            reason, remedy = f"`{event.what}` needs it", "Say where its value comes from."
            yield FieldMistake(f"{place}.lead.{name}", reason, remedy)
    for name, choices in CHOICES.items():
        if (value := getattr(event.lead, name)) is not None:
            yield from _of_choice(value, choices, f"{place}.lead.{name}")


def _of_choice(value: Value, choices: type[StrEnum], place: str) -> Iterator[FieldMistake]:
    outcomes = _outcomes(value)
    existing = ", ".join(choices)
    if outcomes is None:
        remedy = f"Give a constant, or a lookup from the sender's words to: {existing}."
        yield FieldMistake(place, "the sender's own words are none of ours", remedy)
    elif outcomes - set(choices):
        yield FieldMistake(place, "it can become what is not known", f"One of: {existing}.")


def _outcomes(value: Value) -> set[str] | None:
    """All texts that a value can become; None when they are unlimited."""
    found: set[str] | None
    if value.lookup is not None:
        found = set(value.lookup.values())
    elif value.before is not None or value.after is not None:
        found = None
    elif value.constant is not None:
        found = {value.constant}
    else:
        several = [_outcomes(item) for item in value.first or ()]
        closed = [item for item in several if item is not None]
        found = set().union(*closed) if several and len(closed) == len(several) else None
    if found is None or value.default is None:
        return found
    return found | {value.default}


def _never_reached(events: list[EventPart]) -> Iterator[FieldMistake]:
    closed: set[str] = set()
    for number, event in enumerate(events):
        if str(event.each) in closed:
            reason, remedy = "it is never reached", "Put it before the event that has no `when`."
            yield FieldMistake(f"events.{number}", reason, remedy)
        elif event.when is None:
            closed.add(str(event.each))

"""The fields of an inbound event as lines for people."""

from collections.abc import Iterator, Sequence

from service.adapters.inbound_event import (
    CallUpdate,
    ClientMessage,
    ConversationEnded,
    InboundEvent,
    OwnAnswer,
)
from service.adapters.mapping.fields import ValuePart
from service.adapters.mapping.hearing import MappedEvent
from service.adapters.mapping.values import origin_of, time_of
from service.leads.customer import Customer
from service.leads.lead import Signal


def shown(value: object) -> str:
    """A value on one line, without characters that control a terminal."""
    return "".join(item if item.isprintable() else "␣" for item in str(value))


def field_lines(event: MappedEvent, inbound: InboundEvent) -> Iterator[str]:
    """Every field that is set, with its value and its place in the request."""
    rows = [(name, shown(value)) for name, value in _fields(inbound) if value not in (None, "")]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        origin = _origin(event, name)
        yield f"  {name:<{width}}  {value}" + (f"  ← {origin}" if origin else "")


def _fields(inbound: InboundEvent) -> Iterator[tuple[str, object]]:
    if isinstance(inbound, ConversationEnded):
        yield from (
            ("messenger", inbound.messenger),
            ("client", inbound.client),
            ("at", inbound.at),
        )
    if isinstance(inbound, CallUpdate):
        yield from (("phase", inbound.phase), ("at", inbound.at), ("order", inbound.order))
        yield "extension", inbound.extension
    if isinstance(inbound, OwnAnswer):
        yield from (("at", inbound.at), ("extension", inbound.extension))
        yield from _fields_of_customer(inbound.customer)
    if isinstance(inbound, ClientMessage):
        yield "taken_by", inbound.taken_by
    if isinstance(inbound, ClientMessage | CallUpdate):
        yield from _fields_of_signal(inbound.signal)


def _fields_of_customer(customer: Customer) -> Iterator[tuple[str, object]]:
    yield from (("name", customer.name), ("phone", customer.phone), ("email", customer.email))
    yield "customer_id", customer.external_id
    yield from (
        (f"messengers.{name}", messenger) for name, messenger in (customer.messengers or {}).items()
    )


def _fields_of_signal(signal: Signal) -> Iterator[tuple[str, object]]:
    yield from (("id", signal.external_id), ("channel", signal.channel), ("kind", signal.kind))
    yield "received_at", signal.received_at
    if signal.customer is not None:
        yield from _fields_of_customer(signal.customer)
    yield from (("text", signal.text), ("vin", signal.vin), ("budget", signal.budget))
    for number, item in enumerate(signal.items):
        price = "" if item.price is None else f" at {item.price}"
        yield f"items.{number}", f"{item.quantity:f} × {item.name}{price}"
    yield from (("needed_by", signal.needed_by), ("intent", signal.intent))
    yield "paid", "yes" if signal.paid else None
    yield from (
        (f"attributes.{name}", attribute) for name, attribute in (signal.attributes or {}).items()
    )


def _origin(event: MappedEvent, name: str) -> str:
    lead, (group, _, inner) = event.sort.lead, name.partition(".")
    if group == "items":
        return str(lead.items.each) if lead.items else ""
    if group in ("at", "received_at"):
        return _origin_of_time(
            event, (lead.began, lead.at) if group == "received_at" else (lead.at,)
        )
    found = getattr(lead, group, None)
    value = found.get(inner) if isinstance(found, dict) else found
    return "" if value is None else origin_of(value, event.scene, event.source)


def _origin_of_time(event: MappedEvent, values: Sequence[ValuePart | None]) -> str:
    """The place of a time in the request; empty when it is the time of receipt."""
    for value in values:
        if value is not None and time_of(value, event.scene, event.source) is not None:
            return origin_of(value, event.scene, event.source)
    return ""

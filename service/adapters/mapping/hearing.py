"""Reads a request by its mapping: first the sort of event, then its fields."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from service.adapters import normalise
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored, read_each
from service.adapters.inbound_event import (
    CallPhase,
    ClientMessage,
    ConversationEnded,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.mapping.document import EventPart, ItemsPart, MappingDocument
from service.adapters.mapping.fields import Value
from service.adapters.mapping.paths import Path, Scene, find_all
from service.adapters.mapping.scenes import scene_of
from service.adapters.mapping.values import contact_field, contact_values, holds, text_of, time_of
from service.adapters.normalise import ContactPhones, contact_phones
from service.adapters.own_answers import own_answer
from service.adapters.payload import Attributes, facts
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update, town_number
from service.adapters.telephony.extensions import is_of_ours
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Intent, Item, Kind, Signal

MAX_EVENTS = 500
MAX_ITEMS = 200
ORDER = re.compile("[0-9]{1,15}")
VIN_LENGTHS = range(5, 33)
PAID = frozenset({"true", "yes", "да", "1", "paid"})


@dataclass(frozen=True, slots=True)
class MappedEvent:
    """One event of a request, and its sort, by its number in the mapping."""

    number: int
    sort: EventPart
    scene: Scene
    delivery: Delivery
    source: Source
    place: int

    def text(self, value: Value | None) -> str | None:
        """The text of a value in this event."""
        return text_of(value, self.scene, self.source)

    def needed(self, name: str) -> str:
        """The text of a required field; raises Unreadable when it is missing."""
        if found := self.text(getattr(self.sort.lead, name)):
            return found
        raise Unreadable(f"Event {self.number + 1} of the mapping finds nothing for `{name}`.")

    def needed_id(self, name: str) -> str:
        """The text of a required id; raises Unreadable when it is missing or too long."""
        if found := normalise.identifier(self.needed(name)):
            return found
        raise Unreadable(
            f"What stands for `{name}` is longer than {normalise.MAX_NAME} characters."
        )


def handle(mapping: MappingDocument, delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    """All events of a request, in the order of the mapping; raises Unreadable."""
    events = list(events_of(mapping, delivery, source))
    if not events and mapping.otherwise == "unreadable":
        raise Unreadable("No event of the mapping fits this request.")
    if not events:
        return ignored(IgnoredReason.MAPPING, "no event fits")
    return read_each(events, lambda event: [events_of_payload(event)])


def events_of(
    mapping: MappingDocument, delivery: Delivery, source: Source
) -> Iterator[MappedEvent]:
    """The events of a request that fit a sort; raises Unreadable."""
    whole, places = scene_of(mapping.body, delivery), count()
    for each in dict.fromkeys(sort.each for sort in mapping.events):
        sorts = [(at, sort) for at, sort in enumerate(mapping.events) if sort.each == each]
        for scene in _scenes(whole, each):
            place = next(places)
            fitting = next((item for item in sorts if holds(item[1].when, scene)), None)
            if fitting is not None:
                yield MappedEvent(*fitting, scene, delivery, source, place)


def events_of_payload(event: MappedEvent) -> InboundEvent:
    """The inbound event of one event; raises Unreadable when a required field is missing."""
    lead = event.sort.lead
    match event.sort.what:
        case "call" | "call_news":
            return _call(event, opens=event.sort.what == "call")
        case "nothing":
            name = event.text(event.sort.name)
            return ignored(event.sort.reason or IgnoredReason.MAPPING, name)[0]
        case "left":
            at = time_of(lead.at, event.scene, event.source) or event.delivery.received_at
            return ConversationEnded(event.needed_id("messenger"), event.needed_id("client"), at)
        case "answer":
            at = time_of(lead.at, event.scene, event.source) or event.delivery.received_at
            return own_answer(_customer(event), at, event.text(lead.extension))[0]
        case "edit":
            signal = _signal(event, Channel(event.needed("channel")))
            return MessageEdited(signal, words_only=True)
        case "deletion":
            return MessageDeleted(_signal(event, Channel.SITE_CHAT))
        case what:
            opens, corrects = what != "addition", what == "correction"
            signal = _signal(event, Channel(event.needed("channel")))
            return ClientMessage(
                signal, opens, corrects, normalise.identifier(event.text(lead.taken_by))
            )


def _scenes(whole: Scene, each: Path | None) -> Iterator[Scene]:
    if each is None:
        yield whole
        return
    found = find_all(each, whole, MAX_EVENTS)
    if len(found) > MAX_EVENTS:
        raise Unreadable(f"There are more than {MAX_EVENTS} events in `{each}`.")
    yield from (whole.of(item) for item in found if item is not None)


def _call(event: MappedEvent, *, opens: bool) -> InboundEvent:
    lead = event.sort.lead
    if any(is_of_ours(number, event.source) for number in _called(event)):
        return ignored(IgnoredReason.INTERNAL_CALL)[0]
    order = event.text(lead.order) or ""
    call = call_update(
        event.source,
        event.delivery,
        _id(event),
        CallPhase(event.needed("phase")),
        customer=_customer(event),
        at=time_of(lead.at, event.scene, event.source),
        began=time_of(lead.began, event.scene, event.source),
        order=int(order) if ORDER.fullmatch(order) else None,
        extension=event.text(lead.extension),
        attributes=_attributes(event),
    )
    return replace(call, opens=opens)


def _signal(event: MappedEvent, channel: Channel) -> Signal:
    lead, kind, intent = event.sort.lead, event.text(event.sort.lead.kind), None
    phones = _phones(event)
    if (words := event.text(lead.intent)) is not None:
        intent = Intent(words)
    vin = event.text(lead.vin)
    return normalise.signal(
        event.source,
        event.delivery,
        channel,
        _id(event),
        at=time_of(lead.at, event.scene, event.source),
        kind=Kind(kind) if kind is not None else None,
        live=channel is Channel.WALK_IN,
        customer=_customer(event, phones),
        text=phones.beside(event.text(lead.text)),
        items=_items(event, lead.items),
        budget=normalise.money(event.text(lead.budget)) or None,  # zero is no budget
        currency=normalise.currency(event.text(lead.currency)),
        needed_by=time_of(lead.needed_by, event.scene, event.source),
        vin=vin.upper() if vin is not None and len(vin) in VIN_LENGTHS else None,
        intent=intent,
        paid=(event.text(lead.paid) or "").lower() in PAID,
        attributes=_attributes(event),
    )


def _id(event: MappedEvent) -> str:
    """The sender's id, else an id that is the same for the same body on the same day (UTC)."""
    if event.sort.lead.id is not None:
        return event.needed_id("id")
    day, place = event.delivery.received_at.date(), event.place
    message = f"{day} {place} {event.delivery.query}\n".encode(errors="replace")
    return "body:" + hashlib.sha256(message + event.delivery.body).hexdigest()[:32]


def _called(event: MappedEvent) -> list[str]:
    """The caller's number, as the sender writes it."""
    phone = event.sort.lead.phone
    plain = None if phone is None else phone.model_copy(update={"as_": None})
    return contact_values(plain, event.scene, event.source)[:1]


def _phones(event: MappedEvent) -> ContactPhones:
    lead, source = event.sort.lead, event.source
    typed = contact_values(contact_field(lead.phone), event.scene, source)
    return contact_phones(*typed, region=source.region, country=event.text(lead.country))


def _customer(event: MappedEvent, phones: ContactPhones | None = None) -> Customer | None:
    """The client. For a call, by the number that the network gave."""
    lead, source = event.sort.lead, event.source
    messengers = {
        name: normalise.identifier(event.text(value)) for name, value in lead.messengers.items()
    }
    called = None
    if phones is None:
        number = normalise.phone(event.text(lead.phone), source.region)
        called = number or next(filter(None, map(town_number, _called(event))), None)
    return normalise.customer(
        typed_name=normalise.name(event.text(lead.name)),
        network_phone=called,
        typed_phone=phones.first if phones is not None else None,
        further_phones=phones.others if phones is not None else (),
        typed_email=normalise.email(event.text(lead.email)),
        messengers=messengers,
        external_id=normalise.identifier(event.text(lead.customer_id)),
    )


def _items(event: MappedEvent, part: ItemsPart | None) -> tuple[Item, ...]:
    if part is None:
        return ()
    scenes = [event.scene.of(entry) for entry in find_all(part.each, event.scene, MAX_ITEMS)]
    items = (_item(part, scene, event.source) for scene in scenes[:MAX_ITEMS])
    return tuple(item for item in items if item is not None)


def _item(part: ItemsPart, scene: Scene, source: Source) -> Item | None:
    name = normalise.name(text_of(part.name, scene, source))
    pieces = text_of(part.quantity, scene, source)
    price = normalise.money(text_of(part.price, scene, source))
    if name is None or normalise.money(pieces) == 0:
        return None
    quantity = normalise.quantity(pieces) if pieces is not None else Decimal(1)
    given = text_of(part.currency, scene, source)
    currency = None if price is None else normalise.currency(given)
    return Item(name, quantity, price, currency)


def _attributes(event: MappedEvent) -> Attributes:
    return facts({name: event.text(value) for name, value in event.sort.lead.attributes.items()})

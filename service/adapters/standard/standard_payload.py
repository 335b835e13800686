"""Our own format: its event types, the shapes of their data, and how they are read.

The data of a lead are those of `POST /v1/leads` without the queue and the source, which the
webhook's source gives. An event never changes the client's card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError

from service.adapters import normalise
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage, InboundEvent
from service.adapters.mail.own_words import own_words
from service.adapters.source import Source
from service.adapters.telephony.call_events import town_number
from service.leads.customer import MAX_PHONES
from service.leads.errors import FieldMistake, Unreadable
from service.leads.lead import Channel, Signal
from service.leads.mistakes import mistakes_of
from service.schemas.customers import Phone
from service.schemas.fields import Id, Moment, Name, Sent
from service.schemas.leads import LeadIn

Model = TypeVar("Model", bound=BaseModel)

MAX_MISTAKES = 10
MAX_FIELD = 100  # of the name of an unknown field
LIVE = (CallPhase.RINGING, CallPhase.ANSWERED)
ORDER = (CallPhase.RINGING, CallPhase.ANSWERED, CallPhase.MISSED, CallPhase.TALKED)


class StandardCallIn(Sent):
    """An update of an incoming call."""

    call: Annotated[Id, Field(max_length=190)] = Field(
        description="the sender's id of the whole call, the same in all its updates"
    )
    phone: Phone | None = Field(description="the caller's number; null when it is hidden")
    at: Moment | None = Field(None, description="when it happened; unset: the event's timestamp")
    extension: Id | None = Field(None, description="the extension that answered")
    line: Id | None = Field(None, description="the number that was called")
    name: Name | None = Field(None, description="the client's name")


class EndedCallIn(StandardCallIn):
    """The end of an incoming call."""

    talked: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = Field(
        description="seconds of talk; 0: nobody answered, the call was missed"
    )


CORRECTED = "lead.order.changed"
SHAPES: Mapping[str, type[Sent]] = {
    "lead.request.created": LeadIn,
    "lead.message.received": LeadIn,
    "lead.order.created": LeadIn,
    CORRECTED: LeadIn,
    "lead.call.ringing": StandardCallIn,
    "lead.call.answered": StandardCallIn,
    "lead.call.missed": StandardCallIn,
    "lead.call.ended": EndedCallIn,
}


@dataclass(frozen=True, slots=True)
class StandardEvent:
    """An event of a known type. Repetitions share its `id`. `place` is where its data are."""

    type: str
    id: str
    at: datetime | None
    data: object
    place: str = "data"


def events_of_payload(event: StandardEvent, delivery: Delivery, source: Source) -> InboundEvent:
    """The inbound event of an event of a known type; raises Unreadable with all wrong fields."""
    sent = checked(SHAPES[event.type], event.data, event.place)
    if isinstance(sent, LeadIn):
        _check_lead(sent, event)
        return _word(sent, event, delivery, source)
    assert isinstance(sent, StandardCallIn)
    return _call(sent, event, delivery, source)


def checked(model: type[Model], value: object, place: str = "") -> Model:
    """The value as a model; raises Unreadable with places in the body."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        mistakes = mistakes_of(error.errors(include_url=False, include_input=False), whole="")
        raise unreadable(mistakes, place) from None


def unreadable(mistakes: Sequence[FieldMistake], place: str = "") -> Unreadable:
    """Unreadable with the first mistakes in words. It contains no values that were sent."""
    reported = [
        f"{'.'.join(part for part in (place, mistake.field[:MAX_FIELD]) if part) or 'body'}: "
        f"{mistake.reason}. {mistake.remedy}"
        for mistake in mistakes[:MAX_MISTAKES]
    ]
    return Unreadable("; ".join(reported))


def _check_lead(sent: LeadIn, event: StandardEvent) -> None:
    mistakes = [
        FieldMistake(name, f"it is the {name} of the source of webhooks", "Leave it out.")
        for name in ("queue", "source")
        if name in sent.model_fields_set
    ]
    if sent.customer is not None and "context" in sent.customer.model_fields_set:
        remedy = "Leave it out, and send it to PUT /v1/customers/{external_id}."
        mistakes.append(FieldMistake("customer.context", "an event changes no card", remedy))
    if event.type == CORRECTED and sent.external_id is None:
        remedy = "Send the one by which the order came first."
        mistakes.append(FieldMistake("external_id", "it is not said which order it is", remedy))
    if mistakes:
        raise unreadable(mistakes, event.place)


def _word(sent: LeadIn, event: StandardEvent, delivery: Delivery, source: Source) -> ClientMessage:
    at = min(sent.received_at or event.at or delivery.received_at, delivery.received_at)
    signal = _with_phones(sent.to_signal(at, source.name), source)
    if (
        signal.channel is Channel.EMAIL and signal.text
    ):  # a mail is read as a mail, whoever sends it
        signal = replace(signal, text=own_words(signal.text) or "[mail]")
    signal = replace(
        signal,
        queue=source.queue,
        received_at=at,
        currency=signal.currency or source.places.currency,
        external_id=sent.external_id or event.id,
    )
    return ClientMessage(signal, corrects=event.type == CORRECTED)


def _with_phones(signal: Signal, source: Source) -> Signal:
    """The client's phone numbers; without a country code they are of the source's region."""
    customer = signal.customer
    if customer is None or customer.phone is None:
        return signal
    phones = normalise.contact_phones(customer.phone, region=source.region, country=None)
    others = tuple(dict.fromkeys((*phones.others, *customer.phones)))[: MAX_PHONES - 1]
    customer = replace(customer, phone=phones.first or customer.phone, phones=others)
    return replace(signal, customer=customer, text=phones.beside(signal.text))


def _call(
    sent: StandardCallIn, event: StandardEvent, delivery: Delivery, source: Source
) -> CallUpdate:
    phase = _phase(sent, event)
    at = min(sent.at or event.at or delivery.received_at, delivery.received_at)
    phone = normalise.phone(sent.phone, source.region) or town_number(sent.phone)
    hidden = {"number": sent.phone} if sent.phone and phone is None else {}
    attributes: dict[str, object] = {**({"line": sent.line} if sent.line else {}), **hidden}
    signal = normalise.signal(
        source,
        delivery,
        Channel.PHONE,
        f"call:{sent.call}",
        at=at,
        live=phase in LIVE,
        customer=normalise.customer(typed_name=sent.name, network_phone=phone),
        attributes=attributes or None,
    )
    answered = phase in (CallPhase.ANSWERED, CallPhase.TALKED)
    extension = sent.extension if answered else None
    return CallUpdate(signal, phase, at, order=ORDER.index(phase), extension=extension)


def _phase(sent: StandardCallIn, event: StandardEvent) -> CallPhase:
    if isinstance(sent, EndedCallIn):
        return CallPhase.TALKED if sent.talked else CallPhase.MISSED
    return CallPhase(event.type.rpartition(".")[2])

"""The events that senders report: messages, calls, edits, and the end of conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.adapters.ignored import Ignored, PutAside
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal


class EventName(StrEnum):
    """The kinds of events in a delivery (DESIGN section 9)."""

    MESSAGE = "message"
    ORDER = "order"
    FORM = "form"
    REGISTRATION = "registration"
    CALL = "call"
    CONVERSATION_ENDED = "conversation_ended"
    EDIT = "edit"
    OWN_ANSWER = "own_answer"
    DELETION = "deletion"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message or an action of a client. It joins their open lead or opens a new one.

    `signal.external_id` is the sender's own id of it; a repeated message is recognised by it. With
    `opens` false (the transcript of a chat) it only adds to an open lead. With `corrects` (a
    changed order) it replaces the earlier signal with the same id, unless that one is newer. If
    there is no earlier signal, it opens a lead when `opens` is true: an order first reported when
    cancelled does not. `taken_by` is the extension or the agent's id of the person who already
    works on it. `missing` names parts that the sender could not give yet. The known parts count,
    and a later event completes them.
    """

    signal: Signal
    opens: bool = True
    corrects: bool = False
    taken_by: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A client edited a message. `signal` is the new message under its own id.

    With `words_only` the sender gives only the new text. An edit that comes before its message
    stands for the message, unless `opens` is false.
    """

    signal: Signal
    words_only: bool = False
    opens: bool = True


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A client deleted a message. `signal` has its id, its client and the time of deletion."""

    signal: Signal


class CallPhase(StrEnum):
    """The phase of a call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    MISSED = "missed"
    TALKED = "talked"


@dataclass(frozen=True, slots=True)
class CallUpdate:
    """An update of an incoming call, of the whole call and not of one leg.

    `signal` is the lead of the call if it is not known yet. Its `external_id` is the sender's id of
    the call. `order` is the sender's sequence number within the call. `extension` is the one that
    answered; only answered and talked calls have it. With `opens` false, the sender does not say
    whether the call was incoming; the update then only applies to a known call.
    """

    signal: Signal
    phase: CallPhase
    at: datetime
    order: int = 0
    extension: str | None = None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    """A client left their conversation. `messenger` and `client` (their id there) identify them."""

    messenger: str
    client: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A person of the shop, not a machine, wrote to a client (A29).

    `customer` has the marks by which the sender knows the client. `extension` is the agent's id at
    the sender. An answered call is a `CallUpdate` instead.
    """

    customer: Customer
    at: datetime
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to the sender's API that must be answered before the delivery can be read.

    The answer to `method` with `parameters` goes to the adapter's `read_lookup`.
    """

    method: str
    parameters: Mapping[str, object]


Handled = (
    ClientMessage | MessageEdited | MessageDeleted | CallUpdate | ConversationEnded | OwnAnswer
)
InboundEvent = Handled | Lookup | Ignored | PutAside

_OF_CHANNEL = {
    Channel.PHONE: EventName.CALL,
    Channel.SITE_ORDER: EventName.ORDER,
    Channel.LANDING_FORM: EventName.FORM,
    Channel.VIN_REQUEST: EventName.FORM,
    Channel.REGISTRATION: EventName.REGISTRATION,
}


def name_of(event: Handled) -> EventName:
    """The name of an event in a delivery's result."""
    if isinstance(event, MessageEdited):
        return EventName.EDIT
    if isinstance(event, MessageDeleted):
        return EventName.DELETION
    if isinstance(event, CallUpdate):
        return EventName.CALL
    if isinstance(event, ConversationEnded):
        return EventName.CONVERSATION_ENDED
    if isinstance(event, OwnAnswer):
        return EventName.OWN_ANSWER
    return _OF_CHANNEL.get(event.signal.channel, EventName.MESSAGE)

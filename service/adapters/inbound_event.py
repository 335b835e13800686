"""What a sender reports: a client's message, how far a call is, that a conversation ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.adapters.ignored import Ignored, PutAside
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal


class EventName(StrEnum):
    """What kind of event a delivery brought (DESIGN section 9)."""

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
    """What a client said or did: it joins their open lead, or opens one.

    `signal.external_id` is the sender's own id of it, by which it is known when it comes again.
    A word that does not open (the transcript of a chat) only adds to an open lead. One that
    `corrects` (an order that was changed) takes the place of what was received under its id before,
    unless that was said later; when nothing was, it opens a lead, if it opens at all: an order that
    was cancelled before it was heard of does not. `taken_by` is the extension or agent's id of who
    works on it at the sender's end already. `missing` names parts that the sender could not tell
    just now: what is known counts, and is completed by a later event.
    """

    signal: Signal
    opens: bool = True
    corrects: bool = False
    taken_by: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A client changed a message: `signal` is the message as it stands now, under its own id.

    With `words_only` the sender tells the new words and nothing else of the message. An edit that
    comes before its message stands for it, unless it is not to open anything.
    """

    signal: Signal
    words_only: bool = False
    opens: bool = True


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A client took a message back: `signal` has its id, and says whose it was and when it went."""

    signal: Signal


class CallPhase(StrEnum):
    """How far a call is."""

    RINGING = "ringing"
    ANSWERED = "answered"
    MISSED = "missed"
    TALKED = "talked"


@dataclass(frozen=True, slots=True)
class CallUpdate:
    """News of an incoming call: of the whole call, not of one leg of it.

    `signal` is the lead that the call is when nothing of it was heard before; its `external_id`
    is the sender's id of the call. `order` is the sender's own sequence within it. `extension`
    is who answered at the sender's end; only answered and talked calls have one. News that does
    not open is only told of a call that was heard of before: its sender does not say by it
    whether the call was an incoming one.
    """

    signal: Signal
    phase: CallPhase
    at: datetime
    order: int = 0
    extension: str | None = None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    """A client left their conversation: `messenger` and their id there say whose it was."""

    messenger: str
    client: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """Somebody of our own side, no machine, wrote to a client (A29).

    `customer` has the marks by which the sender knows them. `extension` is the agent's id there.
    An answered call is a `CallUpdate`.
    """

    customer: Customer
    at: datetime
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What must be asked of the sender's own interface before anything can be read.

    The answer to `method` with `parameters` is given to the adapter's `read_answer`.
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
    """What an event is called in a delivery's result."""
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

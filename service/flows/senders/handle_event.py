"""An event of a sender opens, joins or changes a lead, or says why it does not.

A repeated event counts once: each flow knows it by the sender's own id.
"""

from dataclasses import replace
from uuid import UUID

from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import (
    CallUpdate,
    ClientMessage,
    ConversationEnded,
    Handled,
    MessageDeleted,
    MessageEdited,
    OwnAnswer,
)
from service.adapters.source import Source
from service.flows.claims.report_call_event import report_call_event
from service.flows.leads.correct_signal import correct_signal
from service.flows.leads.edit_signal import delete_signal, edit_signal
from service.flows.leads.receive_signal import IntakeResult, Received, add_signal, receive_signal
from service.flows.senders.drop_if_erased import drop_if_erased
from service.flows.senders.end_conversation import end_conversation, follow_departure
from service.flows.senders.follow_call import follow_call, leave_to_others
from service.flows.senders.note_own_answer import note_own_answer
from service.leads.call import CallEvent, CallNews
from service.leads.errors import ClientErased
from service.leads.lead import Channel, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender, find_duplicate
from service.storage.senders.deleted_messages import (
    is_deleted,
    is_over,
    note_deletion,
    note_over,
)

NOTHING_OPEN = Ignored(IgnoredReason.NOTHING_OPEN)
UNKNOWN_CALL = Ignored(IgnoredReason.UNKNOWN_CALL)
NOTHING_TO_CHANGE = Ignored(IgnoredReason.NOTHING_TO_CHANGE)
OVER = Ignored(IgnoredReason.OVER)
DELETED_BEFORE = Ignored(IgnoredReason.DELETED_BEFORE)
ERASED = Ignored(IgnoredReason.ERASED)


async def handle(resources: Resources, source: Source, inbound: Handled) -> UUID | Ignored | None:
    """Handle one event and return its lead, or why it has none.

    None for a conversation that ended without an open lead, and for a deletion that came before its
    message.
    """
    placed = _in_its_queue(source, inbound)
    try:
        if isinstance(placed, ConversationEnded | MessageDeleted):
            await drop_if_erased(resources, source, placed)
        done = await _handle(resources, source, placed)
        if done in (NOTHING_OPEN, UNKNOWN_CALL, NOTHING_TO_CHANGE):
            await drop_if_erased(resources, source, placed)
        return done
    except ClientErased:
        return ERASED


async def _handle(resources: Resources, source: Source, inbound: Handled) -> UUID | Ignored | None:
    if isinstance(inbound, CallUpdate):
        return await follow_call(resources, source, inbound) or UNKNOWN_CALL
    if isinstance(inbound, ConversationEnded):
        return await end_conversation(resources, source, inbound)
    if isinstance(inbound, OwnAnswer):
        return await note_own_answer(resources, source, inbound) or NOTHING_OPEN
    if isinstance(inbound, MessageDeleted):
        return await _delete(resources, source, inbound)
    if await _was_deleted(resources, source, inbound):
        return DELETED_BEFORE
    if isinstance(inbound, MessageEdited):
        return await _edit(resources, source, inbound)
    return await _receive(resources, source, inbound)


def _in_its_queue(source: Source, inbound: Handled) -> Handled:
    """Put a signal into the queue that the source chooses by the signal's content (B18)."""
    if isinstance(inbound, ConversationEnded | OwnAnswer):
        return inbound
    queue = source.queue_of(inbound.signal)
    return replace(inbound, signal=replace(inbound.signal, queue=queue))


async def _receive(resources: Resources, source: Source, inbound: ClientMessage) -> UUID | Ignored:
    received = await _handle_message(resources, source, inbound)
    if received is None:
        is_order = inbound.signal.channel is Channel.SITE_ORDER
        return OVER if inbound.corrects or is_order else NOTHING_OPEN
    waits = received.lead.state is State.WAITING  # else the operator got it before
    if inbound.taken_by is not None and (waits or received.way is not IntakeResult.REPEATED):
        await _leave_to_who_took_it(resources, source, inbound, received)
    await follow_departure(resources, source, inbound.signal)
    return received.lead.id


async def _edit(resources: Resources, source: Source, inbound: MessageEdited) -> UUID | Ignored:
    signal, sender = inbound.signal, _sender(source)
    if not inbound.opens:
        existing = await find_duplicate(resources.stores.database, signal, sender)
        if existing is None:
            return NOTHING_TO_CHANGE
    edited = await edit_signal(resources, signal, sender, words_only=inbound.words_only)
    return edited.lead.id


async def _delete(resources: Resources, source: Source, inbound: MessageDeleted) -> UUID | None:
    """Delete a message; one that is not there yet is noted as deleted, as it may come later."""
    signal = inbound.signal
    received = await delete_signal(resources, signal, _sender(source))
    if received is not None:
        return received.lead.id
    assert signal.external_id is not None, "adapters name every message"
    async with resources.stores.database.transaction() as connection:
        now = resources.clock.now()
        await note_deletion(connection, source.name, signal.external_id, now)
    return None


async def _was_deleted(
    resources: Resources, source: Source, inbound: ClientMessage | MessageEdited
) -> bool:
    """Whether the message was deleted; only messengers allow that, and they name the author."""
    signal = inbound.signal
    if signal.external_id is None or not (signal.customer and signal.customer.messengers):
        return False
    return await is_deleted(resources.stores.database, source.name, signal.external_id)


async def _handle_message(
    resources: Resources, source: Source, message: ClientMessage
) -> Received | None:
    sender = _sender(source)
    if message.signal.channel is Channel.SITE_ORDER and await _was_over(resources, message):
        return None
    if message.corrects:
        existing = await find_duplicate(resources.stores.database, message.signal, sender)
        if existing is None and not message.opens:
            await _note_over(resources, message)
            return None
        return await correct_signal(resources, message.signal, sender)
    if not message.opens:
        return await add_signal(resources, message.signal, sender)
    return await receive_signal(resources, message.signal, sender)


async def _note_over(resources: Resources, message: ClientMessage) -> None:
    """Note that an order was over before it came: senders keep no order, and it may come later."""
    signal = message.signal
    assert signal.external_id is not None, "what corrects has a name"
    async with resources.stores.database.transaction() as connection:
        await note_over(connection, signal.source, signal.external_id, signal.received_at)


async def _was_over(resources: Resources, message: ClientMessage) -> bool:
    signal = message.signal
    return signal.external_id is not None and await is_over(
        resources.stores.database, signal.source, signal.external_id, signal.received_at
    )


async def _leave_to_who_took_it(
    resources: Resources, source: Source, message: ClientMessage, received: Received
) -> None:
    """Give the lead to the person at the sender's end who already talks with the client."""
    operator = source.operator_of(message.taken_by)
    if operator is None:
        await leave_to_others(resources, received.lead.id, source, message.taken_by)
        return
    news = CallNews(CallEvent.ANSWERED, resources.clock.now(), operator)
    await report_call_event(resources, received.lead.id, news, _sender(source), in_order=True)


def _sender(source: Source) -> Sender:
    return Sender(source.name, may_read=True, owns_source=True)

"""What was heard from a sender becomes a lead, joins one, or changes one.

Whatever is heard twice is heard once: each flow knows it by the sender's own id.
"""

from uuid import UUID

from service.adapters.inbound_event import CallUpdate, ClientMessage, ConversationEnded
from service.adapters.source import Source
from service.flows.claims.report_call_event import report_call_event
from service.flows.leads.correct_signal import correct_signal
from service.flows.leads.receive_signal import IntakeResult, Received, add_signal, receive_signal
from service.flows.senders.end_conversation import end_conversation, follow_departure
from service.flows.senders.follow_call import follow_call, leave_to_others
from service.leads.call import CallEvent, CallNews
from service.leads.lead import State
from service.resources import Resources
from service.storage.leads.duplicates import Sender, find_duplicate


async def handle(
    resources: Resources, source: Source, inbound: ClientMessage | CallUpdate | ConversationEnded
) -> UUID | None:
    """Take in one thing; the lead that it came to, if any."""
    if isinstance(inbound, CallUpdate):
        return await follow_call(resources, source, inbound)
    if isinstance(inbound, ConversationEnded):
        return await end_conversation(resources, source, inbound)
    received = await _handle_message(resources, source, inbound)
    if received is None:
        return None
    waits = received.lead.state is State.WAITING  # else it was left to him before
    if inbound.taken_by is not None and (waits or received.way is not IntakeResult.REPEATED):
        await _leave_to_who_took_it(resources, source, inbound, received)
    await follow_departure(resources, source, inbound.signal)
    return received.lead.id


async def _handle_message(
    resources: Resources, source: Source, word: ClientMessage
) -> Received | None:
    sender = Sender(source.name, may_read=True)
    if word.corrects:
        existing = await find_duplicate(resources.stores.database, word.signal, sender)
        if existing is None and not word.opens:
            return None
        return await correct_signal(resources, word.signal, sender)
    if not word.opens:
        return await add_signal(resources, word.signal, sender)
    return await receive_signal(resources, word.signal, sender)


async def _leave_to_who_took_it(
    resources: Resources, source: Source, word: ClientMessage, received: Received
) -> None:
    """Somebody at the sender's end talks with the client already."""
    operator = source.operator_of(word.taken_by)
    if operator is None:
        await leave_to_others(resources, received.lead.id, source, word.taken_by)
        return
    news = CallNews(CallEvent.ANSWERED, resources.clock.now(), operator)
    sender = Sender(source.name, may_read=True)
    await report_call_event(resources, received.lead.id, news, sender, in_order=True)

"""What was heard from a sender becomes a lead, joins one, or changes one.

Whatever is heard twice is heard once: each flow knows it by the sender's own id.
"""

from uuid import UUID

from service.adapters.inbound_event import CallHeard, Left, Word
from service.adapters.source import Source
from service.flows.claims.report_call_event import hear_of_call
from service.flows.leads.correct_signal import correct_signal
from service.flows.leads.receive_signal import Received, Way, add_signal, receive_signal
from service.flows.senders.end_conversation import follow_departure, hear_left
from service.flows.senders.follow_call import hear_telephony, leave_to_others
from service.leads.call import CallEvent, CallNews
from service.leads.lead import State
from service.resources import Resources
from service.storage.leads.duplicates import Sender, find_known


async def hear(resources: Resources, source: Source, heard: Word | CallHeard | Left) -> UUID | None:
    """Take in one thing; the lead that it came to, if any."""
    if isinstance(heard, CallHeard):
        return await hear_telephony(resources, source, heard)
    if isinstance(heard, Left):
        return await hear_left(resources, source, heard)
    received = await _hear_word(resources, source, heard)
    if received is None:
        return None
    waits = received.lead.state is State.WAITING  # else it was left to him before
    if heard.taken_by is not None and (waits or received.way is not Way.REPEATED):
        await _leave_to_who_took_it(resources, source, heard, received)
    await follow_departure(resources, source, heard.signal)
    return received.lead.id


async def _hear_word(resources: Resources, source: Source, word: Word) -> Received | None:
    sender = Sender(source.name, may_read=True)
    if word.corrects:
        known = await find_known(resources.stores.database, word.signal, sender)
        if known is None and not word.opens:
            return None
        return await correct_signal(resources, word.signal, sender)
    if not word.opens:
        return await add_signal(resources, word.signal, sender)
    return await receive_signal(resources, word.signal, sender)


async def _leave_to_who_took_it(
    resources: Resources, source: Source, word: Word, received: Received
) -> None:
    """Somebody at the sender's end talks with the client already."""
    operator = source.operator_of(word.taken_by)
    if operator is None:
        await leave_to_others(resources, received.lead.id, source, word.taken_by)
        return
    news = CallNews(CallEvent.ANSWERED, resources.clock.now(), operator)
    sender = Sender(source.name, may_read=True)
    await hear_of_call(resources, received.lead.id, news, sender, in_order=True)

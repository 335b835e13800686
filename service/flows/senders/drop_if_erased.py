"""Drop and count events of an erased client that open no lead and were written before.

Signals are checked where they are received. This is for the others: an ended conversation, an
answer of our side, a deleted message, the end of an unknown call.
"""

from collections.abc import Iterable
from datetime import datetime

from service.adapters.inbound_event import ConversationEnded, Handled, OwnAnswer
from service.adapters.source import Source
from service.flows.leads.drop_erased import check_not_erased, hashes_of_signal
from service.flows.leads.marks_of_signal import marks_of_customer
from service.flows.senders.end_conversation import messenger_identity
from service.resources import Resources
from service.storage.customers.tombstones import Hashed
from service.storage.leads.duplicates import Sender


async def drop_if_erased(resources: Resources, source: Source, inbound: Handled) -> None:
    """Raise ClientErased for an event of a client who was erased after it was written."""
    await check_not_erased(resources, await _hashes(resources, source, inbound))


async def _hashes(resources: Resources, source: Source, inbound: Handled) -> tuple[Hashed, ...]:
    if isinstance(inbound, ConversationEnded):
        identity = messenger_identity(inbound.messenger, inbound.client)
        return _at(resources, [identity], inbound.at)
    basis = await resources.stores.bases.of(source.queue)
    if isinstance(inbound, OwnAnswer):
        marks = marks_of_customer(inbound.customer, basis)
        return _at(resources, [mark.identity for mark in marks], inbound.at)
    marks = marks_of_customer(inbound.signal.customer, basis)
    return hashes_of_signal(resources, inbound.signal, Sender(source.name), marks)


def _at(resources: Resources, identities: Iterable[str], at: datetime) -> tuple[Hashed, ...]:
    known_as = resources.fingerprints.known_as
    return tuple(Hashed(digest, at) for text in identities for digest in known_as(text))

"""What a sender delivered is read: what a client said by it becomes a lead, or joins one.

A delivery is taken for a moment, read by its adapter, and heard; then it is written down what
became of it. Whoever dies in between leaves it to the next after the moment is over; what kills
reader after reader is read by itself, and in the end by nobody. Hearing
knows by the sender's own ids what it heard before, so reading twice is reading once. Of what is
taken together, what one client said, and what happened to one call, is heard in the order in which
it came; clients are heard beside each other. What failed, and what another process took, comes
later: hearing knows what is older than what it heard.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from service.adapters.ignored import Ignored, PutAside
from service.adapters.inbound_event import (
    CallUpdate,
    ConversationEnded,
    InboundEvent,
    Lookup,
    OwnAnswer,
)
from service.adapters.registry import ADAPTERS
from service.flows.senders.finish_delivery import end_handled, end_in_failure, end_unread
from service.flows.senders.handle_delivery import handle_delivery
from service.flows.senders.open_source import source_to_read
from service.flows.senders.reading import ReadDelivery
from service.leads.errors import StorageUnavailable
from service.resources import Resources
from service.storage.senders.deliveries import Taken, take_due, take_suspected
from service.storage.senders.sealed_requests import open_request
from service.tracing.spans import TRACEPARENT, span

BATCH = 32
LEASE = timedelta(seconds=15)  # reading again what is being read still changes nothing
LEASE_TO_ASK = timedelta(seconds=90)  # a sender is asked three times at most, 20 s each


def asking_adapters() -> list[str]:
    """The adapters whose senders have to be asked what happened: they may take long to answer."""
    return [name for name, item in ADAPTERS.items() if item.read_lookup is not None]


async def read_deliveries(resources: Resources, name: str) -> int:
    """Read what is due of one source, the oldest first; how many deliveries."""
    count, (batch, lease) = 0, await _batch_of(resources, name)
    database = resources.stores.database
    while True:
        taken = await take_due(database, name, resources.clock.now(), lease, batch)
        await _read_batch(resources, taken)
        count += len(taken)
        if len(taken) < batch:
            break
    while taken := await take_suspected(database, name, resources.clock.now(), lease):
        if not await end_unread(resources, taken[0]):
            await _read_batch(resources, taken)
        count += 1
    return count


async def _batch_of(resources: Resources, name: str) -> tuple[int, timedelta]:
    """How many are taken at once, and for how long: one where its sender may have to be asked."""
    stored = await resources.stores.sources.find(name)
    asks = stored is not None and stored.spec.adapter in asking_adapters()
    return (1, LEASE_TO_ASK) if asks else (BATCH, LEASE)


async def _read_batch(resources: Resources, batch: Sequence[Taken]) -> None:
    """Read deliveries; what one of them meets must not keep the others from being heard."""
    readings = [one for taken in batch if (one := await _read(resources, taken)) is not None]
    hearing = (_handle_in_order(resources, chain) for chain in _in_chains(readings))
    ended = await asyncio.gather(*hearing, return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure


async def _read(resources: Resources, taken: Taken) -> ReadDelivery | None:
    """One delivery, read; None when it could not be, and that is written down."""
    try:
        stored = await resources.stores.sources.find(taken.source)
        if stored is None:
            raise StorageUnavailable("The source is new, and known to others only.")
        source = await source_to_read(resources, stored)
        delivery = await open_request(
            resources.sealer, taken.request, received_at=taken.received_at
        )
        own = (await resources.stores.bases.of(source.queue)).policy.own_marks
        source = replace(source, own_marks=source.own_marks | own)
        inbound = ADAPTERS[source.adapter].read(delivery, source)
    except Exception as error:  # a mistake of ours with one delivery must not stop the others
        await end_in_failure(resources, taken, error)
        return None
    return ReadDelivery(taken, source, delivery, inbound)


def _in_chains(readings: Sequence[ReadDelivery]) -> list[list[ReadDelivery]]:
    """Readings that are of one client or call together, each chain in the order of its coming."""
    chains: dict[str, list[ReadDelivery]] = {}
    for reading in readings:
        existing = {id(chain): chain for item in _whose(reading) if (chain := chains.get(item))}
        chain = sorted(sum(existing.values(), [reading]), key=lambda item: item.taken.id)
        chains.update({name: chain for item in chain for name in _whose(item)})
    return list({id(chain): chain for chain in chains.values()}.values())


def _whose(reading: ReadDelivery) -> list[str]:
    """Names of the clients and calls that it is about; its own where nobody is named."""
    names = [name for inbound in reading.inbound for name in _names(inbound)]
    return names or [str(reading.taken.id)]


def _names(inbound: InboundEvent) -> list[str]:
    if isinstance(inbound, Lookup | Ignored | PutAside):
        return []
    if isinstance(inbound, ConversationEnded):
        return [f"{inbound.messenger}:{inbound.client}"]
    requested = inbound.customer if isinstance(inbound, OwnAnswer) else inbound.signal.customer
    names = [f"call:{inbound.signal.external_id}"] if isinstance(inbound, CallUpdate) else []
    if requested is not None:
        names += [
            item for item in (requested.external_id, requested.phone, requested.email) if item
        ]
        names += [f"{name}:{client}" for name, client in (requested.messengers or {}).items()]
    return names


async def _handle_in_order(resources: Resources, chain: Sequence[ReadDelivery]) -> None:
    for reading in chain:
        TRACEPARENT.set(reading.taken.traceparent)
        try:
            with span("delivery.read") as recorded:
                recorded.set("nextlead.source", reading.taken.source)
                recorded.set("nextlead.delivery_id", str(reading.taken.id))
                handled = await handle_delivery(resources, reading)
        except Exception as error:  # as above
            await end_in_failure(resources, reading.taken, error)
        else:
            await end_handled(resources, reading.taken, handled)

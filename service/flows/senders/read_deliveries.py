"""Read deliveries: what a client said in one opens a lead or joins one.

A delivery is taken for a moment, read by its adapter and handled; then its result is stored. If a
process dies in between, another takes it when the moment is over. A delivery that kills its readers
is read alone, and in the end no longer read. Handling knows the sender's own ids, so a second
reading has no effect.

In one batch, events of one client or one call are handled in their order; different clients are
handled at the same time. Deliveries that failed or that another process took come later, and
handling knows what is older.
"""

import asyncio
from collections.abc import Sequence
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
LEASE = timedelta(seconds=15)  # reading the same delivery twice changes nothing
LEASE_TO_ASK = timedelta(seconds=90)  # a sender is asked three times at most, 20 s each


def asking_adapters() -> list[str]:
    """The adapters that must ask their senders for details; these may answer slowly."""
    return [name for name, item in ADAPTERS.items() if item.read_lookup is not None]


async def read_deliveries(resources: Resources, name: str) -> int:
    """Read the due deliveries of one source, oldest first; return how many."""
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
    """How many deliveries are taken at once, and for how long; one if its sender may be asked."""
    stored = await resources.stores.sources.find(name)
    asks = stored is not None and stored.spec.adapter in asking_adapters()
    return (1, LEASE_TO_ASK) if asks else (BATCH, LEASE)


async def _read_batch(resources: Resources, batch: Sequence[Taken]) -> None:
    """Read a batch of deliveries; a failure of one does not stop the others."""
    readings = [one for taken in batch if (one := await _read(resources, taken)) is not None]
    hearing = (_handle_in_order(resources, chain) for chain in _in_chains(readings))
    ended = await asyncio.gather(*hearing, return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure


async def _read(resources: Resources, taken: Taken) -> ReadDelivery | None:
    """Read one delivery; None when it failed, and the failure is stored."""
    try:
        stored = await resources.stores.sources.find(taken.source)
        if stored is None:
            raise StorageUnavailable("The source is new, and known to others only.")
        source = await source_to_read(resources, stored)
        delivery = await open_request(
            resources.sealer, taken.request, received_at=taken.received_at
        )
        inbound = ADAPTERS[source.adapter].read(delivery, source)
    except Exception as error:  # an internal error in one delivery must not stop the others
        await end_in_failure(resources, taken, error)
        return None
    return ReadDelivery(taken, source, delivery, inbound)


def _in_chains(readings: Sequence[ReadDelivery]) -> list[list[ReadDelivery]]:
    """Readings of the same client or call together, each chain in order of arrival."""
    chains: dict[str, list[ReadDelivery]] = {}
    for reading in readings:
        existing = {id(chain): chain for item in _whose(reading) if (chain := chains.get(item))}
        chain = sorted(sum(existing.values(), [reading]), key=lambda item: item.taken.id)
        chains.update({name: chain for item in chain for name in _whose(item)})
    return list({id(chain): chain for chain in chains.values()}.values())


def _whose(reading: ReadDelivery) -> list[str]:
    """Names of the clients and calls in a delivery; its own id if it names none."""
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

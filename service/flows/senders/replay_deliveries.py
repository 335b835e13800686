"""Read deliveries again, after a mapping or a setting was corrected."""

from uuid import UUID

import structlog

from service.leads.errors import ClientErased, SourceNotFound
from service.resources import Resources
from service.storage.senders.deliveries import (
    StoredDelivery,
    find_delivery,
    let_quarantined_read_again,
    let_read_again,
)
from service.storage.senders.sources import find_source

log = structlog.get_logger()

MOST = 10_000


async def replay_delivery(resources: Resources, delivery_id: UUID, author: str) -> StoredDelivery:
    """Let one delivery be read again, whatever its state is.

    Raises DeliveryNotFound, and ClientErased when its content was erased. Events that were handled
    before are known by the sender's ids and have no second effect.
    """
    async with resources.stores.database.transaction() as connection:
        before, _ = await find_delivery(connection, delivery_id, to_change=True)
        if before.is_erased:
            raise ClientErased("What it said was erased with its client; nothing can be read.")
        await let_read_again(connection, before, resources.clock.now())
        fresh, _ = await find_delivery(connection, delivery_id)
    resources.stores.inbox.news.set()
    log.info("delivery.replayed", delivery_id=str(delivery_id), by=author)
    return fresh


async def replay_source(resources: Resources, name: str, author: str) -> int:
    """Let a source's quarantined deliveries be read again, at most 10 000; return how many.

    Raises SourceNotFound.
    """
    async with resources.stores.database.transaction() as connection:
        if await find_source(connection, name) is None:
            raise SourceNotFound(f"No source is called `{name}`.")
        count = await let_quarantined_read_again(connection, name, resources.clock.now(), MOST)
    resources.stores.inbox.news.set()
    log.info("source.replayed", source=name, deliveries=count, by=author)
    return count

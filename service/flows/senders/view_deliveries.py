"""Show deliveries and their states; show one with its request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus
from uuid import UUID

from service.adapters.delivery import Delivery
from service.flows.senders.open_source import open_source
from service.resources import Resources
from service.storage.senders.deliveries import (
    DeliveryFilter,
    StoredDelivery,
    find_delivery,
    list_deliveries,
)
from service.storage.senders.sealed_requests import open_request
from service.storage.senders.sources import find_source

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class OpenedDelivery:
    """A delivery and its request, in which the source's secrets are hidden."""

    stored: StoredDelivery
    request: Delivery


async def view_deliveries(
    resources: Resources, wanted: DeliveryFilter, limit: int
) -> Sequence[StoredDelivery]:
    """Deliveries, newest first."""
    async with resources.stores.database.transaction() as connection:
        return await list_deliveries(connection, wanted, limit)


async def view_delivery(resources: Resources, delivery_id: UUID) -> OpenedDelivery:
    """One delivery with its request; raises DeliveryNotFound and SecretLost.

    The request of an erased delivery is empty.
    """
    async with resources.stores.database.transaction() as connection:
        stored, sealed = await find_delivery(connection, delivery_id)
        source = await find_source(connection, stored.source)
    if stored.is_erased:
        return OpenedDelivery(stored, Delivery("", b"", stored.received_at))
    request = await open_request(resources.sealer, sealed, received_at=stored.received_at)
    if source is None:
        return OpenedDelivery(stored, request)
    existing = open_source(resources, source).secrets.values()
    return OpenedDelivery(
        stored, _hiding(request, [value for values in existing for value in values])
    )


def _hiding(request: Delivery, secrets: Iterable[str]) -> Delivery:
    """The request with these texts hidden, both plain and as written in forms and URLs."""
    body, query = request.body, request.query
    for secret in sorted(secrets, key=len, reverse=True):
        for written in {secret, quote(secret, safe=""), quote_plus(secret)}:
            body = body.replace(written.encode(), HIDDEN.encode())
            query = query.replace(written, HIDDEN)
    return replace(request, body=body, query=query)

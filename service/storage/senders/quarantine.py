"""Why deliveries are in quarantine, counted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from service.storage.database import Connection
from service.storage.senders.deliveries import DeliveryState
from service.storage.senders.delivery_tables import deliveries

NEWEST, MAX_REASONS = 1000, 3


async def quarantine_reasons(connection: Connection) -> Mapping[str, Sequence[tuple[str, int]]]:
    """The most frequent reasons of the newest 1 000 deliveries in quarantine, by source."""
    newest = (
        select(deliveries.c.source, deliveries.c.reason)
        .where(deliveries.c.state == DeliveryState.QUARANTINED, deliveries.c.reason.is_not(None))
        .order_by(deliveries.c.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    count = func.count().label("n")
    counted = select(newest.c.source, newest.c.reason, count).group_by(
        newest.c.source, newest.c.reason
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for row in await connection.execute(counted.order_by(count.desc(), newest.c.reason)):
        reasons = found.setdefault(row.source, [])
        if len(reasons) < MAX_REASONS:
            reasons.append((row.reason, row.n))
    return found

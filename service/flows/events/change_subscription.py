"""Add, change and remove subscriptions, and rotate their secrets. Writes Postgres only."""

from collections.abc import Sequence
from datetime import timedelta
from difflib import get_close_matches

import structlog

from service.flows.events.send_events import new_subscription_secret
from service.leads.errors import FieldMistake, InvalidRequest, QueueNotFound
from service.leads.outgoing_event import EVENT_TYPES, unknown_types
from service.resources import Resources
from service.storage.events.subscriptions import (
    MOST,
    SubscriptionSpec,
    count_subscriptions,
    delete_subscription,
    put_subscription,
    replace_secret,
)

log = structlog.get_logger()

BOTH_SIGN = timedelta(hours=24)


async def change_subscription(
    resources: Resources, wanted: SubscriptionSpec, author: str
) -> str | None:
    """Add a subscription and return its new secret, or change one, whose secret stays.

    A change ends a pause and enables the subscription again. Pending events are sent once it is
    active. Raises InvalidRequest for an address that events cannot be sent to, for an unknown queue
    or event type, and for one subscription too many. Raises SecretKeyMissing.
    """
    resources.outside.check(wanted.url)
    _check_types(wanted.types)
    await _check_queue(resources, wanted.queue)
    secret, now = new_subscription_secret(), resources.clock.now()
    sealed = resources.sealer.seal(secret)
    async with resources.stores.database.transaction() as connection:
        count = await count_subscriptions(connection)
        is_new = await put_subscription(connection, wanted, sealed, now)
        if is_new and count >= MOST:
            raise InvalidRequest([_too_many()])
    log.info("subscription.changed", subscription=wanted.name, by=author, new=is_new)
    return secret if is_new else None


async def rotate_secret(resources: Resources, name: str, author: str) -> str:
    """Give a subscription a new secret and return it; the old one signs too for 24 hours.

    Raises SubscriptionNotFound and SecretKeyMissing.
    """
    secret, now = new_subscription_secret(), resources.clock.now()
    sealed = resources.sealer.seal(secret)
    async with resources.stores.database.transaction() as connection:
        await replace_secret(connection, name, sealed, now, now + BOTH_SIGN)
    log.info("subscription.secret_replaced", subscription=name, by=author)
    return secret


async def remove_subscription(resources: Resources, name: str, author: str) -> None:
    """Remove a subscription with its pending events; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await delete_subscription(connection, name)
    log.info("subscription.removed", subscription=name, by=author)


def _check_types(types: Sequence[str]) -> None:
    unknown = unknown_types(types)
    if unknown:
        close = get_close_matches(unknown[0], EVENT_TYPES, n=1)
        remedy = f"Did you mean `{close[0]}`?" if close else f"One of: {', '.join(EVENT_TYPES)}."
        raise InvalidRequest([FieldMistake("types", f"no event is a `{unknown[0]}`", remedy)])


async def _check_queue(resources: Resources, name: str | None) -> None:
    if name is None:
        return
    try:
        await resources.stores.directory.queue(name)
    except QueueNotFound as error:
        remedy = "Name a queue of GET /v1/queues, or none for all."
        raise InvalidRequest([FieldMistake("queue", str(error).rstrip("."), remedy)]) from None


def _too_many() -> FieldMistake:
    return FieldMistake("subscription", f"there are {MOST} already", "Delete one of them first.")

"""Who is told of events is changed: added, changed, removed, given a new secret. Postgres only."""

from dataclasses import dataclass
from datetime import timedelta

from service.flows.send_events import new_subscription_secret
from service.leads.errors import FieldMistake, InvalidRequest
from service.resources import Resources
from service.storage.subscriptions import (
    MOST,
    Subscription,
    Wanted,
    count_subscriptions,
    delete_subscription,
    find_subscription,
    put_subscription,
    replace_secret,
)

BOTH_SIGN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Changed:
    """A subscription as it stands now; the secret when it is new, shown this once."""

    subscription: Subscription
    secret: str | None


async def change_subscription(resources: Resources, wanted: Wanted) -> Changed:
    """Add a subscription with a fresh secret, or change one, whose secret stays.

    Being changed, it begins afresh: it is neither paused nor disabled. What was left pending is
    sent when it is active again. Raises InvalidRequest for an address that nothing can be sent to,
    and for one subscription too many; QueueNotFound, and SecretKeyMissing.
    """
    resources.outside.check(wanted.url)
    if wanted.queue is not None:
        await resources.stores.directory.queue(wanted.queue)
    secret, now = new_subscription_secret(), resources.clock.now()
    sealed = resources.sealer.seal(secret)
    async with resources.stores.database.transaction() as connection:
        count = await count_subscriptions(connection)
        is_new = await put_subscription(connection, wanted, sealed, now)
        if is_new and count >= MOST:
            raise InvalidRequest([_too_many()])
        subscription = await find_subscription(connection, wanted.name)
    return Changed(subscription, secret if is_new else None)


async def rotate_secret(resources: Resources, name: str) -> Changed:
    """Give a subscription a fresh secret; for a day the one before signs, too.

    Raises SubscriptionNotFound and SecretKeyMissing.
    """
    secret, now = new_subscription_secret(), resources.clock.now()
    sealed = resources.sealer.seal(secret)
    async with resources.stores.database.transaction() as connection:
        await replace_secret(connection, name, sealed, now, now + BOTH_SIGN)
        return Changed(await find_subscription(connection, name), secret)


async def remove_subscription(resources: Resources, name: str) -> None:
    """Tell somebody nothing any more, not even what was pending; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await delete_subscription(connection, name)


def _too_many() -> FieldMistake:
    return FieldMistake("subscription", f"there are {MOST} already", "Delete one of them first.")

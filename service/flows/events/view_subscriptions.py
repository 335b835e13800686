"""Show subscriptions and their deliveries, and send deliveries again."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.resources import Resources
from service.storage.events.event_replay import (
    EventDelivery,
    State,
    find_delivery,
    list_deliveries,
    replay_dead,
    replay_one,
)
from service.storage.events.subscriptions import (
    Backlog,
    Subscription,
    backlog_of,
    find_subscription,
    list_subscriptions,
)

REPLAY_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """A subscription, and its events that are not sent yet."""

    subscription: Subscription
    backlog: Backlog


async def view_subscriptions(resources: Resources) -> list[SubscriptionStatus]:
    """Every subscription, by name."""
    async with resources.stores.database.transaction() as connection:
        found = await list_subscriptions(connection)
        backlog = await backlog_of(connection, [item.wanted.name for item in found])
    return [SubscriptionStatus(item, backlog[item.wanted.name]) for item in found]


async def view_subscription(resources: Resources, name: str) -> SubscriptionStatus:
    """One subscription; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        found = await find_subscription(connection, name)
        return SubscriptionStatus(found, (await backlog_of(connection, [name]))[name])


async def view_deliveries(
    resources: Resources, name: str, state: State, *, before: int, limit: int
) -> Sequence[EventDelivery]:
    """A subscription's deliveries in a state, newest first; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        return await list_deliveries(connection, name, state, before=before, limit=limit)


async def replay_delivery(resources: Resources, name: str, number: int) -> EventDelivery:
    """Send a delivered or failed event again; a pending one is sent anyway.

    Raises SubscriptionNotFound and DeliveryNotFound.
    """
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        await find_delivery(connection, name, number)
        await replay_one(connection, name, number, resources.clock.now())
        return await find_delivery(connection, name, number)


async def replay_given_up(resources: Resources, name: str) -> int:
    """Send the oldest 1 000 failed events again; return how many. Raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        return await replay_dead(connection, name, REPLAY_AT_ONCE, resources.clock.now())

"""Who is told of events, how that goes, and what did not arrive; what was given up goes anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.resources import Resources
from service.storage.events.event_replay import (
    Delivery,
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
class Standing:
    """A subscription, and what of it is yet to be sent."""

    subscription: Subscription
    backlog: Backlog


async def look_at_subscriptions(resources: Resources) -> list[Standing]:
    """Every subscription, by name."""
    async with resources.stores.database.transaction() as connection:
        found = await list_subscriptions(connection)
        backlog = await backlog_of(connection, [one.wanted.name for one in found])
    return [Standing(one, backlog[one.wanted.name]) for one in found]


async def look_at_subscription(resources: Resources, name: str) -> Standing:
    """One subscription; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        found = await find_subscription(connection, name)
        return Standing(found, (await backlog_of(connection, [name]))[name])


async def look_at_deliveries(
    resources: Resources, name: str, state: State, *, before: int, most: int
) -> Sequence[Delivery]:
    """A subscription's deliveries in a state, the newest first; raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        return await list_deliveries(connection, name, state, before=before, most=most)


async def replay_delivery(resources: Resources, name: str, number: int) -> Delivery:
    """Send an event anew that was delivered or given up; one that is pending goes by itself.

    Raises SubscriptionNotFound and DeliveryNotFound.
    """
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        await find_delivery(connection, name, number)
        await replay_one(connection, name, number, resources.clock.now())
        return await find_delivery(connection, name, number)


async def replay_given_up(resources: Resources, name: str) -> int:
    """Send anew what was given up, the oldest thousand; how many. Raises SubscriptionNotFound."""
    async with resources.stores.database.transaction() as connection:
        await find_subscription(connection, name)
        return await replay_dead(connection, name, REPLAY_AT_ONCE, resources.clock.now())

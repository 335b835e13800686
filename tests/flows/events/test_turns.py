"""The turn of a lead's next event is never lost between who ends one and who passes one on."""

import asyncio
from typing import Any

from flows.events.event_stories import send_all, subscribe, types_told
from outgoing.receiver import Receiver
from stories import Receive, take

from service.flows.events.send_events import pass_events_on
from service.flows.events.view_subscriptions import (
    replay_delivery,
    replay_given_up,
    view_deliveries,
)
from service.resources import Resources
from service.storage.events.event_deliveries import Ending, end_tries, take_due
from service.storage.events.event_fan_out import pass_on

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
DELIVERED = Ending(200)


async def waits_or_is_done(shop: Resources, work: "asyncio.Task[Any]") -> None:
    """Let somebody go on until he has to wait for another's transaction, or has finished."""
    async with asyncio.timeout(10):
        while not work.done():
            if (await shop.stores.database.fetch(WAITING))[0]["count"]:
                return


async def test_an_event_passed_on_while_the_one_before_ends_has_its_turn(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await pass_events_on(shop)
    (first,) = await take_due(shop.stores.database, "crm", shop.clock.now(), 8)
    await take(shop, "anna")
    async with shop.stores.database.transaction() as ending:
        await end_tries(ending, "crm", [(first, DELIVERED)], shop.clock.now())
        passing = asyncio.create_task(pass_events_on(shop))
        await waits_or_is_done(shop, passing)
    await passing
    await send_all(shop)
    assert types_told(receiver) == ["lead.claimed"]


async def test_an_event_that_ends_while_the_next_is_passed_on_hands_its_turn_on(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await pass_events_on(shop)
    (first,) = await take_due(shop.stores.database, "crm", shop.clock.now(), 8)
    await take(shop, "anna")

    async def end() -> None:
        async with shop.stores.database.transaction() as connection:
            await end_tries(connection, "crm", [(first, DELIVERED)], shop.clock.now())

    async with shop.stores.database.transaction() as passing:
        await pass_on(passing, "lead", shop.clock.now())
        ending = asyncio.create_task(end())
        await waits_or_is_done(shop, ending)
    await ending
    await send_all(shop)
    assert types_told(receiver) == ["lead.claimed"]


async def give_up(shop: Resources) -> None:
    """Whatever is due now is never taken."""
    for due in await take_due(shop.stores.database, "crm", shop.clock.now(), 8):
        async with shop.stores.database.transaction() as connection:
            await end_tries(connection, "crm", [(due, Ending(500, "It failed."))], shop.clock.now())


async def test_a_replay_waits_for_the_event_that_is_on_its_way(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await take(shop, "anna")
    await pass_events_on(shop)
    await give_up(shop)
    (claimed,) = await take_due(shop.stores.database, "crm", shop.clock.now(), 8)
    (dead,) = await view_deliveries(shop, "crm", "dead", before=2**63 - 1, limit=10)
    replayed = await replay_delivery(shop, "crm", dead.id)
    assert (replayed.state, replayed.next_try_at) == ("pending", None)
    assert await take_due(shop.stores.database, "crm", shop.clock.now(), 8) == []
    async with shop.stores.database.transaction() as connection:
        await end_tries(connection, "crm", [(claimed, DELIVERED)], shop.clock.now())
    await send_all(shop)
    assert types_told(receiver) == ["lead.received"]


async def test_all_that_was_given_up_is_replayed_in_order(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await take(shop, "anna")
    await pass_events_on(shop)
    await give_up(shop)
    await give_up(shop)
    assert await replay_given_up(shop, "crm") == 2
    assert await replay_given_up(shop, "crm") == 0
    await send_all(shop)
    assert types_told(receiver) == ["lead.received", "lead.claimed"]
    first = receiver.requests[0].headers["webhook-id"]
    (newest, _) = await view_deliveries(shop, "crm", "delivered", before=2**63 - 1, limit=10)
    assert newest.attempts == 1
    assert newest.event != first

"""Every committed event is passed on once, in the order of its lead, whoever commits when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from driven_clock import DrivenClock
from flows.events.event_stories import deliveries, subscribe
from outgoing.receiver import Receiver
from stories import Receive
from structlog.testing import capture_logs

from service.embedded.servers import Addresses
from service.flows.events.send_events import names_due, pass_events_on
from service.resources import Resources
from service.storage.database import exclusively
from service.storage.events import event_fan_out

TELL = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after)
VALUES ($1, now(), $2, 'tests', 'waiting', 'waiting') RETURNING id
"""
LOCK = "SELECT FROM leads WHERE id = $1 FOR UPDATE"
TURNS = "SELECT type FROM event_deliveries WHERE next_try_at IS NOT NULL ORDER BY id"


class Writer:
    """A transaction that a test ends when it likes."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.transaction = connection.transaction()

    async def report(self, lead: UUID, kind: str) -> int:
        """Lock the lead, as every flow does, and write an event down; its id."""
        await self.connection.execute(LOCK, lead)
        number: int = await self.connection.fetchval(TELL, lead, kind)
        return number

    async def begin(self) -> None:
        """Have a number, as whoever has written anything has."""
        await self.connection.fetchval("SELECT pg_current_xact_id()::text")

    async def commit(self) -> None:
        await self.transaction.commit()


@pytest.fixture
async def writers(servers: Addresses, resources: Resources) -> AsyncIterator[Any]:
    """Opens transactions on connections of their own."""
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def connected() -> AsyncIterator[asyncpg.Connection]:
            connection = await asyncpg.connect(servers.database_url)
            yield connection
            connection.terminate()

        async def open_writer() -> Writer:
            writer = Writer(await stack.enter_async_context(connected()))
            await writer.transaction.start()
            return writer

        yield open_writer


async def passed_on(resources: Resources) -> list[str]:
    await pass_events_on(resources)
    return [kind for (kind,) in await deliveries(resources, "type")]


async def test_who_commits_later_with_an_earlier_id_is_not_lost(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any
) -> None:
    first, second = await receive(), await receive(external_id="second")
    await subscribe(shop, receiver)
    early, late = await writers(), await writers()
    low = await early.report(first.id, "lead.early")
    high = await late.report(second.id, "lead.late")
    assert low < high
    await late.commit()
    assert await passed_on(shop) == [], "an earlier transaction is still under way"
    await early.commit()
    assert await passed_on(shop) == ["lead.early", "lead.late"]
    assert await passed_on(shop) == ["lead.early", "lead.late"]


async def test_somebody_who_holds_events_up_for_long_is_warned_of(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver)
    forgotten = await writers()
    await forgotten.begin()
    await receive()
    clock.pass_by(seconds=90)
    with capture_logs() as logged:
        assert await passed_on(shop) == []
        await forgotten.commit()
        assert await passed_on(shop) == ["lead.received"]
    assert [item for item in logged if item["event"] == "events.held_up"] == [
        {"event": "events.held_up", "log": "lead", "seconds": 90, "log_level": "warning"}
    ]


async def test_what_was_rolled_back_is_never_told(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any
) -> None:
    lead = await receive()
    await subscribe(shop, receiver)
    writer = await writers()
    await writer.report(lead.id, "lead.undone")
    await writer.transaction.rollback()
    assert await passed_on(shop) == []


async def test_a_lead_keeps_its_order_when_its_events_were_begun_in_another(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any
) -> None:
    """The later event has the lower number, and a third transaction lies between the two."""
    lead = await receive()
    await subscribe(shop, receiver)
    later, between, earlier = await writers(), await writers(), await writers()
    for writer in (later, between, earlier):
        await writer.begin()
    await earlier.report(lead.id, "lead.first")
    await earlier.commit()
    await later.report(lead.id, "lead.second")
    await later.commit()
    assert await passed_on(shop) == [], "the second must not go before the first"
    await between.commit()
    assert await passed_on(shop) == ["lead.first", "lead.second"]
    assert await shop.stores.database.fetch(TURNS) == [("lead.first",)]


async def test_a_long_wait_without_writing_holds_nothing_up(
    shop: Resources, receiver: Receiver, receive: Receive, servers: Addresses
) -> None:
    """Whoever keeps the line in step holds a lock in a transaction that writes nothing."""
    await subscribe(shop, receiver)
    reader = await asyncpg.connect(servers.database_url)
    try:
        await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await reader.fetch("SELECT * FROM leads")
        async with exclusively(shop.stores.database, "some chore", wait=False):
            await receive()
            assert await passed_on(shop) == ["lead.received"]
    finally:
        reader.terminate()


async def test_a_page_at_a_time_nothing_is_lost_or_doubled(
    shop: Resources, receiver: Receiver, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_fan_out, "MAX_EVENTS", 3)
    await subscribe(shop, receiver)
    for number in range(10):
        await receive(external_id=f"lead {number}")
    assert await passed_on(shop) == ["lead.received"] * 10
    assert len(set(await deliveries(shop, "event_id"))) == 10


async def test_one_transaction_with_more_events_than_a_page_goes_whole(
    shop: Resources,
    receiver: Receiver,
    receive: Receive,
    writers: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_fan_out, "MAX_EVENTS", 2)
    lead = await receive()
    await subscribe(shop, receiver)
    writer = await writers()
    for number in range(5):
        await writer.report(lead.id, f"lead.{'abcde'[number]}")
    await writer.commit()
    assert await passed_on(shop) == [f"lead.{letter}" for letter in "abcde"]


async def test_many_writers_and_many_replicas_pass_everything_on_once(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any
) -> None:
    """Writers interleave on three leads while four replicas pass events on all the time."""
    leads = [(await receive(external_id=f"lead {number}")).id for number in range(3)]
    await subscribe(shop, receiver, "lead.extended")
    written: list[int] = []
    done = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(8):
            writer = await writers()
            if (number + turn) % 2:
                await writer.begin()
                await asyncio.sleep(0)
            written.append(await writer.report(leads[(number + turn) % 3], "lead.extended"))
            await asyncio.sleep(0)
            await writer.commit()

    async def replicate() -> None:
        while not done.is_set():
            await pass_events_on(shop)

    replicas = [asyncio.create_task(replicate()) for _ in range(3)]
    await asyncio.gather(*(write(number) for number in range(4)))
    done.set()
    await asyncio.gather(*replicas)
    await pass_events_on(shop)
    passed = await deliveries(shop, "event_id, about")
    assert sorted(event for event, _ in passed) == sorted(written)
    for lead in leads:
        of_lead = [event for event, about in passed if about == str(lead)]
        assert of_lead == sorted(of_lead)
    heads = await shop.stores.database.fetch(TURNS)
    assert len(heads) == len(leads), "of each lead one is on its turn"


async def test_a_database_restored_on_another_server_goes_on(
    shop: Resources, receiver: Receiver, receive: Receive, writers: Any, clock: DrivenClock
) -> None:
    """There numbers of transactions begin anew, far below those of the rows."""
    await subscribe(shop, receiver)
    known = await receive(external_id="told before")
    await pass_events_on(shop)
    await receive(external_id="left over")
    fetch = shop.stores.database.fetch
    await fetch("UPDATE lead_events SET txid = txid + 4000000000000")
    await fetch("UPDATE event_horizons SET txid = txid + 4000000000000")
    await receive(external_id="new on the other server")
    assert await passed_on(shop) == ["lead.received"] * 3
    await receive(external_id="later")
    assert await passed_on(shop) == ["lead.received"] * 4
    writer = await writers()
    await writer.report(known.id, "lead.noted")  # behind its event of the other server
    await writer.commit()
    with capture_logs() as logs:
        clock.moment += timedelta(minutes=5)
        assert (await passed_on(shop))[4:] == ["lead.noted"]
    assert "events.held_up" not in {entry["event"] for entry in logs}
    assert await names_due(shop) == ["crm"]


async def test_events_written_before_there_were_numbers_are_not_told(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver)
    await receive()
    await shop.stores.database.fetch("UPDATE lead_events SET txid = NULL")
    assert await passed_on(shop) == []


async def test_nothing_is_written_while_nothing_happens(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await receive()
    await pass_events_on(shop)
    horizon = "SELECT log, xmin::text FROM event_horizons ORDER BY log"
    before = await shop.stores.database.fetch(horizon)
    await pass_events_on(shop)
    assert await shop.stores.database.fetch(horizon) == before

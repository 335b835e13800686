"""Listeners are told of every committed event once, in one order, whoever commits when."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from driven_clock import DrivenClock
from flows.events.test_pass_events_on import Writer
from stories import Receive

from service.embedded.servers import Addresses
from service.flows.claims.tell_listeners import operators_listener
from service.flows.events import follow_events as module
from service.flows.events.follow_events import Following, follow_events, missed_by
from service.leads.event_position import Cursor, EventPosition, cursor_of
from service.leads.lead import Intent
from service.leads.operator import Operator
from service.queue.listeners import Listener, Listeners
from service.queue.places import WaitingPlaces
from service.resources import Resources
from service.storage.events.event_log import here
from service.storage.operators.operators import put_operator

ONE_MORE = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after)
VALUES ($1, $2, $3, 'tests', 'waiting', 'waiting')
"""


class Ear:
    """A listener, and what it took so far: pairs of id and type."""

    def __init__(self, resources: Resources, listener: Listener) -> None:
        self.resources, self.listener, self.following = resources, listener, Following()
        self.taken: list[tuple[str, dict[str, Any]]] = []

    async def look(self) -> None:
        await follow_events(self.resources, self.following)
        self._take(await self.listener.mailbox.take(0))

    async def missed(self, since: str) -> list[str]:
        """The types of what was missed since an event."""
        begin, until = cursor_of(since), self.listener.since
        assert begin is not None
        assert until is not None
        self.taken.clear()
        async for chunk in missed_by(self.resources, self.listener, begin, until):
            self._take(chunk)
        return self.types

    @property
    def types(self) -> list[str]:
        return [message["type"] for _, message in self.taken]

    @property
    def ids(self) -> list[str]:
        return [number for number, _ in self.taken]

    def _take(self, chunk: bytes) -> None:
        for block in chunk.decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            self.taken.append((fields.get("id", ""), orjson.loads(fields["data"])))


@asynccontextmanager
async def ear_of(resources: Resources, listener: Listener) -> AsyncIterator[Ear]:
    ear = Ear(resources, listener)
    with resources.listeners.listening(listener):
        await ear.look()
        yield ear


@pytest.fixture
async def quiet(resources: Resources) -> Resources:
    """Resources whose listeners nobody tells of anything but the test."""
    own = Listeners(WaitingPlaces(100))
    return replace(resources, listeners=own)


@pytest.fixture
async def ear(quiet: Resources) -> AsyncIterator[Ear]:
    async with ear_of(quiet, Listener("queue main tests", ("main",))) as opened:
        yield opened


@pytest.fixture
async def writers(servers: Addresses) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        async def open_writer() -> Writer:
            connection = await asyncpg.connect(servers.database_url)
            stack.callback(connection.terminate)
            writer = Writer(connection)
            await writer.transaction.start()
            return writer

        yield open_writer


async def test_a_committed_event_is_told_once(ear: Ear, receive: Receive) -> None:
    await receive()
    await ear.look()
    await ear.look()

    assert ear.types == ["lead.received"]


async def test_what_was_before_is_not_told(quiet: Resources, receive: Receive) -> None:
    await receive()
    async with ear_of(quiet, Listener("queue main tests", ("main",))) as ear:
        await ear.look()
        assert ear.types == []


async def test_nothing_is_told_before_what_may_still_commit_with_a_lower_number(
    ear: Ear, receive: Receive, writers: Any
) -> None:
    lead = await receive()
    await ear.look()
    slow, quick = await writers(), await writers()
    await slow.begin()
    await quick.report(lead.id, "lead.noted")
    await quick.commit()
    await ear.look()
    assert ear.types == ["lead.received"]

    await slow.commit()
    await ear.look()
    assert ear.types == ["lead.received", "lead.noted"]


async def test_of_one_lead_the_order_is_that_of_its_history(
    ear: Ear, receive: Receive, writers: Any
) -> None:
    """Who began first may have waited for the lead until another had written."""
    lead = await receive()
    await ear.look()
    began_first, wrote_first = await writers(), await writers()
    await began_first.begin()
    await wrote_first.report(lead.id, "lead.paused")
    await wrote_first.commit()
    await ear.look()
    await began_first.report(lead.id, "lead.resumed")
    await began_first.commit()
    await ear.look()

    assert ear.types == ["lead.received", "lead.paused", "lead.resumed"]
    for number, since in enumerate(ear.ids.copy()):
        rest = ["lead.received", "lead.paused", "lead.resumed"][number + 1 :]
        async with ear_of(ear.resources, Listener("queue main b", ("main",))) as late:
            assert await late.missed(since) == rest


async def test_a_lead_waits_while_its_earlier_event_does(
    ear: Ear, receive: Receive, writers: Any
) -> None:
    """The number of what wrote later is low enough, that of what wrote before is not."""
    lead, other = await receive(), await receive(external_id="other")
    await ear.look()
    ear.taken.clear()
    low, between, high = await writers(), await writers(), await writers()
    await low.begin()
    await between.report(other.id, "lead.noted")
    await high.report(lead.id, "lead.paused")
    await high.commit()
    await low.report(lead.id, "lead.resumed")
    await low.commit()
    await ear.look()
    assert ear.types == []

    await between.commit()
    await ear.look()
    assert sorted(ear.types) == ["lead.noted", "lead.paused", "lead.resumed"]
    assert ear.types.index("lead.paused") < ear.types.index("lead.resumed")


async def test_whoever_comes_back_misses_nothing_from_any_event_on(
    ear: Ear, receive: Receive
) -> None:
    for number in range(5):
        await receive(external_id=str(number))
    await ear.look()
    ids = ear.ids.copy()
    async with ear_of(ear.resources, Listener("queue main b", ("main",))) as late:
        for number, since in enumerate(ids):
            await late.missed(since)
            assert late.ids == ids[number + 1 :]


async def test_whoever_comes_back_ahead_of_this_replica_is_told_nothing_twice(
    ear: Ear, receive: Receive
) -> None:
    await receive()
    await receive(external_id="second")
    await ear.look()
    first, second = (cursor_of(number) for number in ear.ids)
    assert first is not None
    assert second is not None
    ahead = Listener("queue main b", ("main",), after=first.position)
    behind = Following(Cursor(first.era, EventPosition(first.position.turn)))
    with ear.resources.listeners.listening(ahead):
        await follow_events(ear.resources, behind)
        told = await ahead.mailbox.take(0)

    assert f"id: {first}\n".encode() not in told
    assert f"id: {second}\n".encode() in told


async def test_an_id_older_than_a_day_is_answered_by_a_reset(
    ear: Ear, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    await ear.look()
    since, long_ago = ear.ids[0], clock.now() - timedelta(hours=25)
    await ear.resources.stores.database.fetch(ONE_MORE, lead.id, long_ago, "lead.noted")
    await ear.resources.stores.database.fetch(ONE_MORE, lead.id, clock.now(), "lead.noted")
    await ear.look()
    async with ear_of(ear.resources, Listener("queue main b", ("main",))) as late:
        assert await late.missed(since) == ["reset"]
        assert cursor_of(late.ids[0]) == late.listener.since


async def test_an_old_id_that_nothing_came_after_is_still_good(
    ear: Ear, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    await ear.look()
    clock.moment += timedelta(days=30)
    async with ear_of(ear.resources, Listener("queue main b", ("main",))) as late:
        assert await late.missed(ear.ids[0]) == []


async def test_more_than_a_stream_makes_up_for_is_answered_by_a_reset(
    ear: Ear, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.storage.events import event_log

    monkeypatch.setattr(module, "MAX_MISSED_PAGES", 2)
    monkeypatch.setattr(event_log, "PAGE", 1)
    for number in range(5):
        await receive(external_id=str(number))
    for _ in range(6):
        await ear.look()
    first = ear.ids[0]
    assert ear.types == ["lead.received"] * 5
    async with ear_of(ear.resources, Listener("queue main b", ("main",))) as late:
        assert (await late.missed(first))[-1] == "reset"


async def test_a_restored_database_is_told_of_by_a_reset(ear: Ear) -> None:
    now = await here(ear.resources.stores.database)
    ear.following.cursor = Cursor(now.era, EventPosition(now.position.turn + 10**6))
    await ear.look()
    assert ear.types == ["reset"]

    ahead = Cursor(now.era, EventPosition(now.position.turn + 10**6))
    older = Cursor(now.era + 1, EventPosition(1))
    for lost in (ahead, older):
        assert await ear.missed(str(lost)) == ["reset"]


async def test_whoever_listens_to_another_queue_is_told_nothing(
    quiet: Resources, receive: Receive
) -> None:
    async with ear_of(quiet, Listener("queue parts tests", ("parts",))) as ear:
        await receive()
        await ear.look()
        assert ear.types == []


async def test_an_operator_is_told_of_their_lanes_and_of_what_is_theirs(
    quiet: Resources, receive: Receive, clock: DrivenClock
) -> None:
    async with quiet.stores.database.transaction() as connection:
        skilled = Operator("vera", ("main",), frozenset({"mentors"}))
        await put_operator(connection, skilled, clock.now())
    quiet.stores.directory.forget()
    quiet.stores.attendance.seen("vera", clock.now())
    await quiet.stores.attendance.write()
    quiet.stores.directory.forget()
    async with (
        ear_of(quiet, await operators_listener(quiet, "anna")) as anna,
        ear_of(quiet, await operators_listener(quiet, "vera")) as vera,
    ):
        lead = await receive(intent=Intent.COMPLAINT)
        assert "mentor" in lead.ranking.lane
        await anna.look()
        vera._take(await vera.listener.mailbox.take(0))
        assert "lead.received" not in anna.types
        assert "lead.received" in vera.types


async def test_nothing_personal_is_told(ear: Ear, receive: Receive) -> None:
    await receive(text="Позвоните Ирине на +79161234567")
    await ear.look()
    told = orjson.dumps([message for _, message in ear.taken]).decode()
    assert "lead.received" in told
    assert "9161234567" not in told
    assert "Ирин" not in told


@pytest.mark.parametrize(
    "given", ["", "abc", "1", "1-", "-1-2", "1-2-x3", "1-2-l", "1-2-l3 ", f"1-{2**63}", "١-٢"]
)
def test_what_is_no_cursor(given: str) -> None:
    assert cursor_of(given) is None


@pytest.mark.parametrize("given", ["0-1", "7-12-l3", f"0-{2**63 - 1}-q1"])
def test_a_cursor_is_written_as_it_is_read(given: str) -> None:
    assert str(cursor_of(given)) == given


async def test_a_lead_that_was_restored_is_told_of_again_though_its_old_numbers_are_higher(
    ear: Ear, receive: Receive, writers: Any
) -> None:
    lead = await receive()
    await ear.look()
    fetch = ear.resources.stores.database.fetch
    await fetch("UPDATE lead_events SET txid = txid + 4000000000000")
    await fetch("UPDATE event_horizons SET after_id = (SELECT max(id) FROM lead_events)")
    writer = await writers()
    await writer.report(lead.id, "lead.noted")
    await writer.commit()
    await follow_events(ear.resources, ear.following)
    await ear.look()
    await fetch("UPDATE event_horizons SET after_id = 0")

    assert ear.types == ["lead.received", "lead.noted"]

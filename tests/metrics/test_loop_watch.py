"""Who holds the event loop is found and counted, by route or by task."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from service.api.request_log import RequestLog
from service.metrics import family
from service.metrics.exposition import exposition
from service.metrics.loop_watch import LOOK_SECONDS, LoopWatch, watched_loop

LOOKS = 8  # the watch looks a hundred times a second: more than 50 ms
NAME = "nextlead_loop_hold_seconds_count"


def holds() -> dict[tuple[str, str], float]:
    family.flush_all()
    return {
        (sample.labels["by"], sample.labels["spent"]): sample.value
        for metric in text_string_to_metric_families(exposition({}).decode())
        for sample in metric.samples
        if sample.name == NAME
    }


def by(name: str) -> float:
    return sum(count for (who, _), count in holds().items() if who == name)


@pytest.fixture
async def watch() -> Iterator[LoopWatch]:
    with watched_loop() as watching:
        yield watching


def hold(watch: LoopWatch) -> None:
    """Work until the watch has looked often enough, and oftener than at those before."""
    give_up, enough = time.monotonic() + 30, 2 * len(watch.seen) + LOOKS
    while len(watch.seen) < enough and time.monotonic() < give_up:
        sum(range(1000))


async def counted(name: str, before: float) -> None:
    await asyncio.sleep(0)  # the beat first: to read the figures is a long step of its own
    async with asyncio.timeout(30):
        while by(name) == before:  # noqa: ASYNC110  the beat sets no event
            await asyncio.sleep(0)


async def holding_task(watch: LoopWatch) -> None:
    await asyncio.sleep(0)
    hold(watch)


async def test_a_task_that_holds_the_loop_is_counted(watch: LoopWatch) -> None:
    before = by("holding_task")
    await asyncio.create_task(holding_task(watch))
    await counted("holding_task", before)


async def test_a_request_that_holds_the_loop_is_counted_by_its_route(watch: LoopWatch) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = endpoint
        hold(watch)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def endpoint() -> None:
        """Only names the route."""

    async def send(_: Message) -> None:
        """Nobody reads it."""

    async def receive() -> Message:
        return {"type": "http.request"}

    log = RequestLog(app, None, [Route("/holds/{name}", endpoint)])
    scope = {"type": "http", "method": "GET", "path": "/holds/secret", "headers": []}
    before = by("/holds/{name}")
    await asyncio.create_task(log({**scope, "scheme": "http"}, receive, send))
    await counted("/holds/{name}", before)
    assert not any("secret" in who for who, _ in holds())


async def test_many_short_steps_are_no_hold() -> None:
    watch = LoopWatch(asyncio.get_running_loop())
    due, before = watch._due, holds()
    watch.seen += [f"task {number}" for number in range(10)]
    watch.beat(due + 0.2, 0.2)  # late by 200 ms, for ten tasks of 20
    assert holds() == before
    watch.seen += ["one task"] * 9 + ["another"]
    watch.beat(watch._due + 0.2, 0.4)
    assert {who for who in holds().items() if who not in before.items()} == {
        (("one task", "working"), 1)
    }


async def test_a_hold_without_a_processor_is_told_apart() -> None:
    watch = LoopWatch(asyncio.get_running_loop())
    watch.beat(watch._due, 1.0)
    watch.seen += ["stopped"]
    watch.beat(watch._due + 3, 1.1)
    assert holds()["stopped", "waiting"] == 1


async def test_it_looks_only_while_the_beat_is_late() -> None:
    watch = LoopWatch(asyncio.get_running_loop())
    watch.look(watch._due)
    assert watch.seen == []
    watch.look(watch._due + 2 * LOOK_SECONDS)
    assert watch.seen == ["test_it_looks_only_while_the_beat_is_late"]


async def test_the_thread_ends_with_the_block() -> None:
    with watched_loop():
        (thread,) = [item for item in threading.enumerate() if item.name == "loop watch"][-1:]
    await asyncio.to_thread(thread.join, 30)
    assert not thread.is_alive()

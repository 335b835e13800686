"""Streams over HTTP: what they say, to whom, and how they end."""

import asyncio
import re
from datetime import timedelta

import httpx
import orjson
import pytest
from doors import Newcomer, a_key
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI
from listening import SECRET, listening

from service import event_stream
from service.api.events.stream_examples import OF_OPERATOR, OF_QUEUE
from service.background import streaming
from service.flows.operators.change_presence import change_presence
from service.leads.operator import Presence
from service.queue.places import MAX_OF_ONE
from service.resources import Resources

ANNA, MAIN = "/v1/operators/anna/stream", "/v1/queues/main/stream"
LEAD = {"channel": "whatsapp", "text": "Тормозные колодки для Приоры", "customer": {"name": "Ира"}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEASE_SECONDS", "SWEEP_SECONDS"):
        monkeypatch.setattr(streaming, name, 0.05)


async def post(client: httpx.AsyncClient, **more: object) -> str:
    answer = await client.post("/v1/leads", json={**LEAD, **more})
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def test_a_stream_is_one(app: FastAPI, resources: Resources) -> None:
    async with listening(app, ANNA, SECRET) as heard:
        assert heard.status == 200
        assert heard.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert heard.headers["cache-control"] == "no-store"
        assert heard.headers["x-accel-buffering"] == "no"
        assert 500 <= int(heard.blocks[0]["retry"]) <= 2500


async def test_an_event_is_told_as_subscriptions_get_it(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, MAIN, SECRET) as heard, listening(app, ANNA, SECRET) as anna:
        lead = await post(client, source="tests", external_id="m1")
        (number, message), *_ = await heard.until(lambda it: it.events("lead.received"))
        assert message["type"] == "lead.received"
        assert message["data"]["lead_id"] == lead
        assert set(message["data"]) == {
            *("id", "lead_id", "queue", "kind", "channel", "source", "external_id"),
            *("state_before", "state_after", "reason", "actor", "details"),
        }
        assert (number, message) in await anna.until(lambda it: it.events("lead.received"))
        assert "Ира" not in heard.body.decode()
        assert "колодки" not in heard.body.decode()


async def test_the_head_of_the_line_is_told_at_once_and_when_it_changes(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    lead = await post(client)
    async with listening(app, ANNA, SECRET) as heard:
        (number, offered), *_ = await heard.until(lambda it: it.events("claim.offered"))
        assert number is None
        assert offered["data"]["lead_id"] == lead
        assert offered["data"]["queue"] == "main"

        (await client.post("/v1/operators/boris/next")).raise_for_status()
        *_, (_, none_left) = await heard.until(
            lambda it: len(it.events("claim.offered")) > 1 and it.events("claim.offered")
        )
        assert none_left["data"]["lead_id"] is None


async def test_an_offer_reserves_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with listening(app, ANNA, SECRET) as heard:
        lead = await post(client)
        await heard.until(lambda it: lead in str(it.events("claim.offered")))
        taken = await client.post("/v1/operators/boris/next")
        assert taken.json()["id"] == lead


async def test_a_queue_says_how_many_wait_and_who_is_first(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, MAIN, SECRET) as heard:
        lead = await post(client)
        found = await heard.until(lambda it: [m for _, m in it.events("line.changed")][1:])
        assert (found[0]["data"]["waiting"], found[0]["data"]["lead_id"]) == (1, lead)


async def test_heads_are_told_four_times_a_second_at_most(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    loop = asyncio.get_running_loop()
    async with listening(app, ANNA, SECRET) as heard:
        began = loop.time()
        for number in range(30):
            await post(client, urgency=0.5 + number / 100, external_id=f"{number}", source="tests")
        told = len(heard.events("claim.offered"))
        assert told <= 2 + (loop.time() - began) * 4
        last = (await client.get("/v1/operators/anna/queue?limit=1")).json()["leads"][0]["id"]
        await heard.until(lambda it: it.events("claim.offered")[-1][1]["data"]["lead_id"] == last)


async def test_a_lease_that_ends_is_told_once_to_its_holder(
    app: FastAPI, client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await post(client)
    claimed = (await client.post("/v1/operators/anna/next")).json()
    async with (
        listening(app, ANNA, SECRET) as heard,
        listening(app, "/v1/operators/boris/stream", SECRET) as boris,
        listening(app, MAIN, SECRET) as queue,  # who is silent for a minute hears of no new leads
    ):
        clock.moment += timedelta(seconds=89)
        await post(client, external_id="1", source="tests")
        await queue.until(lambda it: it.events("lead.received"))
        assert heard.events("claim.lease_ending") == []

        clock.moment += timedelta(seconds=2)
        ((number, told),) = await heard.until(lambda it: it.events("claim.lease_ending"))
        assert number is None
        assert told["data"]["lead_id"] == claimed["id"]
        assert told["data"]["operator"] == "anna"
        await post(client, external_id="2", source="tests")
        await queue.until(lambda it: len(it.events("lead.received")) == 2)
        assert len(heard.events("claim.lease_ending")) == 1
        assert boris.events("claim.lease_ending") == []


async def test_whoever_comes_back_gets_what_they_missed_and_nothing_twice(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, MAIN, SECRET) as heard:
        first = await post(client)
        ((number, _),) = await heard.until(lambda it: it.events("lead.received"))
    second = await post(client)
    async with listening(app, MAIN, SECRET, last=number) as heard:
        third = await post(client)
        told = await heard.until(
            lambda it: len(it.events("lead.received")) >= 2 and it.events("lead.received")
        )
        assert [message["data"]["lead_id"] for _, message in told] == [second, third]
        assert first not in str(told)


async def test_whoever_left_before_any_event_misses_nothing(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, MAIN, SECRET) as heard:
        last = next(block["id"] for block in heard.blocks if "id" in block)
    lead = await post(client)
    async with listening(app, MAIN, SECRET, last=last) as heard:
        ((_, message),) = await heard.until(lambda it: it.events("lead.received"))
        assert message["data"]["lead_id"] == lead


@pytest.mark.parametrize("given", ["abc", "0", "0-1-x1", "9" * 65])
async def test_an_id_that_no_event_has_is_refused(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get(MAIN, headers={"Last-Event-ID": given})
    assert answer.status_code == 422
    assert "Last-Event-ID" in answer.text or "last-event-id" in answer.text.lower()


async def test_a_stream_of_nobody(client: httpx.AsyncClient) -> None:
    for path in ("/v1/operators/nobody/stream", "/v1/queues/nowhere/stream"):
        assert (await client.get(path)).status_code == 404


async def test_who_may_listen(newcomer: Newcomer) -> None:
    for path, scope in ((ANNA, "read"), (MAIN, "operate")):
        program = await newcomer(scope, name=f"only-{scope}")
        assert (await program.get(path)).status_code == 403


async def test_a_beat_comes_when_nothing_else_does(
    app: FastAPI, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "BEAT_SECONDS", 0.05)
    async with listening(app, ANNA, SECRET) as heard:
        await heard.until(lambda it: it.body.count(b": beat\n\n") >= 2)


async def test_a_key_that_is_revoked_ends_its_streams(
    app: FastAPI, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "BEAT_SECONDS", 0.05)
    secret = await a_key(resources, "wall", ("read",))
    async with listening(app, MAIN, secret) as heard:
        async with resources.stores.database.pool.acquire() as raw:
            await raw.execute("UPDATE api_keys SET revoked_at = now() WHERE name = 'wall'")
        resources.stores.directory.forget()
        await heard.until(lambda it: it.has_ended)


async def test_a_process_that_ends_ends_its_streams(app: FastAPI, resources: Resources) -> None:
    async with listening(app, ANNA, SECRET) as heard, listening(app, MAIN, SECRET) as main:
        resources.listeners.end()
        await heard.until(lambda it: it.has_ended)
        await main.until(lambda it: it.has_ended)
    resources.listeners.ended = False


async def test_whoever_does_not_read_is_cut(
    app: FastAPI, resources: Resources, client: httpx.AsyncClient
) -> None:
    before = await figure(client, "nextlead_streams_cut_total")
    async with listening(app, MAIN, SECRET) as heard:
        (listener,) = resources.listeners
        assert await figure(client, "nextlead_streams_open") == 1
        for _ in range(1000):
            listener.mailbox.put(b": more than anybody reads\n\n" * 100)
        assert listener.mailbox.is_cut
    assert not heard.has_ended
    assert len(resources.listeners) == 0
    assert await figure(client, "nextlead_streams_cut_total") == before + 1
    assert await figure(client, "nextlead_streams_open") == 0


async def figure(client: httpx.AsyncClient, family: str) -> float:
    """The one figure of a family without labels."""
    (line,) = re.findall(rf"^{family} (\S+)$", (await client.get("/metrics")).text, re.MULTILINE)
    return float(line)


async def test_one_may_have_so_many_streams(app: FastAPI, resources: Resources) -> None:
    opened = [listening(app, ANNA, SECRET) for _ in range(MAX_OF_ONE)]
    for one in opened:
        await one.__aenter__()
    async with listening(app, ANNA, SECRET) as refused:
        assert refused.status == 503
    for one in opened:
        await one.__aexit__(None, None, None)


async def test_an_open_stream_is_a_sign_of_life_but_ends_no_absence(
    app: FastAPI, resources: Resources, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "BEAT_SECONDS", 0.05)
    await change_presence(resources, "boris", Presence.AWAY)
    clock.moment = NOON + timedelta(minutes=1)
    boris = listening(app, "/v1/operators/boris/stream", SECRET)
    async with listening(app, ANNA, SECRET) as heard, boris as absent:
        for one in (heard, absent):
            await one.until(lambda it: b": beat" in it.body)
        await resources.stores.attendance.write()
        resources.stores.directory.forget()
        staff = await resources.stores.directory.operators()
        assert staff["anna"].presence(clock.now()) is Presence.ONLINE
        assert staff["boris"].presence(clock.now()) is not Presence.ONLINE


async def test_an_operator_who_is_removed_is_told_nothing_more(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, ANNA, SECRET) as heard:
        assert (await client.delete("/v1/operators/anna")).status_code == 204
        await heard.until(lambda it: it.has_ended)


async def test_a_poll_that_waits_beside_a_stream_is_served(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, ANNA, SECRET):
        polled = asyncio.create_task(client.post("/v1/operators/anna/next?wait=30"))
        await asyncio.sleep(0)
        lead = await post(client)
        assert (await polled).json()["id"] == lead


async def test_the_examples_are_what_streams_send(app: FastAPI) -> None:
    for example in (OF_OPERATOR, OF_QUEUE):
        for block in example.split("\n\n")[:-1]:
            for line in block.split("\n"):
                name, _, value = line.partition(": ")
                assert name in ("", "id", "event", "data", "retry")
                if name == "data":
                    assert orjson.loads(value)["type"]

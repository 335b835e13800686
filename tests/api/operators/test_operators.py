"""Operators: who they are, the line as they are served it, what they hold, what comes next."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from doors import (
    do,
    hang_up,
    post_lead,
    problem_in,
    seen,
    take_next,
    until,
    without_token,
    wrong_fields,
)
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI
from redis.asyncio import Redis

from service.flows.claims import view_line
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Lead
from service.resources import Resources

QUEUE = "/v1/operators/anna/queue"
CAROL = {
    **{"name": "carol", "queues": ["main"], "skills": [], "capacity": 1},
    **{"capacity_by_kind": {}, "shifts": None, "presence": "offline", "seen_at": None},
    "reason": None,
}


async def test_an_operator_is_made_once_and_changed_afterwards(client: httpx.AsyncClient) -> None:
    made = await client.put("/v1/operators/carol", json={})
    again = await client.put("/v1/operators/carol", json={})
    changed = await client.put(
        "/v1/operators/carol", json={"capacity": 3, "skills": ["vip", "b2b"]}
    )
    assert [item.status_code for item in (made, again, changed)] == [201, 200, 200]
    assert made.json() == again.json() == CAROL
    assert changed.json() == {**CAROL, "capacity": 3, "skills": ["b2b", "vip"]}
    assert (await client.get("/v1/operators/carol")).json() == changed.json()


async def test_what_is_not_said_of_an_operator_is_as_for_a_new_one(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/operators/carol", json={"capacity": 3, "skills": ["vip"]})
    assert (await client.put("/v1/operators/carol", json={"name": "carol"})).json() == CAROL


async def test_an_operator_serves_only_queues_that_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/operators/carol", json={"queues": ["main", "nowhere"]})
    assert wrong_fields(answer) == ["queues"]
    assert "nowhere" in answer.text
    problem_in(await client.get("/v1/operators/carol"), 404, "operator-not-found")


async def test_the_name_in_the_body_is_the_one_in_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/operators/carol", json={"name": "dora"})
    assert wrong_fields(answer) == ["name"]
    for name in ("carol", "dora"):
        problem_in(await client.get(f"/v1/operators/{name}"), 404, "operator-not-found")


async def test_the_order_of_queues_is_kept_and_doubles_are_left_out(
    client: httpx.AsyncClient,
) -> None:
    for queue in ("tyres", "parts"):
        await client.put(f"/v1/queues/{queue}", json={})
    sent = {"queues": ["tyres", "main", "tyres", "parts"]}
    carol = (await client.put("/v1/operators/carol", json=sent)).json()
    assert carol["queues"] == ["tyres", "main", "parts"]


@pytest.mark.parametrize("name", ["a", "A.b-c_d@e.org", "0" * 64, "..."])
async def test_names_may_be_addresses_and_numbers(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.put(f"/v1/operators/{name}", json={})).json()["name"] == name
    lead = await post_lead(client)
    assert (await take_next(client, name))["id"] == lead["id"]


@pytest.mark.parametrize("path", ["", "/queue", "/leads"])
async def test_nobody_of_that_name_is_found(client: httpx.AsyncClient, path: str) -> None:
    problem_in(await client.get(f"/v1/operators/nobody{path}"), 404, "operator-not-found")


async def texts(client: httpx.AsyncClient, path: str = QUEUE, **wanted: Any) -> list[str]:
    """The texts of the leads that are listed there."""
    answer = await client.get(path, params=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return [lead["text"] for lead in answer.json()["leads"]]


IN_ORDER: list[dict[str, Any]] = [
    {"text": "visitor", "channel": "walk_in"},
    {"text": "caller", "channel": "phone"},
    {"text": "missed call", "channel": "phone", "live": False},
    {"text": "urgent chat", "urgency": 0.9, "budget": 5000},
    {"text": "great chat", "urgency": 0.2, "budget": 150_000},
    {"text": "newer chat", "received_at": "2026-06-10T08:59:00Z"},
    {"text": "older chat", "received_at": "2026-06-10T08:58:00Z"},
    {"text": "older order", "channel": "site_order", "received_at": "2026-06-10T08:00:00Z"},
    {"text": "newer order", "channel": "site_order"},
    {"text": "letter", "channel": "email"},
    {"text": "registration", "channel": "registration"},
    {"text": "task", "channel": "crm_task"},
]


@pytest.fixture
async def filled(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client of a queue with leads of every kind, that came in another order."""
    for sent in (*IN_ORDER[1::2], *IN_ORDER[::2]):
        await post_lead(client, **sent)
    return client


async def test_the_line_is_shown_in_the_order_in_which_it_is_served(
    filled: httpx.AsyncClient,
) -> None:
    order = [sent["text"] for sent in IN_ORDER]
    assert await texts(filled) == order
    await filled.put("/v1/operators/anna", json={"capacity": 100})
    assert [(await take_next(filled))["text"] for _ in order] == order
    assert await texts(filled) == []


async def test_the_line_is_the_same_when_redis_has_lost_it(
    filled: httpx.AsyncClient, redis: Redis, resources: Resources
) -> None:
    order = [sent["text"] for sent in IN_ORDER]
    await redis.flushall()
    assert (await filled.get(QUEUE)).headers["nextlead-line"] == "degraded"
    assert await texts(filled) == order
    served = await filled.post("/v1/operators/anna/next")
    assert (served.headers["nextlead-line"], served.json()["text"]) == ("degraded", order[0])
    await keep_in_step(resources)
    assert "nextlead-line" not in (await filled.get(QUEUE)).headers
    assert await texts(filled) == order[1:]


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_as_much_of_the_line_is_shown_as_is_wanted(
    filled: httpx.AsyncClient, limit: int
) -> None:
    assert await texts(filled, limit=limit) == [sent["text"] for sent in IN_ORDER][:limit]


async def test_twenty_leads_of_the_line_are_shown_unless_said(client: httpx.AsyncClient) -> None:
    for number in range(21):
        await post_lead(client, text=str(number))
    assert len(await texts(client)) == 20


async def test_looking_at_the_line_moves_nothing(filled: httpx.AsyncClient) -> None:
    before = (await filled.get("/v1/leads")).json()
    assert await texts(filled) == await texts(filled)
    assert (await filled.get("/v1/leads")).json() == before


async def test_an_operator_sees_only_his_queues(client: httpx.AsyncClient) -> None:
    await client.put("/v1/queues/parts", json={})
    await client.put("/v1/operators/carol", json={"queues": ["parts"]})
    await post_lead(client, text="main")
    await post_lead(client, text="parts", queue="parts")
    assert await texts(client) == ["main"]
    assert await texts(client, "/v1/operators/carol/queue") == ["parts"]


async def test_an_unchanged_line_is_not_sent_again(filled: httpx.AsyncClient) -> None:
    etag = (await filled.get(QUEUE)).headers["etag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await filled.get(QUEUE, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    for sent in ('"other"', etag.strip('"'), ""):
        assert (await filled.get(QUEUE, headers={"If-None-Match": sent})).status_code == 200


async def test_polls_of_an_unchanged_line_read_no_lead(
    filled: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = (await filled.get(QUEUE)).headers["etag"]
    reading: list[object] = []

    async def read(_: object, ids: list[UUID]) -> list[Lead]:
        reading.append(ids)
        return []

    monkeypatch.setattr(view_line, "find_many", read)
    for _ in range(2):
        assert (await filled.get(QUEUE, headers={"If-None-Match": etag})).status_code == 304
    assert reading == []
    await bring_one(filled)
    await filled.get(QUEUE, headers={"If-None-Match": etag})
    assert len(reading) == 1


async def bring_one(client: httpx.AsyncClient) -> None:
    await post_lead(client, text="another")


async def take_one(client: httpx.AsyncClient) -> None:
    await take_next(client, "boris")


async def take_one_and_bring_it_back(client: httpx.AsyncClient) -> None:
    await do(client, await take_next(client, "boris"), "release")


@pytest.mark.parametrize("change", [bring_one, take_one, take_one_and_bring_it_back])
async def test_a_changed_line_is_sent_again(
    filled: httpx.AsyncClient, change: Callable[[httpx.AsyncClient], Awaitable[None]]
) -> None:
    etag = (await filled.get(QUEUE)).headers["etag"]
    await change(filled)
    answer = await filled.get(QUEUE, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag


async def test_an_empty_line_has_an_etag_too(client: httpx.AsyncClient) -> None:
    etag = (await client.get(QUEUE)).headers["etag"]
    assert (await client.get(QUEUE, headers={"If-None-Match": etag})).status_code == 304
    await post_lead(client)
    assert (await client.get(QUEUE, headers={"If-None-Match": etag})).status_code == 200


async def test_what_an_operator_holds_is_listed_with_tokens(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await client.put("/v1/operators/anna", json={"capacity": 3})
    for number in range(4):
        await post_lead(client, text=str(number), budget=number)
    held = []
    for _ in range(3):
        held.append(await take_next(client))
        clock.pass_by(seconds=1)
    found = (await client.get("/v1/operators/anna/leads")).json()
    for lead in held:
        for name in {*lead} - {*found["leads"][0]}:
            del lead[name]
    assert found == {"leads": held, "next": None}
    assert all(lead["claim"]["token"] for lead in held)
    assert await texts(client, "/v1/operators/boris/leads") == []

    await do(client, held[0], "settle", outcome="won", amount=1, note="paid")
    await do(client, held[2], "release")
    assert await texts(client, "/v1/operators/anna/leads") == ["2"]


async def test_nothing_to_take_is_answered_with_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/operators/anna/next")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "nextlead-line" not in answer.headers


async def test_the_next_lead_is_claimed_for_the_length_of_a_lease(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    lead = await post_lead(client)
    clock.pass_by(seconds=1.5)
    taken = await take_next(client)
    since, lease_until = (taken["claim"][name] for name in ("since", "lease_until"))
    assert (taken["id"], taken["state"], taken["version"]) == (lead["id"], "claimed", 2)
    assert taken["claim"]["operator"] == "anna"
    assert datetime.fromisoformat(since) == NOON + timedelta(seconds=1.5)
    assert datetime.fromisoformat(lease_until) == NOON + timedelta(seconds=121.5)
    assert (await seen(client, lead))["claim"] == without_token(taken["claim"])


async def test_who_asks_again_is_given_what_he_holds_with_a_fresh_lease(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await post_lead(client, budget=1)
    first = await take_next(client)
    await post_lead(client, budget=1_000_000)
    clock.pass_by(seconds=30)
    again = await take_next(client)
    assert again["id"] == first["id"]
    lease_until = datetime.fromisoformat(again["claim"]["lease_until"])
    assert lease_until == NOON + timedelta(seconds=150)
    assert {**again["claim"], "lease_until": None} == {**first["claim"], "lease_until": None}
    events = (await client.get(f"/v1/leads/{first['id']}/events")).json()["events"]
    assert [event["type"] for event in events] == ["lead.received", "lead.claimed"]
    assert (await do(client, first, "release")).status_code == 200


async def test_no_lead_is_held_by_two(client: httpx.AsyncClient) -> None:
    for number in range(10):
        await client.put(f"/v1/operators/op{number}", json={})
        await post_lead(client)
    taken = await asyncio.gather(*(take_next(client, f"op{number}") for number in range(10)))
    assert len({lead["id"] for lead in taken}) == 10
    assert [lead["claim"]["operator"] for lead in taken] == [f"op{number}" for number in range(10)]


async def test_a_lead_that_many_want_is_given_to_one(client: httpx.AsyncClient) -> None:
    for number in range(10):
        await client.put(f"/v1/operators/op{number}", json={})
    lead = await post_lead(client)
    asked = (client.post(f"/v1/operators/op{number}/next") for number in range(10))
    answers = await asyncio.gather(*asked)
    (served,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert served["id"] == lead["id"]
    assert sorted(answer.status_code for answer in answers) == [200, *[204] * 9]


async def test_an_operator_holds_as_many_as_he_may(client: httpx.AsyncClient) -> None:
    await client.put("/v1/operators/anna", json={"capacity": 2})
    for number in range(3):
        await post_lead(client, text=str(number))
    first, second, third = [await take_next(client) for _ in range(3)]
    assert first["id"] != second["id"]
    assert third["claim"]["token"] in {first["claim"]["token"], second["claim"]["token"]}
    assert len(await texts(client, "/v1/operators/anna/leads")) == 2
    assert len(await texts(client)) == 1


async def test_a_released_lead_is_given_again_under_another_token(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client)
    first = await take_next(client)
    await do(client, first, "release")
    second = await take_next(client)
    assert (second["id"], second["version"]) == (first["id"], 4)
    assert second["claim"]["token"] != first["claim"]["token"]


@pytest.mark.parametrize("in_step", [True, False], ids=["by the line", "by Postgres"])
@pytest.mark.parametrize("better", ["main", "parts"])
async def test_an_operator_of_two_queues_is_served_the_better_head_first(
    client: httpx.AsyncClient, redis: Redis, resources: Resources, better: str, in_step: bool
) -> None:
    (lesser,) = {"main", "parts"} - {better}
    await client.put("/v1/queues/parts", json={})
    policy = (await client.get("/v1/queues/main/policy")).json()["policy"]
    headers = {"If-Match": '"1"'}
    put = await client.put("/v1/queues/parts/policy", json=policy, headers=headers)
    assert put.status_code == 200, put.text
    await client.put("/v1/operators/carol", json={"queues": ["main", "parts"], "capacity": 4})
    await keep_in_step(resources)
    for queue, text, budget in ((better, "1", 40), (lesser, "2", 30), (better, "3", 20)):
        await post_lead(client, queue=queue, text=text, budget=budget)
    await post_lead(client, queue=lesser, text="4", budget=10)
    if not in_step:
        await redis.flushall()
    assert await texts(client, "/v1/operators/carol/queue") == ["1", "2", "3", "4"]
    served = [await client.post("/v1/operators/carol/next") for _ in range(4)]
    assert [answer.json()["text"] for answer in served] == ["1", "2", "3", "4"]
    assert {"nextlead-line" in answer.headers for answer in served} == {not in_step}


async def test_capacity_counts_over_all_queues(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await client.put("/v1/queues/parts", json={})
    await client.put("/v1/operators/carol", json={"queues": ["main", "parts"]})
    await keep_in_step(resources)
    lead = await post_lead(client, queue="parts")
    await post_lead(client, budget=1_000_000_000)
    taken = (await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "carol"})).json()
    again = await take_next(client, "carol")
    assert (again["id"], again["claim"]["token"]) == (lead["id"], taken["claim"]["token"])


@pytest.fixture
async def patient(
    client: httpx.AsyncClient,
    resources: Resources,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> httpx.AsyncClient:
    """The client of a service that looks for a lead once, and then only when it is woken."""
    monkeypatch.setattr("service.flows.claims.claim_next.LOOK_AGAIN_SECONDS", 60)
    async with asyncio.timeout(10):
        while not await redis.pubsub_numpat():  # noqa: ASYNC110  Valkey tells nobody
            await asyncio.sleep(0)
    return client


async def asleep(client: httpx.AsyncClient, resources: Resources, waiters: int) -> None:
    """Until so many wait, and have looked in vain: later questions are answered later."""
    await until(lambda: len(resources.arrivals._waiters) == waiters)
    for operator in ("boris", "anna"):
        assert (await client.post(f"/v1/operators/{operator}/next")).status_code == 204


def wait_for_next(client: httpx.AsyncClient, operator: str) -> "asyncio.Task[httpx.Response]":
    return asyncio.create_task(client.post(f"/v1/operators/{operator}/next?wait=50"))


async def arrives(client: httpx.AsyncClient, resources: Resources, clock: DrivenClock) -> None:
    await post_lead(client)


async def is_released(client: httpx.AsyncClient, resources: Resources, clock: DrivenClock) -> None:
    held = (await client.get("/v1/operators/holder/leads")).json()["leads"]
    await do(client, held[0], "release")


async def is_not_renewed(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    clock.pass_by(minutes=2)
    await keep_in_step(resources)


async def is_due(client: httpx.AsyncClient, resources: Resources, clock: DrivenClock) -> None:
    held = (await client.get("/v1/operators/holder/leads")).json()["leads"]
    await do(client, held[0], "settle", outcome="callback", note="later")
    clock.pass_by(minutes=41)  # the promiser has gone home, and the promise is everybody's
    await keep_in_step(resources)


@pytest.mark.parametrize("happens", [arrives, is_released, is_not_renewed, is_due])
async def test_who_waits_is_woken_when_a_lead(
    patient: httpx.AsyncClient, resources: Resources, clock: DrivenClock, happens: Any
) -> None:
    await patient.put("/v1/operators/holder", json={})
    if happens is not arrives:
        await post_lead(patient)
        await take_next(patient, "holder")
    waiting = wait_for_next(patient, "anna")
    await asleep(patient, resources, 1)
    await happens(patient, resources, clock)
    async with asyncio.timeout(10):
        answer = await waiting
    assert answer.status_code == 200
    assert answer.json()["claim"]["operator"] == "anna"
    assert not resources.arrivals._waiters


async def test_each_lead_wakes_one_of_those_who_wait(
    patient: httpx.AsyncClient, resources: Resources
) -> None:
    waiting = [wait_for_next(patient, operator) for operator in ("anna", "boris")]
    await asleep(patient, resources, 2)
    first, second = await post_lead(patient), await post_lead(patient)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*waiting)
    assert {answer.json()["id"] for answer in answers} == {first["id"], second["id"]}


async def test_a_lead_of_another_queue_wakes_nobody(
    patient: httpx.AsyncClient, resources: Resources
) -> None:
    await patient.put("/v1/queues/parts", json={})
    await patient.put("/v1/operators/carol", json={"queues": ["parts"]})
    waiting = wait_for_next(patient, "carol")
    await asleep(patient, resources, 1)
    await post_lead(patient)
    await take_next(patient)
    assert not waiting.done()
    await hang_up(waiting)


async def test_who_need_not_wait_does_not(patient: httpx.AsyncClient) -> None:
    lead = await post_lead(patient)
    async with asyncio.timeout(10):
        answer = await wait_for_next(patient, "anna")
    assert answer.json()["id"] == lead["id"]


@pytest.mark.parametrize("wait", ["0", "0.01", "1e-3", "+0.001"])
async def test_who_waited_in_vain_is_given_nothing(
    patient: httpx.AsyncClient, resources: Resources, wait: str
) -> None:
    answer = await patient.post("/v1/operators/anna/next", params={"wait": wait})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not resources.arrivals._waiters


class Caller:
    """Somebody on the telephone to the application itself, who may hang up."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._headers = [(name.lower(), value) for name, value in client.headers.raw]
        self._gone = asyncio.Event()
        self.inbound: list[Any] = []

    async def call(self, app: FastAPI, path: str, query: str) -> None:
        scope = {
            **{"type": "http", "method": "POST", "path": path, "query_string": query.encode()},
            **{"headers": self._headers, "asgi": {"version": "3.0"}, "http_version": "1.1"},
            **{"scheme": "http", "root_path": "", "server": ("nextlead", 80)},
        }
        await app(scope, self._receive, self._send)

    def hang_up(self) -> None:
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.inbound.append(message)


async def test_who_hung_up_takes_nothing(
    patient: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    caller = Caller(patient)
    call = asyncio.create_task(caller.call(app, "/v1/operators/anna/next", "wait=50"))
    await asleep(patient, resources, 1)
    caller.hang_up()
    lead = await post_lead(patient)
    async with asyncio.timeout(10):
        await call
    assert (await seen(patient, lead))["state"] == "waiting"
    assert caller.inbound[0]["status"] == 204
    assert (await take_next(patient, "boris"))["id"] == lead["id"]


async def test_who_stays_on_the_line_is_served(
    patient: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    caller = Caller(patient)
    call = asyncio.create_task(caller.call(app, "/v1/operators/anna/next", "wait=50"))
    await asleep(patient, resources, 1)
    lead = await post_lead(patient)
    async with asyncio.timeout(10):
        await call
    assert (await seen(patient, lead))["claim"]["operator"] == "anna"
    assert caller.inbound[0]["status"] == 200


async def test_a_lead_passes_by_who_hung_up_to_the_next_who_waits(
    patient: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    caller = Caller(patient)
    call = asyncio.create_task(caller.call(app, "/v1/operators/anna/next", "wait=50"))
    await until(lambda: len(resources.arrivals._waiters) == 1)
    following = wait_for_next(patient, "boris")
    await asleep(patient, resources, 2)
    caller.hang_up()
    lead = await post_lead(patient)
    async with asyncio.timeout(5):
        answer = await following
    assert answer.json()["id"] == lead["id"]
    await call

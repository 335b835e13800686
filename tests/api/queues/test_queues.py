"""Queues: which there are, and how they stand."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, take_next, wrong_fields
from driven_clock import NOON, DrivenClock

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

PARTS = {"name": "parts", "title": "parts", "currency": "RUB", "time_zone": "Europe/Moscow"}
PARTS |= {"closed_at": None}
NUMBERS = count()


async def test_a_queue_is_made_once_and_changed_afterwards(client: httpx.AsyncClient) -> None:
    made = await client.put("/v1/queues/parts", json={})
    again = await client.put("/v1/queues/parts", json={})
    sent = {"title": "Запчасти", "currency": "KZT", "time_zone": "Asia/Almaty"}
    changed = await client.put("/v1/queues/parts", json=sent)
    assert [item.status_code for item in (made, again, changed)] == [201, 200, 200]
    assert made.json() == again.json() == PARTS
    assert changed.json() == {"name": "parts", "closed_at": None, **sent}


async def test_put_replaces_the_title_and_patch_keeps_it(client: httpx.AsyncClient) -> None:
    await client.put("/v1/queues/parts", json={"title": "Запчасти", "currency": "KZT"})
    patched = await client.patch("/v1/queues/parts", json={"time_zone": "Asia/Almaty"})
    assert patched.json()["title"] == "Запчасти"
    replaced = (await client.put("/v1/queues/parts", json={})).json()
    assert replaced["title"] == "parts"
    assert (replaced["currency"], replaced["time_zone"]) == ("KZT", "Asia/Almaty")


async def test_every_queue_is_listed_by_name(client: httpx.AsyncClient) -> None:
    for name in ("tyres", "parts", "0"):
        await client.put(f"/v1/queues/{name}", json={})
    queues = (await client.get("/v1/queues")).json()["queues"]
    assert [queue["name"] for queue in queues] == ["0", "main", "parts", "tyres"]
    assert queues[2] == PARTS


@pytest.mark.parametrize("name", ["a", "0", "a_b-c", "9" * 64])
async def test_leads_come_to_a_queue_that_was_just_made(
    client: httpx.AsyncClient, name: str
) -> None:
    problem = await client.post("/v1/leads", json={"channel": "vk", "queue": name})
    assert wrong_fields(problem) == ["queue"]
    await client.put(f"/v1/queues/{name}", json={})
    await client.put("/v1/operators/carol", json={"queues": [name]})
    lead = await post_lead(client, queue=name)
    assert lead["queue"] == name
    assert (await take_next(client, "carol"))["id"] == lead["id"]


async def test_a_changed_queue_keeps_its_leads(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    main = next(
        item for item in (await client.get("/v1/queues")).json()["queues"] if item["name"] == "main"
    )
    sent = {name: main[name] for name in ("title", "currency", "time_zone")}
    assert (await client.put("/v1/queues/main", json=sent)).status_code == 200
    assert (await take_next(client))["id"] == lead["id"]


async def test_a_queue_that_is_not_there_has_no_stats(client: httpx.AsyncClient) -> None:
    problem_in(await client.get("/v1/queues/nowhere/stats"), 404, "queue-not-found")


@pytest.fixture
async def shop(client: httpx.AsyncClient, resources: Resources) -> tuple[httpx.AsyncClient, str]:
    """The client, and a queue that no test had before: how one stands is remembered a second."""
    name = f"shop-{next(NUMBERS)}"
    await client.put(f"/v1/queues/{name}", json={"currency": "KZT"})
    await client.put("/v1/operators/carol", json={"queues": [name], "capacity": 5})
    await client.put("/v1/operators/dora", json={"queues": ["main", name]})
    await keep_in_step(resources)
    return client, name


async def stats(client: httpx.AsyncClient, queue: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/queues/{queue}/stats")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def nothing_happened() -> dict[str, Any]:
    """A day without a lead."""
    names = ("served", "first_answers_known", "won", "lost", "cancelled", "no_answer", "answered")
    ends = dict.fromkeys(names, 0)
    times = tuple(f"first_answer_{of}_seconds" for of in ("median", "90_percent", "95_percent"))
    return {**ends, "amount": "0.00", "reasons": [], **dict.fromkeys(times)}


async def test_an_empty_queue_stands_at_nought(shop: tuple[httpx.AsyncClient, str]) -> None:
    client, queue = shop
    assert await stats(client, queue) == {
        "queue": queue,
        "at": "2026-06-10T09:00:00Z",
        "currency": "KZT",
        "waiting": {
            "depth": 0,
            "oldest_wait_seconds": None,
            "cost_per_minute": "0.00",
            "by_kind": [],
        },
        "claimed": 0,
        "parked": 0,
        "late": 0,
        "served_last_hour": 0,
        "live": {"waiting": 0, "longest_wait_seconds": None},
        "presence": {"on_shift": 0, "free": 0, "on_break": 0},
        "targets": [
            {"figure": figure, "bound": "at_most", "target": target, "value": 0, "met": True}
            for figure, target in (("live_seconds", 15), ("late", 0), ("waiting", 15))
        ],
        "last_24_hours": nothing_happened(),
        "operators": [{"name": "carol", "holding": 0}, {"name": "dora", "holding": 0}],
        "cutoff": {
            "at": "2026-06-11T09:00:00Z",
            **dict.fromkeys(("waiting", "operators_on_shift", "will_miss"), 0),
            **{"handling_minutes": 6.0, "needed_minutes": 0.0, "left_minutes": 660.0},
        },
        "unstaffed": [],
        "retention": [
            {"what": what, "days": days, "next_at": None}
            for what, days in (("leads", 730), ("events", 730), ("texts", 365), ("deliveries", 30))
        ],
    }


async def test_what_waits_is_counted_by_kind_and_stage(
    shop: tuple[httpx.AsyncClient, str], clock: DrivenClock
) -> None:
    client, queue = shop
    email = await post_lead(client, queue=queue, channel="email", budget=1000)
    clock.pass_by(seconds=30)
    chats = [await post_lead(client, queue=queue, budget=budget) for budget in (5000, 7000)]
    missed = await post_lead(client, queue=queue, channel="phone", live=False)
    call = await post_lead(client, queue=queue, channel="phone")
    await post_lead(client, channel="phone", text="of another queue")
    clock.pass_by(seconds=12.5)

    waiting = (await stats(client, queue))["waiting"]
    every = [call, missed, *chats, email]
    assert (waiting["depth"], waiting["oldest_wait_seconds"]) == (5, 42.5)
    assert float(waiting["cost_per_minute"]) == pytest.approx(cost(*every), abs=0.03)
    assert [
        tuple(item[name] for name in ("kind", "stage", "depth", "oldest_wait_seconds"))
        for item in waiting["by_kind"]
    ] == [
        ("phone", 800, 1, 12.5),
        ("phone", 750, 1, 12.5),
        ("chat", 600, 2, 12.5),
        ("offline", 400, 1, 42.5),
    ]
    assert [float(item["cost_per_minute"]) for item in waiting["by_kind"]] == pytest.approx(
        [cost(call), cost(missed), cost(*chats), cost(email)], abs=0.02
    )


def cost(*leads: dict[str, Any]) -> float:
    """What a minute of waiting costs, of all the leads."""
    return sum(float(lead["cost_per_minute"]) for lead in leads)


async def test_a_day_is_told_in_numbers(
    shop: tuple[httpx.AsyncClient, str], clock: DrivenClock
) -> None:
    client, queue = shop
    for number in range(5):
        await post_lead(client, queue=queue, budget=500 - number, text=str(number))
    taken = []
    for _ in range(4):
        clock.pass_by(seconds=20)
        taken.append(await take_next(client, "carol"))
    found = await stats(client, queue)
    assert (found["claimed"], found["parked"], found["waiting"]["depth"]) == (4, 0, 1)
    assert found["operators"] == [{"name": "carol", "holding": 4}, {"name": "dora", "holding": 0}]
    answered = {
        "first_answer_median_seconds": 50.0,
        "first_answer_90_percent_seconds": 74.0,
        "first_answer_95_percent_seconds": 77.0,
    }
    assert found["last_24_hours"] == {**nothing_happened(), "served": 4, **answered}

    await do(client, taken[0], "settle", outcome="won", amount="5200.50", note="paid")
    await do(client, taken[1], "settle", outcome="won", amount="0.50", note="paid")
    await do(client, taken[2], "settle", outcome="lost", reason="too dear", note="told")
    await do(client, taken[3], "settle", outcome="callback", note="later")
    clock.pass_by(seconds=1)
    found = await stats(client, queue)
    assert (found["claimed"], found["parked"], found["waiting"]["depth"]) == (0, 1, 1)
    assert found["operators"][0] == {"name": "carol", "holding": 0}
    why = [{"outcome": "lost", "name": None, "leads": 1}]
    ends = {"served": 4, "won": 2, "lost": 1, "amount": "5201.00", "reasons": why}
    assert found["last_24_hours"] == {**nothing_happened(), **ends, **answered}

    clock.pass_by(days=1)
    found = await stats(client, queue)
    assert (found["parked"], found["waiting"]["oldest_wait_seconds"]) == (1, 86400 + 81)
    assert found["last_24_hours"] == nothing_happened()


@pytest.mark.parametrize(
    ("outcome", "more"), [("cancelled", {"reason": "a joke"}), ("lost", {"reason": "too dear"})]
)
async def test_every_end_is_counted_by_its_name(
    shop: tuple[httpx.AsyncClient, str], outcome: str, more: dict[str, str]
) -> None:
    client, queue = shop
    await post_lead(client, queue=queue)
    lead = await take_next(client, "carol")
    await do(client, lead, "settle", outcome=outcome, note="told", **more)
    assert (await stats(client, queue))["last_24_hours"] == {
        **nothing_happened(),
        **{"served": 1, outcome: 1},
        "reasons": [{"outcome": outcome, "name": None, "leads": 1}],
        **dict.fromkeys(
            (f"first_answer_{of}_seconds" for of in ("median", "90_percent", "95_percent")), 0.0
        ),
    }


async def test_reasons_are_counted_as_the_policy_calls_them(
    shop: tuple[httpx.AsyncClient, str],
) -> None:
    client, queue = shop
    why = [
        ("lost", "too_dear"),
        ("lost", "дорого"),
        ("lost", "сосед отдал"),
        ("cancelled", "not_paid"),
    ]
    for outcome, reason in why:
        await post_lead(client, queue=queue)
        lead = await take_next(client, "carol")
        await do(client, lead, "settle", outcome=outcome, reason=reason, note="told")
    assert (await stats(client, queue))["last_24_hours"]["reasons"] == [
        {"outcome": "lost", "name": "too_dear", "leads": 2},
        {"outcome": "lost", "name": None, "leads": 1},
        {"outcome": "cancelled", "name": "not_paid", "leads": 1},
    ]


async def test_who_never_answered_is_counted_at_the_end_of_the_ladder(
    shop: tuple[httpx.AsyncClient, str], clock: DrivenClock, resources: Resources
) -> None:
    client, queue = shop
    await post_lead(client, queue=queue, channel="phone")
    for tried in range(4):
        assert (await stats(client, queue))["last_24_hours"]["no_answer"] == 0
        lead = await take_next(client, "carol")
        await do(client, lead, "settle", outcome="no_answer")
        clock.pass_by(minutes=(30, 180, 1440, 1)[tried])
        await keep_in_step(resources)
    found = await stats(client, queue)
    assert (found["last_24_hours"]["no_answer"], found["parked"]) == (1, 0)


async def test_only_the_first_answer_counts(
    shop: tuple[httpx.AsyncClient, str], clock: DrivenClock
) -> None:
    client, queue = shop
    await post_lead(client, queue=queue)
    for seconds in (10, 20, 30):
        clock.pass_by(seconds=seconds)
        await do(client, await take_next(client, "carol"), "release")
    day = (await stats(client, queue))["last_24_hours"]
    assert (day["served"], day["first_answer_median_seconds"]) == (1, 10.0)


async def test_a_holder_of_two_queues_is_counted_in_each_for_its_own(
    shop: tuple[httpx.AsyncClient, str],
) -> None:
    client, queue = shop
    await post_lead(client, queue=queue)
    await take_next(client, "dora")
    found = await stats(client, queue)
    assert found["operators"] == [{"name": "carol", "holding": 0}, {"name": "dora", "holding": 1}]


async def test_the_numbers_are_counted_once_a_second(
    shop: tuple[httpx.AsyncClient, str], clock: DrivenClock
) -> None:
    client, queue = shop
    first = await stats(client, queue)
    await post_lead(client, queue=queue)
    clock.pass_by(milliseconds=999)
    assert await stats(client, queue) == first
    clock.pass_by(milliseconds=1)
    found = await stats(client, queue)
    assert found["waiting"]["depth"] == 1
    assert datetime.fromisoformat(found["at"]) == NOON + timedelta(seconds=1)

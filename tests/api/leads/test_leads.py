"""Posting leads, looking at them and at what happened to them."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

import httpx
import pytest
from doors import (
    Newcomer,
    do,
    post_lead,
    problem_in,
    rows,
    seen,
    take_next,
    wrong_fields,
)
from driven_clock import NOON, DrivenClock
from shop import Shop
from stories import join_nothing

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

BODY = {"channel": "whatsapp", "source": "wazzup", "text": "pads"}
KEY = {"Idempotency-Key": "3f1c"}


async def test_a_lead_is_answered_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/leads", json={"channel": "whatsapp", "budget": "5000", "urgency": 0.9}
    )
    assert answer.status_code == 201
    lead = answer.json()
    assert (lead["stage"], lead["score"], lead["cost_per_minute"]) == (600, 65.86, "895.03")
    assert (lead["state"], lead["version"], lead["claim"]) == ("waiting", 1, None)
    assert lead["received_at"] == lead["created_at"] == "2026-06-10T09:00:00Z"
    assert lead["explanation"]["urgency"] == {
        "value": 0.9,
        "source": "stated",
        "rule": "A1",
        "title": "Leads differ in kind, chance, budget and urgency.",
    }


@pytest.mark.parametrize(
    "later",
    [
        BODY,
        {**BODY, "text": "the whole front", "budget": 150_000, "queue": "main"},
        {**BODY, "channel": "vk", "customer": {"name": "Olga", "phone": "+7916"}},
    ],
    ids=["the same", "worth more", "another channel"],
)
async def test_a_repeated_signal_is_the_same_lead_whatever_it_says(
    client: httpx.AsyncClient, resources: Resources, later: dict[str, Any]
) -> None:
    first = await client.post("/v1/leads", json={**BODY, "external_id": "msg-1"})
    again = await client.post("/v1/leads", json={**later, "external_id": "msg-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert await events(client, first.json()) == ["lead.received"]
    assert (await rows(resources))["leads"] == 1


@pytest.mark.parametrize(
    "other", [{"source": "telephony"}, {"external_id": "msg-2"}, {"external_id": None}]
)
async def test_another_source_or_id_is_another_lead(
    client: httpx.AsyncClient, other: dict[str, Any]
) -> None:
    first = await post_lead(client, **BODY, external_id="msg-1")
    second = await post_lead(client, **{**BODY, "external_id": "msg-1", **other})
    assert first["id"] != second["id"]


async def test_signals_without_an_id_are_each_a_lead(client: httpx.AsyncClient) -> None:
    assert (await post_lead(client, **BODY))["id"] != (await post_lead(client, **BODY))["id"]


async def test_a_repeated_signal_is_answered_with_the_lead_as_it_is_now(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client, **BODY, external_id="msg-1")
    taken = await take_next(client)
    again = await client.post("/v1/leads", json={**BODY, "external_id": "msg-1"})
    apart = ("decision", "hints", "client", "details_only")
    decision, hints, *_ = (taken.pop(item) for item in apart)
    assert [hint["rule"] for hint in hints] == ["B13"]
    shown = {**taken, "claim": {**taken["claim"], "token": None}}
    assert (again.status_code, again.json(), decision["way"]) == (200, shown, "line")
    await do(client, taken, "settle", outcome="won", amount=5, note="paid")
    again = await client.post("/v1/leads", json={**BODY, "external_id": "msg-1"})
    assert (again.status_code, again.json()["state"]) == (200, "settled")


async def test_a_repeated_key_with_the_same_body_is_the_same_lead(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    first = await client.post("/v1/leads", json=BODY, headers=KEY)
    again = await client.post("/v1/leads", json=BODY, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (await rows(resources))["leads"] == 1


@pytest.mark.parametrize(
    "before",
    [BODY, {**BODY, "external_id": "msg-1"}],
    ids=["without an id", "with the same id"],
)
async def test_a_repeated_key_with_another_body_is_a_conflict(
    client: httpx.AsyncClient, resources: Resources, before: dict[str, Any]
) -> None:
    lead = (await client.post("/v1/leads", json=before, headers=KEY)).json()
    answer = await client.post("/v1/leads", json={**before, "text": "oil"}, headers=KEY)
    problem_in(answer, 409, "idempotency-conflict")
    lead.pop("explanation")
    assert await seen(client, lead) == lead
    assert (await rows(resources))["leads"] == 1


async def test_a_repeated_key_counts_before_a_repeated_id(client: httpx.AsyncClient) -> None:
    await client.post("/v1/leads", json=BODY, headers=KEY)
    await post_lead(client, **BODY, external_id="msg-1")
    answer = await client.post("/v1/leads", json={**BODY, "external_id": "msg-1"}, headers=KEY)
    problem_in(answer, 409, "idempotency-conflict")


async def test_a_new_key_does_not_make_a_known_signal_new(client: httpx.AsyncClient) -> None:
    first = await post_lead(client, **BODY, external_id="msg-1")
    again = await client.post("/v1/leads", json={**BODY, "external_id": "msg-1"}, headers=KEY)
    assert (again.status_code, again.json()) == (200, first)


async def test_another_key_is_another_lead(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/leads", json=BODY, headers=KEY)
    other = await client.post("/v1/leads", json=BODY, headers={"Idempotency-Key": "3f1d"})
    assert (first.status_code, other.status_code) == (201, 201)


async def test_a_key_of_another_sender_is_his_own(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    first = await client.post("/v1/leads", json=BODY, headers=KEY)
    crm = await newcomer("intake", name="crm")
    other = await crm.post("/v1/leads", json={**BODY, "text": "oil"}, headers=KEY)
    again = await crm.post("/v1/leads", json={**BODY, "text": "oil"}, headers=KEY)
    assert (first.status_code, other.status_code, again.status_code) == (201, 201, 200)
    assert first.json()["id"] != other.json()["id"] == again.json()["id"]


async def test_a_key_may_have_two_hundred_characters(client: httpx.AsyncClient) -> None:
    for key in ("k" * 200, "k" * 199 + "l", "№ 5".encode()):
        for status in (201, 200):
            answer = await client.post("/v1/leads", json=BODY, headers={"Idempotency-Key": key})
            assert answer.status_code == status


async def test_a_refused_request_does_not_use_its_key_up(client: httpx.AsyncClient) -> None:
    assert wrong_fields(await client.post("/v1/leads", json={}, headers=KEY)) == ["channel"]
    assert (await client.post("/v1/leads", json=BODY, headers=KEY)).status_code == 201


@pytest.mark.parametrize(
    ("sent", "headers"),
    [({"external_id": "msg-1"}, {}), ({}, KEY), ({"external_id": "msg-1"}, KEY)],
    ids=["by its id", "by its key", "by both"],
)
async def test_twenty_same_posts_at_once_are_one_lead(
    client: httpx.AsyncClient, resources: Resources, sent: dict[str, Any], headers: dict[str, str]
) -> None:
    body = {**BODY, **sent}
    answers = await asyncio.gather(
        *(client.post("/v1/leads", json=body, headers=headers) for _ in range(20))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.text for answer in answers}) == 1
    assert await events(client, answers[0].json()) == ["lead.received"]
    assert (await rows(resources))["leads"] == 1


async def test_twenty_posts_at_once_under_one_key_are_one_lead_and_conflicts(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    answers = await asyncio.gather(
        *(client.post("/v1/leads", json={**BODY, "text": f"{n}"}, headers=KEY) for n in range(20))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert (await rows(resources))["leads"] == 1


async def test_a_hundred_posts_at_once_are_a_hundred_leads(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await join_nothing(resources)
    customer = {"external_id": "c-1"}
    leads = await asyncio.gather(
        *(post_lead(client, text=str(n), customer=customer) for n in range(100))
    )
    assert [lead["text"] for lead in leads] == [str(n) for n in range(100)]
    assert len({lead["id"] for lead in leads}) == 100
    counts = await rows(resources)
    assert (counts["leads"], counts["lead_events"], counts["customers"]) == (100, 100, 1)


async def pages(client: httpx.AsyncClient, path: str, **wanted: Any) -> list[list[Any]]:
    """Every page from the first to the one that has no next."""
    found: list[list[Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = await client.get(path, params={**wanted, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found.append(page.get("leads", page.get("events")))
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize(
    ("limit", "sizes"), [(1, [1] * 6 + [0]), (2, [2, 2, 2, 0]), (4, [4, 2]), (7, [6])]
)
async def test_pages_show_every_lead_once_the_newest_first(
    client: httpx.AsyncClient, limit: int, sizes: list[int]
) -> None:
    posted = [(await post_lead(client))["id"] for _ in range(6)]
    found = await pages(client, "/v1/leads", limit=limit)
    assert [len(page) for page in found] == sizes
    assert [lead["id"] for page in found for lead in page] == posted[::-1]


async def test_leads_that_come_meanwhile_do_not_disturb_the_pages(
    client: httpx.AsyncClient,
) -> None:
    posted = [(await post_lead(client))["id"] for _ in range(4)]
    first = (await client.get("/v1/leads", params={"limit": 2})).json()
    await post_lead(client)
    second = await client.get("/v1/leads", params={"limit": 2, "cursor": first["next"]})
    found = first["leads"] + second.json()["leads"]
    assert [lead["id"] for lead in found] == posted[::-1]


async def test_fifty_leads_are_shown_unless_said(client: httpx.AsyncClient) -> None:
    await asyncio.gather(*(post_lead(client) for _ in range(51)))
    assert [len(page) for page in await pages(client, "/v1/leads")] == [50, 1]


async def test_a_listed_lead_is_the_lead_without_its_explanation(
    client: httpx.AsyncClient,
) -> None:
    lead = await post_lead(client, customer={"name": "Olga"}, items=[{"name": "pads"}])
    lead.pop("explanation")
    assert await pages(client, "/v1/leads") == [[lead]]
    assert await seen(client, lead) == lead


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, {"chat", "parked", "order", "elsewhere"}),
        ({"queue": "main"}, {"chat", "parked", "order"}),
        ({"queue": "parts"}, {"elsewhere"}),
        ({"queue": "nowhere"}, set()),
        ({"kind": "chat"}, {"chat", "elsewhere"}),
        ({"kind": "task"}, set()),
        ({"state": "waiting"}, {"chat", "order", "elsewhere"}),
        ({"state": "parked"}, {"parked"}),
        ({"state": "settled"}, set()),
        ({"queue": "main", "state": "waiting", "kind": "chat"}, {"chat"}),
        ({"queue": "parts", "state": "parked"}, set()),
    ],
)
async def test_leads_are_listed_by_queue_state_and_kind(
    client: httpx.AsyncClient, wanted: dict[str, str], found: set[str]
) -> None:
    await client.put("/v1/queues/parts", json={})
    await post_lead(client, channel="phone", text="parked")
    await do(client, await take_next(client), "settle", outcome="no_answer")
    await post_lead(client, text="chat")
    await post_lead(client, channel="site_order", text="order")
    await post_lead(client, text="elsewhere", queue="parts")
    (page,) = await pages(client, "/v1/leads", **wanted)
    assert {lead["text"] for lead in page} == found


async def events(client: httpx.AsyncClient, lead: dict[str, Any]) -> list[str]:
    """The types of what happened to a lead, in order."""
    found = await client.get(f"/v1/leads/{lead['id']}/events")
    return [event["type"] for event in found.json()["events"]]


async def test_the_events_tell_the_story_of_a_lead(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    lead = await post_lead(client, channel="phone")
    clock.pass_by(seconds=5)
    await do(client, await take_next(client), "release", reason="lunch")
    clock.pass_by(seconds=5)
    taken = await take_next(client, "boris")
    clock.pass_by(minutes=2)
    await keep_in_step(resources)
    taken = await take_next(client, "boris")
    await do(client, taken, "settle", outcome="no_answer", note="rang out")
    clock.pass_by(minutes=30)
    await keep_in_step(resources)
    taken = await take_next(client)
    await do(client, taken, "settle", outcome="lost", reason="too dear")

    (story,) = await pages(client, f"/v1/leads/{lead['id']}/events")
    assert [
        tuple(item[name] for name in ("type", "actor", "before", "after")) for item in story
    ] == [
        ("lead.received", "tests", None, "waiting"),
        ("lead.claimed", "anna", "waiting", "claimed"),
        ("lead.released", "anna", "claimed", "waiting"),
        ("lead.claimed", "boris", "waiting", "claimed"),
        ("lead.lease_ended", "nextlead", "claimed", "waiting"),
        ("lead.late", "nextlead", "waiting", "waiting"),
        ("lead.claimed", "boris", "waiting", "claimed"),
        ("lead.parked", "boris", "claimed", "parked"),
        ("message.due", "nextlead", "parked", "parked"),
        ("lead.due", "nextlead", "parked", "waiting"),
        ("lead.claimed", "anna", "waiting", "claimed"),
        ("lead.settled", "anna", "claimed", "settled"),
    ]
    minutes = [item["at"].removeprefix("2026-06-10T").removesuffix("Z") for item in story]
    assert minutes == [
        *("09:00:00", "09:00:05", "09:00:05", "09:00:10", "09:02:10", "09:02:10", "09:02:10"),
        *("09:02:10", "09:02:10"),
        *("09:32:10", "09:32:10", "09:32:10"),
    ]
    reasons = [item["reason"] for item in story if item["reason"] is not None]
    assert [reasons[0], *reasons[1:3], *reasons[-2:]] == [
        "lunch", "no sign of life", "nobody took it in time",
        "another try after no answer", "too dear",
    ]  # fmt: skip


async def test_the_events_keep_what_was_said(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    taken = await take_next(client)
    until = "2026-06-10T15:00:00Z"
    await do(client, taken, "settle", outcome="callback", note="in the evening", until=until)
    (story,) = await pages(client, f"/v1/leads/{lead['id']}/events")
    received, claimed, parked = (item["details"] for item in story)
    assert received is None
    shown = {name: part for name, part in lead["explanation"].items() if name != "next_steps"}
    assert claimed["explanation"] == shown
    assert claimed["decision"]["rank"] == lead["explanation"]["rank"]
    assert datetime.fromisoformat(claimed["situation"]["asked_at"]) == NOON
    assert datetime.fromisoformat(parked.pop("until")) == datetime.fromisoformat(until)
    assert parked == {"outcome": "callback", "note": "in the evening", "for": "callback"}


async def test_the_amount_is_kept_with_the_event(client: httpx.AsyncClient) -> None:
    await post_lead(client)
    lead = await take_next(client)
    await do(client, lead, "settle", outcome="won", amount="5200.50", note="paid")
    (story,) = await pages(client, f"/v1/leads/{lead['id']}/events")
    paid = {"outcome": "won", "note": "paid", "amount": "5200.50", "currency": "RUB"}
    assert story[-1]["details"] == paid


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_pages_show_every_event_once_the_oldest_first(
    client: httpx.AsyncClient, limit: int
) -> None:
    lead = await post_lead(client)
    for _ in range(3):
        await do(client, await take_next(client), "release")
    found = await pages(client, f"/v1/leads/{lead['id']}/events", limit=limit)
    ids = [event["id"] for page in found for event in page]
    assert len(ids) == 7
    assert ids == sorted(set(ids))
    assert all(len(page) == limit for page in found[:-1])


async def test_the_events_of_another_lead_are_not_shown(client: httpx.AsyncClient) -> None:
    leads = await post_lead(client, budget=1), await post_lead(client, budget=2)
    await take_next(client)
    assert [await events(client, lead) for lead in leads] == [
        ["lead.received"],
        ["lead.received", "lead.claimed"],
    ]


async def test_a_token_is_shown_to_nobody_who_does_not_hold_the_lead(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await post_lead(client, **BODY, external_id="msg-1")
    lead = await take_next(client)
    crm = await newcomer("intake", "read", "operate", "supervise", "admin", name="crm")
    answers = [
        await crm.get(f"/v1/leads/{lead['id']}"),
        await crm.get("/v1/leads"),
        await crm.get("/v1/leads", params={"state": "claimed"}),
        await crm.post("/v1/leads", json={**BODY, "external_id": "msg-1"}),
        await crm.get(f"/v1/leads/{lead['id']}/events"),
        await crm.get(f"/v1/leads/{lead['id']}/explanation"),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert not [answer for answer in answers if lead["claim"]["token"] in answer.text]
    assert answers[0].json()["claim"] == {**lead["claim"], "token": None}


@pytest.mark.parametrize(("old", "present"), [("RUR", "RUB"), ("BYR", "BYN"), ("KZT", "KZT")])
async def test_the_code_of_a_currency_of_before_is_the_present_one(
    shop: Shop, old: str, present: str
) -> None:
    lead = await shop.comes("an order", text="клипса", budget=5000, currency=old)
    assert lead["currency"] == present

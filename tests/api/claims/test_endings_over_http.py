"""Declining, handing over, putting aside, and the outcomes that are followed up."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, seen, take_next, without_token, wrong_fields
from driven_clock import NOON, DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

LATER = (NOON + timedelta(hours=2)).isoformat()
SAID: dict[str, dict[str, Any]] = {
    "decline": {"reason": "не моя тема"},
    "transfer": {"operator": "boris", "note": "ждёт ответа по стойкам"},
    "park": {"until": LATER, "note": "перезвонит после встречи"},
    "settle": {"outcome": "awaiting_payment", "note": "выставила счёт"},
}
VERBS = pytest.mark.parametrize("verb", SAID)


@pytest.fixture(autouse=True)
async def agreed(resources: Resources, redis: Redis) -> Any:
    """After every story the line equals the rows."""
    yield
    await check_invariants(resources, redis)


async def held(client: httpx.AsyncClient, operator: str = "anna", **sent: Any) -> dict[str, Any]:
    await post_lead(client, **sent)
    return await take_next(client, operator)


@VERBS
async def test_an_ending_answers_the_lead_as_it_is_now(
    client: httpx.AsyncClient, verb: str
) -> None:
    lead = await held(client)
    answer = await do(client, lead, verb, **SAID[verb])
    assert answer.status_code == 200
    state = "waiting" if verb in ("decline", "transfer") else "parked"
    assert (answer.json()["state"], answer.json()["claim"]) == (state, None)
    ended = answer.json()
    assert ended.pop("warnings", []) == []
    assert ended == await seen(client, lead)
    assert ended["received_at"] == lead["received_at"]


@VERBS
async def test_another_token_ends_nothing(client: httpx.AsyncClient, verb: str) -> None:
    lead = await held(client)
    other = {**lead, "claim": {"token": "another"}}
    problem_in(await do(client, other, verb, **SAID[verb]), 409, "claim-gone")
    assert (await seen(client, lead))["claim"] == without_token(lead["claim"])


@VERBS
async def test_what_nobody_holds_does_not_end(client: httpx.AsyncClient, verb: str) -> None:
    lead = await held(client)
    await do(client, lead, "settle", outcome="lost", reason="дорого", note="сказала")
    problem_in(await do(client, lead, verb, **SAID[verb]), 409, "claim-gone")


@VERBS
async def test_a_lead_that_is_not_there_does_not_end(client: httpx.AsyncClient, verb: str) -> None:
    path = f"/v1/leads/01970000-0000-7000-8000-000000000000/{verb}"
    answer = await client.post(path, json={"token": "t", **SAID[verb]})
    problem_in(answer, 404, "lead-not-found")


@pytest.mark.parametrize(
    ("verb", "sent", "lacking"),
    [
        ("decline", {}, ["reason"]),
        ("decline", {"reason": " "}, ["reason"]),
        ("decline", {"reason": None}, ["reason"]),
        ("park", {}, ["until", "note"]),
        ("park", {"until": LATER}, ["note"]),
        ("park", {"note": "ждём"}, ["until"]),
        ("park", {"until": "2026-06-10T08:59:59Z", "note": "ждём"}, ["until"]),
        ("park", {"until": "tomorrow", "note": ""}, ["until", "note"]),
        ("transfer", {}, ["note", "operator"]),
        ("transfer", {"operator": "boris"}, ["note"]),
        ("transfer", {"note": "ждём"}, ["operator"]),
        ("transfer", {"operator": "nobody", "note": "ждём"}, ["operator"]),
        ("transfer", {"skill": "fitters", "note": "ждём"}, ["skill"]),
        ("transfer", {"operator": "boris", "to": "boris", "note": "ждём"}, ["to"]),
        ("settle", {"outcome": "wish"}, ["note", "phone"]),
        ("settle", {"outcome": "wholesale", "note": "x"}, ["buyer", "selection"]),
        ("settle", {"outcome": "wholesale", "buyer": "shop", "note": "x"}, ["buyer"]),
        ("settle", {"outcome": "lost", "buyer": "reseller", "note": "x"}, ["reason", "buyer"]),
        ("settle", {"outcome": "sold"}, ["outcome"]),
        ("settle", {"outcome": "awaiting_payment"}, ["note"]),
    ],
)
async def test_an_ending_is_told_all_that_it_lacks(
    client: httpx.AsyncClient, verb: str, sent: dict[str, Any], lacking: list[str]
) -> None:
    lead = await held(client)
    assert wrong_fields(await do(client, lead, verb, **sent)) == lacking
    assert (await seen(client, lead))["claim"] == without_token(lead["claim"])


async def test_no_token_is_a_mistake(client: httpx.AsyncClient) -> None:
    lead = await held(client)
    for verb, sent in SAID.items():
        answer = await client.post(f"/v1/leads/{lead['id']}/{verb}", json=sent)
        assert wrong_fields(answer) == ["token"]


async def test_a_declined_lead_is_offered_to_others_only(client: httpx.AsyncClient) -> None:
    lead = await held(client)
    await do(client, lead, "decline", **SAID["decline"])
    assert (await client.post("/v1/operators/anna/next")).status_code == 204
    assert (await client.get("/v1/operators/anna/queue")).json()["leads"] == []
    taken = await take_next(client, "boris")
    assert taken["id"] == lead["id"]
    assert taken["explanation"]["routing"]["declined_by"] == ["anna"]


async def test_a_handover_is_read_by_who_gets_it_and_told_in_the_history(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/v1/operators/boris/next")
    lead = await held(client)
    await do(client, lead, "transfer", **SAID["transfer"])
    assert (await take_next(client, "boris"))["note"] == SAID["transfer"]["note"]
    events = (await client.get(f"/v1/leads/{lead['id']}/events")).json()["events"]
    (reported,) = [event for event in events if event["type"] == "lead.transferred"]
    note = SAID["transfer"]["note"]
    assert reported["details"] == {"from": "anna", "to": {"operator": "boris"}, "note": note}


@pytest.mark.parametrize(
    ("verb", "sent", "parked_for", "until", "stage"),
    [
        ("park", SAID["park"], "later", NOON + timedelta(hours=2), 600),
        ("settle", SAID["settle"], "payment", NOON + timedelta(days=3), 400),
        (
            "settle",
            {"outcome": "wholesale", "buyer": "reseller", "selection": "by_client", "note": "x"},
            "wholesale_check",
            NOON + timedelta(days=1),
            300,
        ),
    ],
)
async def test_a_parked_lead_says_what_it_comes_back_for(
    client: httpx.AsyncClient,
    clock: DrivenClock,
    verb: str,
    sent: dict[str, Any],
    parked_for: str,
    until: datetime,
    stage: int,
    resources: Resources,
) -> None:
    lead = await held(client)
    parked = (await do(client, lead, verb, **sent)).json()
    assert (parked["parked_for"], parked["parked_by"]) == (parked_for, "anna")
    assert datetime.fromisoformat(parked["parked_until"]) == until
    assert parked["price_profile"] == ("OPT2" if parked_for == "wholesale_check" else None)
    clock.moment = until
    await keep_in_step(resources)
    served = await take_next(client, "anna" if parked_for == "later" else "boris")
    assert (served["id"], served["stage"], served["parked_for"]) == (lead["id"], stage, parked_for)


async def test_a_payment_that_comes_settles_the_lead(client: httpx.AsyncClient) -> None:
    lead = await held(client)
    await do(client, lead, "settle", amount="5200", **SAID["settle"])
    won = (await client.patch(f"/v1/leads/{lead['id']}", json={"paid": True})).json()
    assert (won["state"], won["outcome"], won["amount"]) == ("settled", "won", "5200.00")
    assert (won["settled_by"], won["paid"]) == ("anna", True)


async def test_wishes_are_found_again(client: httpx.AsyncClient) -> None:
    wished, lost = await held(client), await held(client, "boris")
    note = "салют «Залп», +7 916 123-45-67"
    assert (await do(client, wished, "settle", outcome="wish", note=note)).status_code == 200
    await do(client, lost, "settle", outcome="lost", reason="дорого", note="сказала")
    found = (await client.get("/v1/leads", params={"outcome": "wish"})).json()["leads"]
    assert [(item["id"], item["note"]) for item in found] == [(wished["id"], note)]
    other = {"outcome": "wish", "queue": "main", "kind": "phone"}
    assert (await client.get("/v1/leads", params=other)).json()["leads"] == []
    answer = await client.get("/v1/leads", params={"outcome": "wishes"})
    assert wrong_fields(answer) == ["outcome"]


async def test_an_amount_of_another_currency_is_converted_or_refused(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client, channel="whatsapp", budget="100", currency="USD")
    lead = await take_next(client)
    assert (lead["currency"], lead["explanation"]["budget"]["source"]) == (
        "USD",
        "usual bill of chat, no rate for USD",
    )
    won = {"outcome": "won", "amount": "10", "currency": "USD", "note": "paid"}
    body = {"token": lead["claim"]["token"], **won}
    refused = await client.post(f"/v1/leads/{lead['id']}/settle", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "currency")
    policy = await client.get("/v1/queues/main/policy")
    spec = {**policy.json()["policy"], "rates": {"USD": {"rate": 80, "on": "2026-06-09"}}}
    headers = {"If-Match": policy.headers["etag"]}
    changed = await client.put("/v1/queues/main/policy", json=spec, headers=headers)
    assert changed.status_code in (200, 201), changed.text
    settled = await client.post(f"/v1/leads/{lead['id']}/settle", json=body)
    assert settled.status_code == 200, settled.text
    assert (settled.json()["amount"], settled.json()["amount_currency"]) == ("800.00", "RUB")
    await post_lead(client, channel="whatsapp", budget="100", currency="USD")
    budget = (await take_next(client))["explanation"]["budget"]
    assert (budget["value"], budget["source"]) == ("8000.00", "converted")
    assert budget["conversion"]["on"] == "2026-06-09"

"""Claiming a certain lead; renewing, releasing and settling a claim by its token."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, seen, take_next, wrong_fields
from driven_clock import NOON, DrivenClock

from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Kind
from service.leads.settlement import Outcome
from service.resources import Resources

LEASE = timedelta(seconds=120)
VERBS: list[tuple[str, dict[str, Any]]] = [
    ("renew", {}),
    ("release", {}),
    ("settle", {"outcome": "won", "amount": 5, "note": "paid"}),
    ("settle", {"outcome": "callback", "note": "later"}),
]
IDS = ("renew", "release", "won", "callback")
MOVES = pytest.mark.parametrize(("verb", "sent"), VERBS, ids=IDS)
CLIENT = {"buyer": "reseller", "selection": "by_shop"}
EVERYTHING = {"reason": "too dear", "amount": "5.50", "note": "all told", **CLIENT}
NEEDS = {
    "answered": {"note"},
    "will_think": {"note", "until"},
}
LATER = "2026-06-10T10:00:00Z"
EVERYTHING |= {"until": LATER}
OF_OPERATORS = [item for item in Outcome if item != "withdrawn_by_client"]
PHONE = {"phone": "+79161234567"}


async def claim(client: httpx.AsyncClient, lead: dict[str, Any], operator: str) -> httpx.Response:
    return await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": operator})


def at(sent: str | None) -> datetime:
    assert sent is not None
    return datetime.fromisoformat(sent)


async def test_a_certain_lead_is_claimed_past_the_order(client: httpx.AsyncClient) -> None:
    lesser = await post_lead(client, budget=1)
    better = await post_lead(client, budget=2)
    answer = await claim(client, lesser, "anna")
    assert answer.status_code == 200
    taken = answer.json()
    assert (taken["id"], taken["state"]) == (lesser["id"], "claimed")
    assert taken["explanation"] == lesser["explanation"]
    assert taken["claim"]["operator"] == "anna"
    assert at(taken["claim"]["since"]) == NOON
    assert at(taken["claim"]["lease_until"]) == NOON + LEASE
    assert (await take_next(client))["claim"]["token"] == taken["claim"]["token"]
    assert (await take_next(client, "boris"))["id"] == better["id"]


async def test_a_lead_claimed_again_by_its_holder_is_his_still(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    first, again = await claim(client, lead, "anna"), await claim(client, lead, "anna")
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_lead_that_another_holds_cannot_be_claimed(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    taken = (await claim(client, lead, "anna")).json()
    problem = problem_in(await claim(client, lead, "boris"), 409, "move-not-allowed")
    assert "claimed" in problem["detail"]
    assert (await seen(client, lead))["claim"] == {**taken["claim"], "token": None}


@pytest.mark.parametrize("outcome", ["no_answer", "lost"])
async def test_a_lead_that_does_not_wait_cannot_be_claimed(
    client: httpx.AsyncClient, outcome: str
) -> None:
    await post_lead(client, channel="phone")
    lead = await take_next(client)
    await do(client, lead, "settle", outcome=outcome, reason="too dear")
    before = await seen(client, lead)
    problem_in(await claim(client, lead, "anna"), 409, "move-not-allowed")
    assert await seen(client, lead) == before


async def test_an_operator_at_capacity_claims_no_more(client: httpx.AsyncClient) -> None:
    first, second = await post_lead(client), await post_lead(client)
    await claim(client, first, "anna")
    problem_in(await claim(client, second, "anna"), 409, "at-capacity")
    assert (await seen(client, second))["state"] == "waiting"
    await client.put("/v1/operators/anna", json={"capacity": 2})
    assert (await claim(client, second, "anna")).status_code == 200


async def test_nobody_claims_nothing(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    problem_in(await claim(client, lead, "nobody"), 404, "operator-not-found")
    assert (await seen(client, lead))["state"] == "waiting"


async def test_a_claim_is_renewed_from_now(client: httpx.AsyncClient, clock: DrivenClock) -> None:
    await post_lead(client)
    lead = await take_next(client)
    clock.pass_by(seconds=60)
    renewed = (await do(client, lead, "renew")).json()
    assert at(renewed["claim"]["lease_until"]) == NOON + timedelta(seconds=60) + LEASE
    assert {**renewed["claim"], "lease_until": None} == {**lead["claim"], "lease_until": None}
    assert renewed["version"] == lead["version"] + 1


async def test_who_gives_signs_of_life_keeps_his_lead(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    for _ in range(4):
        clock.pass_by(seconds=100)
        assert (await do(client, lead, "renew")).status_code == 200
        await keep_in_step(resources)
    assert (await seen(client, lead))["claim"]["since"] == lead["claim"]["since"]
    clock.pass_by(seconds=120)
    await keep_in_step(resources)
    assert (await seen(client, lead))["state"] == "waiting"


async def test_a_released_lead_waits_at_its_place(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await post_lead(client, budget=1)
    lead = await post_lead(client, budget=2)
    await post_lead(client, budget=3)
    clock.pass_by(minutes=1)
    taken = (await claim(client, lead, "anna")).json()
    before = await line_of(client)
    clock.pass_by(minutes=1)
    released = (await do(client, taken, "release", reason="lunch")).json()
    stored = ("received_at", "stage", "score", "created_at", "queue", "policy_version")
    assert [released[name] for name in stored] == [lead[name] for name in stored]
    assert (released["state"], released["claim"], released["version"]) == ("waiting", None, 3)
    assert await line_of(client) == [before[0], lead["id"], before[1]]


async def line_of(client: httpx.AsyncClient, operator: str = "anna") -> list[str]:
    """The ids of what waits, in the order in which the operator would be served it."""
    answer = await client.get(f"/v1/operators/{operator}/queue")
    return [lead["id"] for lead in answer.json()["leads"]]


async def give_back(client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
    await do(client, lead, "release")


async def give_to_another(client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
    await do(client, lead, "release")
    assert (await take_next(client, "boris"))["id"] == lead["id"]


async def give_to_the_same(client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
    await do(client, lead, "release")
    assert (await take_next(client))["id"] == lead["id"]


async def park(client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
    await do(client, lead, "settle", outcome="callback", note="later")


async def end(client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
    await do(client, lead, "settle", outcome="won", amount=1, note="paid")


@MOVES
@pytest.mark.parametrize("meanwhile", [give_back, give_to_another, give_to_the_same, park, end])
async def test_an_old_token_changes_nothing(
    client: httpx.AsyncClient, meanwhile: Any, verb: str, sent: dict[str, Any]
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    await meanwhile(client, lead)
    repeated = meanwhile is park and sent.get("outcome") == "callback"
    if verb == "release" and meanwhile in (give_back, give_to_another, give_to_the_same):
        sent = {"reason": "another one than before"}  # the same is answered as the first time
    if repeated:
        sent = {"outcome": "callback", "note": "another one than before"}
    await refuses(client, lead, verb, sent)


async def refuses(
    client: httpx.AsyncClient, lead: dict[str, Any], verb: str, sent: dict[str, Any]
) -> None:
    """The move is refused because the claim is gone, and changes nothing."""
    path = f"/v1/leads/{lead['id']}/events"
    before = await seen(client, lead), (await client.get(path)).json()
    problem_in(await do(client, lead, verb, **sent), 409, "claim-gone")
    assert (await seen(client, lead), (await client.get(path)).json()) == before


@MOVES
async def test_the_token_of_an_ended_lease_changes_nothing(
    client: httpx.AsyncClient,
    clock: DrivenClock,
    resources: Resources,
    verb: str,
    sent: dict[str, Any],
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    clock.pass_by(seconds=120)
    await keep_in_step(resources)
    await refuses(client, lead, verb, sent)


@MOVES
@pytest.mark.parametrize("token", ["x", "токен"])
async def test_a_wrong_token_changes_nothing(
    client: httpx.AsyncClient, verb: str, sent: dict[str, Any], token: str
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    await refuses(client, {**lead, "claim": {"token": token}}, verb, sent)
    await refuses(client, {**lead, "claim": {"token": lead["claim"]["token"] + token}}, verb, sent)


@MOVES
async def test_the_token_of_another_lead_changes_nothing(
    client: httpx.AsyncClient, verb: str, sent: dict[str, Any]
) -> None:
    await post_lead(client)
    await post_lead(client)
    mine, his = await take_next(client), await take_next(client, "boris")
    await refuses(client, {**mine, "claim": his["claim"]}, verb, sent)


@pytest.mark.parametrize("verb", ["renew", "release", "settle"])
async def test_a_lead_that_nobody_holds_has_no_token(client: httpx.AsyncClient, verb: str) -> None:
    lead = await post_lead(client)
    more = {"outcome": "lost"} if verb == "settle" else {}
    await refuses(client, {**lead, "claim": {"token": "t"}}, verb, more)


def needed(outcome: Outcome, kind: Kind) -> set[str]:
    """What this outcome of a lead of this kind must say (rules A15, A19, A21, B8, B12)."""
    reason = {"reason"} if outcome in ("lost", "cancelled") else set()
    amount = {"amount"} if outcome == "won" else set()
    written = kind in ("chat", "self_order") and outcome not in ("spam", "duplicate")
    note = {"note"} if written or outcome == "wish" else set()
    client = {*CLIENT} if outcome == "wholesale" else set()
    return reason | amount | note | client | NEEDS.get(outcome, set())


@pytest.mark.parametrize(("outcome", "kind"), list(product(OF_OPERATORS, Kind)))
async def test_a_settlement_is_told_exactly_what_it_lacks(
    door: httpx.AsyncClient, outcome: Outcome, kind: Kind
) -> None:
    lacks = needed(outcome, kind)
    sent = {name: EVERYTHING[name] for name in lacks}
    await door.put("/v1/operators/teller", json={"capacity": 100})
    number = 10 * list(Outcome).index(outcome) + list(Kind).index(kind)
    caller = {"phone": f"+79161234{number:03}"}
    lead = (await claim(door, await post_lead(door, kind=kind, customer=caller), "teller")).json()
    for name in lacks:
        reported = {other: sent[other] for other in lacks - {name}}
        assert wrong_fields(await do(door, lead, "settle", outcome=outcome, **reported)) == [name]
    if lacks:
        assert set(wrong_fields(await do(door, lead, "settle", outcome=outcome))) == lacks
    assert (await seen(door, lead))["version"] == lead["version"]
    assert (await do(door, lead, "settle", outcome=outcome, **sent)).status_code == 200


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ({"outcome": "won", "amount": "5200.5"}, ("won", None, "5200.50")),
        ({"outcome": "won", "amount": 0}, ("won", None, "0.00")),
        ({"outcome": "lost", "reason": "too dear"}, ("lost", "too dear", None)),
        ({"outcome": "cancelled", "reason": "a joke"}, ("cancelled", "a joke", None)),
    ],
)
async def test_a_settled_lead_tells_how_it_ended(
    client: httpx.AsyncClient, clock: DrivenClock, sent: dict[str, Any], reported: tuple[str, ...]
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    clock.pass_by(seconds=30)
    settled = (await do(client, lead, "settle", note="done", **sent)).json()
    assert (settled["outcome"], settled["reason"], settled["amount"]) == reported
    assert (settled["state"], settled["claim"]) == ("settled", None)
    assert (settled["settled_by"], settled["note"]) == ("anna", "done")
    assert at(settled["settled_at"]) == NOON + timedelta(seconds=30)
    assert settled.pop("warnings") == []
    assert await seen(client, lead) == settled
    assert (await client.post("/v1/operators/anna/next")).status_code == 204


@pytest.mark.parametrize(
    "outcome", [item for item in OF_OPERATORS if item not in ("callback", "will_think")]
)
async def test_only_a_callback_has_a_time(client: httpx.AsyncClient, outcome: Outcome) -> None:
    await post_lead(client, channel="phone", customer=PHONE)
    lead = await take_next(client)
    sent = {name: EVERYTHING[name] for name in needed(outcome, Kind.PHONE)}
    answer = await do(client, lead, "settle", outcome=outcome, until=LATER, **sent)
    assert wrong_fields(answer) == ["until"]


@pytest.mark.parametrize("until", ["2026-06-10T09:00:00Z", "2026-06-10T11:59:59+03:00"])
async def test_a_callback_lies_in_the_future(client: httpx.AsyncClient, until: str) -> None:
    await post_lead(client, channel="phone")
    lead = await take_next(client)
    answer = await do(client, lead, "settle", outcome="callback", until=until)
    assert wrong_fields(answer) == ["until"]
    assert (await seen(client, lead))["claim"] == {**lead["claim"], "token": None}


@pytest.mark.parametrize(
    ("sent", "minutes"), [({}, 30), ({"until": "2026-06-10T20:15:00+03:00"}, 8 * 60 + 15)]
)
async def test_a_callback_comes_back_at_its_time_ahead_of_chats(
    client: httpx.AsyncClient,
    clock: DrivenClock,
    resources: Resources,
    sent: dict[str, Any],
    minutes: int,
) -> None:
    await post_lead(client, channel="email")
    lead = await take_next(client)
    chat = await post_lead(client, budget=1_000_000_000, urgency=1)
    parked = (await do(client, lead, "settle", outcome="callback", **sent)).json()
    assert (parked["state"], parked["claim"], parked["stage"]) == ("parked", None, 750)
    assert parked.pop("warnings") == []
    assert at(parked["parked_until"]) == NOON + timedelta(minutes=minutes)

    clock.pass_by(minutes=minutes, milliseconds=-1)
    await keep_in_step(resources)
    assert await seen(client, lead) == parked
    assert await line_of(client) == [chat["id"]]

    clock.pass_by(milliseconds=1)
    await keep_in_step(resources)
    back = await seen(client, lead)
    assert (back["state"], back["stage"], back["parked_until"]) == ("waiting", 750, None)
    assert await line_of(client) == [lead["id"], chat["id"]]
    served = await take_next(client)
    assert served["id"] == lead["id"]
    stage = served["explanation"]["stage"]
    assert (stage["value"], stage["source"], stage["rule"]) == (
        750,
        "promised callback is due",
        "A11",
    )


async def test_who_does_not_answer_is_tried_three_times_more(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await post_lead(client, channel="phone")
    for minutes in (30, 180, 1440):
        lead = await take_next(client)
        parked = (await do(client, lead, "settle", outcome="no_answer")).json()
        assert (parked["state"], parked["outcome"]) == ("parked", None)
        assert at(parked["parked_until"]) == clock.now() + timedelta(minutes=minutes)
        clock.pass_by(minutes=minutes, seconds=-1)
        await keep_in_step(resources)
        assert (await seen(client, lead))["state"] == "parked"
        clock.pass_by(seconds=1)
        await keep_in_step(resources)
        assert (await seen(client, lead))["state"] == "waiting"
    settled = (await do(client, await take_next(client), "settle", outcome="no_answer")).json()
    assert (settled["state"], settled["outcome"]) == ("settled", "no_answer")
    assert (settled["settled_by"], settled["parked_until"]) == ("anna", None)


async def test_a_callback_in_between_does_not_shorten_the_ladder(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await post_lead(client, channel="phone")
    for outcome, minutes in (("no_answer", 30), ("callback", 30), ("no_answer", 180)):
        lead = await take_next(client)
        parked = (await do(client, lead, "settle", outcome=outcome)).json()
        assert at(parked["parked_until"]) == clock.now() + timedelta(minutes=minutes)
        clock.pass_by(minutes=minutes)
        await keep_in_step(resources)


async def test_a_note_is_kept_until_there_is_another(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await post_lead(client, channel="phone")
    for note, stored in (("rang out", "rang out"), (None, "rang out"), ("busy", "busy")):
        lead = await take_next(client)
        parked = await do(client, lead, "settle", outcome="callback", note=note)
        assert parked.json()["note"] == stored
        clock.pass_by(minutes=30)
        await keep_in_step(resources)

"""Operators come and go: what they say of it, and what everybody sees."""

import asyncio
from typing import Any

import httpx
import pytest
from doors import a_key, do, post_lead, problem_in, program, take_next, wrong_fields
from driven_clock import DrivenClock
from fastapi import FastAPI
from stories import on_shift

from service.resources import Resources


async def say(client: httpx.AsyncClient, status: str, operator: str = "anna") -> dict[str, Any]:
    """The operator says whether he is there."""
    answer = await client.put(f"/v1/operators/{operator}/presence", json={"status": status})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("status", ["online", "away", "offline"])
async def test_an_operator_is_what_he_says(client: httpx.AsyncClient, status: str) -> None:
    sent = await say(client, status)
    assert sent["presence"] == status
    assert sent["seen_at"] == "2026-06-10T09:00:00Z"
    held = sent.pop("held")
    assert held == ([] if status == "offline" else None)
    assert (await client.get("/v1/operators/anna")).json() == sent


async def test_silence_is_a_break_and_then_the_end_of_the_shift(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await say(client, "online")
    clock.pass_by(seconds=61)
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "away"
    clock.pass_by(minutes=30)
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "offline"


@pytest.mark.parametrize("sign", ["next", "queue", "renew", "settle"])
async def test_whoever_works_is_there(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock, sign: str
) -> None:
    await post_lead(client)
    await say(client, "online")
    held = await take_next(client)
    clock.pass_by(seconds=90)
    resources.stores.attendance.forget("anna")
    if sign == "queue":
        await client.get("/v1/operators/anna/queue")
    elif sign == "next":
        await take_next(client)
    else:
        more = {"outcome": "lost", "reason": "price", "note": "told"} if sign == "settle" else {}
        assert (await do(client, held, sign, **more)).status_code == 200
    await resources.stores.attendance.write()
    resources.stores.directory.forget()
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "online"


async def test_who_went_home_is_not_served_until_he_says_that_he_is_back(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client)
    await say(client, "offline")
    for wait in (0, 5):
        refused = await client.post(f"/v1/operators/anna/next?wait={wait}")
        assert "online" in problem_in(refused, 409, "off-shift")["detail"]
    await say(client, "online")
    await take_next(client)


async def test_who_goes_home_while_he_waits_is_told_so(client: httpx.AsyncClient) -> None:
    waiting = asyncio.create_task(client.post("/v1/operators/anna/next?wait=20"))
    await asyncio.sleep(0.1)
    await say(client, "offline")
    problem_in(await waiting, 409, "off-shift")


async def test_who_goes_home_is_shown_what_he_is_to_hand_over(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    (held,) = (await say(client, "offline"))["held"]
    assert (held["id"], held["claim"]) == (lead["id"], lead["claim"])
    async with program(app, await a_key(resources, "reader", ["read"])) as reader:
        answer = await reader.put("/v1/operators/anna/presence", json={"status": "offline"})
        problem_in(answer, 403, "scope-missing")


async def test_a_break_ends_with_the_next_sign_of_life(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await say(client, "away")
    clock.pass_by(seconds=2)
    assert (await client.post("/v1/operators/anna/next")).status_code == 204
    await resources.stores.attendance.write()
    resources.stores.directory.forget()
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "online"


async def test_all_operators_are_listed_with_what_they_hold(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await post_lead(client)
    await take_next(client, "boris")
    await on_shift(resources, "boris")
    resources.stores.directory.forget()
    anna, boris = (await client.get("/v1/operators")).json()["operators"]
    assert (anna["name"], anna["presence"], anna["holding"]) == ("anna", "offline", 0)
    assert (boris["name"], boris["presence"], boris["holding"]) == ("boris", "online", 1)
    assert boris["seen_at"] == "2026-06-10T09:00:00Z"


async def test_nobody_of_that_name_comes_or_goes(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/operators/nobody/presence", json={"status": "online"})
    problem_in(answer, 404, "operator-not-found")


@pytest.mark.parametrize("status", ["busy", None, 1, ""])
async def test_only_three_things_can_be_said(client: httpx.AsyncClient, status: Any) -> None:
    answer = await client.put("/v1/operators/anna/presence", json={"status": status})
    assert wrong_fields(answer) == ["status"]


async def test_capacities_and_shifts_are_kept(client: httpx.AsyncClient) -> None:
    sent = {
        "capacity": 3,
        "capacity_by_kind": {"chat": 3, "phone": 1},
        "shifts": {"weekly": {"mon-fri": "09:00-18:00"}},
    }
    carol = (await client.put("/v1/operators/carol", json=sent)).json()
    assert {name: carol[name] for name in sent} == sent
    assert (await client.get("/v1/operators/carol")).json() == carol


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"capacity_by_kind": {"fax": 1}}, "capacity_by_kind.fax"),
        ({"capacity_by_kind": {"chat": -1}}, "capacity_by_kind.chat"),
        ({"shifts": {"weekly": {"monday": "09:00-18:00"}}}, "shifts.weekly.monday"),
        ({"shifts": {"weekly": {"mon": "9-18"}}}, "shifts.weekly.mon"),
    ],
)
async def test_wrong_capacities_and_shifts_are_refused(
    client: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    answer = await client.put("/v1/operators/carol", json=wrong)
    (named,) = wrong_fields(answer)
    assert named.startswith(field)


async def test_outside_his_shift_a_minute_of_silence_is_going_home(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    in_moscow = {"shifts": {"weekly": {"mon-fri": "09:00-12:00"}}}
    await client.put("/v1/operators/anna", json=in_moscow)
    await say(client, "online")
    clock.pass_by(seconds=59)
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "online"
    clock.pass_by(seconds=2)
    assert (await client.get("/v1/operators/anna")).json()["presence"] == "offline"

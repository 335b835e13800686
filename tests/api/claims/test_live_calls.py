"""Live clients over HTTP: on top of what is held, and what the telephony tells (A7, A8)."""

from typing import Any

import httpx
import pytest
from doors import (
    a_key,
    do,
    post_lead,
    problem_in,
    program,
    seen,
    take_next,
    without_token,
    wrong_fields,
)
from fastapi import FastAPI
from stories import on_shift

from service.resources import Resources

ON_TOP = "/v1/operators/anna/next?on_top=true"


@pytest.fixture
async def busy(client: httpx.AsyncClient, resources: Resources) -> dict[str, Any]:
    """Anna is online and holds a chat."""
    await post_lead(client)
    held = await take_next(client)
    await on_shift(resources, "anna")
    resources.stores.directory.forget()
    return held


async def test_the_details_of_a_call_are_taken_and_the_chat_goes_on(
    client: httpx.AsyncClient, busy: dict[str, Any]
) -> None:
    assert busy["details_only"] is False
    await post_lead(client, channel="phone")
    call = (await client.post(ON_TOP)).json()
    assert (call["details_only"], call["claim"]["on_top"]) == (True, True)
    still = (await seen(client, busy))["claim"]
    assert (still["token"], still["paused_since"]) == (
        None,
        call["claim"]["since"],
    )
    later = (await do(client, call, "details", note="dictated the VIN")).json()
    assert (later["state"], later["note"]) == ("parked", "dictated the VIN")
    assert later["parked_until"] == "2026-06-10T09:30:00Z"
    assert (await seen(client, busy))["claim"] == without_token(busy["claim"])


async def test_the_details_need_a_note_and_take_a_time(
    client: httpx.AsyncClient, busy: dict[str, Any]
) -> None:
    await post_lead(client, channel="phone")
    call = (await client.post(ON_TOP)).json()
    assert wrong_fields(await do(client, call, "details")) == ["note"]
    sent = {"note": "after work", "until": "2026-06-10T15:00:00Z"}
    assert (await do(client, call, "details", **sent)).json()["parked_until"] == sent["until"]
    assert (await do(client, call, "details", **sent)).json()["parked_until"] == sent["until"]
    problem_in(await do(client, call, "details", note="other"), 409, "claim-gone")


async def test_a_call_that_somebody_free_can_take_is_left_to_him(
    client: httpx.AsyncClient, resources: Resources, busy: dict[str, Any]
) -> None:
    await on_shift(resources, "boris")
    await post_lead(client, channel="phone")
    problem_in(await client.post(ON_TOP), 409, "operator-free")


async def test_nothing_is_on_top_when_nobody_is_on_the_line(
    client: httpx.AsyncClient, busy: dict[str, Any]
) -> None:
    await post_lead(client)
    assert (await client.post(ON_TOP)).status_code == 204


@pytest.mark.parametrize("sent", ["1", "yes", "", "True"])
async def test_on_top_is_true_or_false(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.post(f"/v1/operators/anna/next?on_top={sent}")
    assert wrong_fields(answer) == ["on_top"]


async def test_the_telephony_may_tell_and_sees_no_token(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    async with program(app, await a_key(resources, "telephony", ["intake"])) as telephony:
        lead = await post_lead(telephony, channel="phone")
        path, sent = f"/v1/leads/{lead['id']}/call", {"event": "answered", "operator": "anna"}
        answered = (await telephony.post(path, json=sent)).json()
        assert (answered["claim"]["operator"], answered["claim"]["token"]) == ("anna", None)
        others = await post_lead(client, channel="phone")
        answer = await telephony.post(f"/v1/leads/{others['id']}/call", json=sent)
        problem_in(answer, 404, "lead-not-found")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "event"),
        ({"event": "rings"}, "event"),
        ({"event": "answered"}, "operator"),
        ({"event": "transferred"}, "operator"),
        ({"event": "hung_up", "at": "noon"}, "at"),
    ],
)
async def test_mistakes_in_what_the_telephony_tells_are_named(
    client: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    lead = await post_lead(client, channel="phone")
    assert wrong_fields(await client.post(f"/v1/leads/{lead['id']}/call", json=sent)) == [field]


async def test_calls_of_nobody_and_to_nobody_are_not_found(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, channel="phone")
    to_nobody = {"event": "answered", "operator": "nobody"}
    answer = await client.post(f"/v1/leads/{lead['id']}/call", json=to_nobody)
    problem_in(answer, 404, "operator-not-found")
    unknown = "01970000-0000-7000-8000-000000000000"
    for sent in ({"event": "hung_up"}, {"event": "answered", "operator": "anna"}):
        answer = await client.post(f"/v1/leads/{unknown}/call", json=sent)
        problem_in(answer, 404, "lead-not-found")

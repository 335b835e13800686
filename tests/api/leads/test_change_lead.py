"""Telling new facts of a lead."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import do, post_lead, seen, take_next
from driven_clock import DrivenClock

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources


async def change(client: httpx.AsyncClient, lead: dict[str, Any], **facts: Any) -> httpx.Response:
    return await client.patch(f"/v1/leads/{lead['id']}", json=facts)


async def test_a_lead_is_ranked_by_what_is_known_now(client: httpx.AsyncClient) -> None:
    small = await post_lead(client, budget="100")
    large = await post_lead(client, budget="5000")
    changed = (await change(client, small, budget="90000")).json()
    assert (changed["budget"], changed["version"]) == ("90000.00", 2)
    assert changed["score"] > large["score"]
    assert (await take_next(client))["id"] == small["id"]


async def test_what_is_left_out_stays_and_null_takes_away(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, budget="100", text="колодки", vin="XTA210990Y2765432")
    changed = (await change(client, lead, budget=None)).json()
    assert (changed["budget"], changed["text"], changed["vin"]) == (
        None, "колодки", "XTA210990Y2765432",
    )  # fmt: skip


async def test_the_event_keeps_what_was_known_before(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, budget="100")
    await change(client, lead, budget="200", intent="complaint")
    story = (await client.get(f"/v1/leads/{lead['id']}/events")).json()["events"]
    assert [item["type"] for item in story] == ["lead.received", "lead.changed"]
    assert (story[1]["before"], story[1]["after"]) == ("waiting", "waiting")
    assert story[1]["details"] == {
        "before": {
            **{"budget": "100.00", "stated_intent": None},
            **{"demanded_skills": [], "skills_rule": ""},  # what he wants leads him to others
        }
    }


async def test_nothing_new_changes_nothing(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, budget="100")
    assert (await change(client, lead, budget="100.00")).json()["version"] == 1
    assert (await change(client, lead)).json()["version"] == 1


async def test_a_caller_who_hangs_up_becomes_a_callback(client: httpx.AsyncClient) -> None:
    call = await post_lead(client, channel="phone", live=True)
    assert call["stage"] == 800
    assert (await change(client, call, live=False)).json()["stage"] == 750
    assert (await change(client, call, live=True)).json()["stage"] == 800


async def test_who_was_promised_a_call_and_calls_himself_is_a_caller(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await post_lead(client, channel="phone", live=True)
    lead = await take_next(client)
    parked = (await do(client, lead, "settle", outcome="callback")).json()
    assert parked["state"] == "parked"
    clock.pass_by(minutes=5)
    back = (await change(client, parked, live=True)).json()
    assert (back["state"], back["stage"], back["parked_until"]) == ("waiting", 800, None)
    assert (await take_next(client))["id"] == lead["id"]


async def test_who_was_promised_a_call_and_writes_is_called_now(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await post_lead(client)
    lead = await take_next(client)
    parked = (await do(client, lead, "settle", outcome="callback", note="later")).json()
    clock.pass_by(minutes=5)
    back = (await change(client, parked, text="ну что там?")).json()
    assert (back["state"], back["stage"]) == ("waiting", 750)


async def test_facts_of_a_parked_lead_change_where_it_will_stand(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await post_lead(client, budget="100")
    parked = (
        await do(client, await take_next(client), "settle", outcome="callback", note="n")
    ).json()
    changed = (await change(client, parked, budget="90000")).json()
    assert (changed["state"], changed["parked_until"]) == ("parked", parked["parked_until"])
    clock.pass_by(minutes=30)
    await keep_in_step(resources)
    back = await take_next(client)
    assert back["score"] == changed["score"] > parked["score"]


async def test_a_held_lead_stays_held_and_returns_to_its_new_place(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client, budget="100")
    held = await take_next(client)
    other = await post_lead(client, budget="500")
    changed = (await change(client, held, budget="90000")).json()
    assert changed["claim"]["since"] == held["claim"]["since"]
    await do(client, held, "release")
    assert (await take_next(client))["id"] == held["id"] != other["id"]


async def test_what_is_over_does_not_change(client: httpx.AsyncClient) -> None:
    await post_lead(client)
    lead = await take_next(client)
    await do(client, lead, "settle", outcome="won", amount="1", note="done")
    answer = await change(client, lead, budget="1")
    assert (answer.status_code, answer.json()["type"]) == (
        409, "urn:nextlead:problem:move-not-allowed",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"budget": -1}, "budget"),
        ({"urgency": 1.5}, "urgency"),
        ({"channel": "vk"}, "channel"),
        ({"needed_by": "2099-01-01T00:00:00Z"}, "needed_by"),
        ({"items": [{"name": ""}]}, "items.0.name"),
        ({"text": ""}, "text"),
    ],
)
async def test_wrong_facts_are_refused_whole(
    client: httpx.AsyncClient, facts: dict[str, Any], field: str
) -> None:
    lead = await post_lead(client, budget="100")
    answer = await change(client, lead, paid=True, **facts)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await client.get(f"/v1/leads/{lead['id']}")).json() == {
        name: value for name, value in lead.items() if name != "explanation"
    }


async def test_needs_of_another_day_are_ranked_by_the_time_left(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    lead = await post_lead(client, channel="vin_request")
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    assert (await change(client, lead, needed_by=soon)).json()["score"] > lead["score"]


@pytest.mark.parametrize("between", [", ", " / ", "; ", " или "])
async def test_two_numbers_in_one_field_are_two_numbers_of_the_client(
    client: httpx.AsyncClient, between: str
) -> None:
    other = await post_lead(client, customer={"phone": "+79035550102"})
    lead = await post_lead(client)
    customer = {"phone": f"8 916 123-45-67{between}8 (903) 555-01-02"}
    changed = await change(client, lead, customer=customer)
    assert changed.status_code == 200, changed.text
    shown = changed.json()["customer"]
    numbers = {re.sub(r"\D", "", number)[-10:] for number in (shown["phone"], *shown["phones"])}
    assert numbers == {"9161234567", "9035550102"}
    states = [(await seen(client, item))["state"] for item in (lead, other)]
    assert states.count("joined") == 1

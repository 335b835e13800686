"""A talk keeps its claim, then there is time to finish; what is live ends though nobody says so."""

from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from shop import Shop

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

CALLER = {"phone": "+79000000001"}


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    shop = Shop(client, clock, resources)
    shop.on_duty = {"anna", "boris"}
    await shop.everybody_is_there()
    return shop


async def passes(shop: Shop, **duration: float) -> None:
    """Time goes by; only Boris has his page open."""
    shop.clock.pass_by(**duration)
    await shop.ask("PUT", "/operators/boris/presence", status="online")
    await keep_in_step(shop.stores)


async def lead_of(shop: Shop, lead: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await shop.ask("GET", f"/leads/{lead['id']}")
    return found


async def stage_of(shop: Shop, lead: dict[str, Any]) -> tuple[int, str, str]:
    stage = (await shop.ask("GET", f"/leads/{lead['id']}/explanation"))["stage"]
    return stage["value"], stage["source"], stage["rule"]


async def answered_call(shop: Shop) -> dict[str, Any]:
    call = await shop.comes("a call", channel="phone", customer=CALLER)
    await shop.ask("POST", f"/leads/{call['id']}/call", event="answered", operator="anna")
    return call


async def presence(shop: Shop, name: str = "anna") -> str:
    return str((await shop.ask("GET", f"/operators/{name}"))["presence"])


async def test_a_talk_needs_no_renewing(shop: Shop) -> None:
    call = await answered_call(shop)
    for _ in range(12):
        await passes(shop, minutes=1)
        await shop.serve("boris", None, "A12: the talk goes on")
    held = await lead_of(shop, call)
    assert (held["state"], held["live"], held["claim"]["operator"]) == ("claimed", True, "anna")
    assert held["first_answer_at"] == call["received_at"]
    assert "lead.late" not in await shop.events(call)


async def test_after_a_talk_there_is_time_to_finish(shop: Shop) -> None:
    call = await answered_call(shop)
    await passes(shop, minutes=4)
    await shop.ask("POST", f"/leads/{call['id']}/call", event="hung_up")
    assert await presence(shop) == "wrap_up"
    await shop.comes("a chat meanwhile")
    await passes(shop, minutes=3, seconds=59)
    assert (await lead_of(shop, call))["state"] == "claimed"
    await passes(shop, seconds=2)  # two minutes to finish and the lease of two
    assert (await lead_of(shop, call))["state"] == "waiting"
    assert await stage_of(shop, call) == (400, "talk is over", "A2")
    late = [
        event["reason"]
        for event in (await shop.ask("GET", f"/leads/{call['id']}/events"))["events"]
        if event["type"] == "lead.late"
    ]
    assert set(late) <= {"it is not settled in time"}


async def test_nothing_is_offered_until_the_talk_is_settled(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/anna", capacity=3)
    call = await answered_call(shop)
    await passes(shop, minutes=4)
    chat = await shop.comes("a chat")
    ended = await shop.ask("POST", f"/leads/{call['id']}/call", event="hung_up")
    held = await shop.ask("POST", "/operators/anna/next")
    assert held["id"] == call["id"]
    on_top = await shop.ask("POST", "/operators/anna/next?on_top=true")
    assert on_top["id"] == call["id"]
    await shop.end({**ended, "claim": held["claim"]}, outcome="won", amount="900")
    assert await presence(shop) != "wrap_up"
    await shop.serve("anna", chat, "A6")


async def test_time_to_finish_is_over_by_itself(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/anna", capacity=2)
    call = await answered_call(shop)
    chat = await shop.comes("a chat")
    await shop.ask("POST", f"/leads/{call['id']}/call", event="hung_up")
    await shop.ask("POST", "/operators/anna/next")
    shop.clock.pass_by(minutes=2)
    await shop.serve("anna", chat, "A6")


async def test_who_is_on_a_break_is_offered_nothing(shop: Shop) -> None:
    chat = await shop.comes("a chat")
    on_break = await shop.ask("PUT", "/operators/anna/presence", status="break", reason="обед")
    assert (on_break["presence"], on_break["reason"]) == ("break", "обед")
    await shop.serve("anna", None, "on a break")
    await shop.serve("anna", None, "asking does not end it")
    back = await shop.ask("PUT", "/operators/anna/presence", status="online")
    assert (back["presence"], back["reason"]) == ("online", None)
    await shop.serve("anna", chat, "back again")
    finishing = await shop.ask("PUT", "/operators/boris/presence", status="wrap_up")
    assert finishing["presence"] == "wrap_up"
    refused = await shop.call("PUT", "/operators/anna/presence", status="online", reason="обед")
    assert refused.status_code == 422
    long = await shop.call("PUT", "/operators/anna/presence", status="break", reason="о" * 201)
    assert long.status_code == 422


async def test_a_call_of_whose_end_nobody_tells_becomes_a_missed_one(shop: Shop) -> None:
    call = await shop.comes("a call", channel="phone", customer=CALLER)
    await passes(shop, minutes=9, seconds=59)
    assert (await lead_of(shop, call))["live"]
    await passes(shop, seconds=1)
    found = await lead_of(shop, call)
    assert (found["live"], found["stage"]) == (False, 750)
    assert await stage_of(shop, call) == (750, "missed call", "A8")
    again = await shop.comes("they call again", channel="phone", customer=CALLER)
    assert (again["id"], again["stage"]) == (call["id"], 800)
    await passes(shop, minutes=9)
    assert (await lead_of(shop, call))["live"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"customer": CALLER}, ("waiting", None)),
        ({"text": "аккумулятор, перезвоните 8 916 123-45-67"}, ("waiting", None)),
        ({"text": "аккумулятор"}, ("settled", "lost")),
        ({"customer": {"name": "Иван"}}, ("settled", "lost")),
    ],
)
async def test_a_visitor_nobody_served_is_gone_after_an_hour(
    shop: Shop, sent: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    visitor = await shop.comes("a visitor", channel="walk_in", **sent)
    await passes(shop, minutes=59, seconds=59)
    assert (await lead_of(shop, visitor))["live"]
    await passes(shop, seconds=1)
    found = await lead_of(shop, visitor)
    assert (found["state"], found["outcome"]) == expected
    if found["state"] == "waiting":
        assert await stage_of(shop, visitor) == (750, "visitor left", "A7")


async def test_a_talk_of_which_nothing_more_is_told_is_over_after_an_hour(shop: Shop) -> None:
    call = await answered_call(shop)
    await passes(shop, minutes=59, seconds=59)
    assert (await lead_of(shop, call))["live"]
    await passes(shop, seconds=1)
    found = await lead_of(shop, call)
    assert (found["state"], found["live"], found["claim"]["operator"]) == ("claimed", False, "anna")


async def test_the_policy_says_how_long_what_is_live_lives(shop: Shop) -> None:
    await change_policy(shop, live_minutes={"phone": 2, "office": 1}, talk_minutes=5)
    calls = [await shop.comes("a call", channel="phone"), await answered_call(shop)]
    visitor = await shop.comes("a visitor", channel="walk_in")
    await passes(shop, minutes=1)
    assert await shop.state(visitor) == "settled"
    await passes(shop, minutes=1)
    assert [(await lead_of(shop, call))["live"] for call in calls] == [False, True]
    await passes(shop, minutes=3)
    assert not (await lead_of(shop, calls[1]))["live"]


async def change_policy(shop: Shop, **parts: Any) -> None:
    got = await shop.client.get("/v1/queues/main/policy")
    version = got.json()["version"]
    put = await shop.client.put(
        "/v1/queues/main/policy",
        json={**got.json()["policy"], **parts},
        headers={"If-Match": f'"{version}"'},
    )
    assert put.status_code == 200, put.text


async def test_a_call_on_top_comes_back_when_the_visitor_is_done(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/boris/presence", status="offline")
    visitor = await shop.comes("a visitor", channel="walk_in")
    await shop.serve("anna", visitor, "A2")
    call = await shop.comes("a call", channel="phone", customer=CALLER)
    on_top = await shop.serve("anna", call, "A7", on_top="true")
    parked = await shop.end(on_top, "details", note="просит помпу")
    assert (parked["state"], parked["parked_for"]) == ("parked", "visit_over")
    await shop.ask("PUT", "/operators/boris/presence", status="online")
    shop.clock.pass_by(minutes=1)
    await keep_in_step(shop.stores)
    assert await shop.state(call) == "parked"
    held = await shop.ask("POST", "/operators/anna/next")
    await shop.end(held, outcome="won", amount="9000")
    assert await stage_of(shop, call) == (750, "visitor is done", "A7")
    await shop.serve("boris", None, "A7: to the same operator first")
    await shop.serve("anna", call, "A7")


async def test_a_call_on_top_comes_back_in_half_an_hour_if_the_visitor_stays(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/boris/presence", status="offline")
    visitor = await shop.comes("a visitor", channel="walk_in")
    await shop.serve("anna", visitor, "A2")
    call = await shop.comes("a call", channel="phone", customer=CALLER)
    await shop.end(await shop.serve("anna", call, "A7", on_top="true"), "details", note="помпа")
    for _ in range(30):
        shop.clock.pass_by(minutes=1)
        await shop.ask("POST", "/operators/anna/next")
        await keep_in_step(shop.stores)
    assert await shop.state(call) == "waiting"
    assert await shop.state(visitor) == "claimed"


async def test_a_visit_that_ends_in_any_way_brings_the_call_back(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/boris/presence", status="offline")
    visitor = await shop.comes("a visitor", channel="walk_in")
    await shop.serve("anna", visitor, "A2")
    call = await shop.comes("a call", channel="phone", customer=CALLER)
    await shop.end(await shop.serve("anna", call, "A7", on_top="true"), "details", note="помпа")
    await shop.ask("POST", f"/leads/{visitor['id']}/take-away", reason="перерыв")
    await keep_in_step(shop.stores)
    assert await shop.state(call) == "waiting"

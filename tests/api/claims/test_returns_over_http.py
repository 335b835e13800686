"""Who comes back stands where the cause puts it, the promiser's first, and never at night."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from shop import Shop

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

HOURS = {"weekly": {"mon-fri": "09:00-19:00", "sat": "10:00-15:00"}}
LIFT = "колодки, машина на подъёмнике"


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    shop = Shop(client, clock, resources)
    shop.on_duty = {"anna", "boris"}
    await shop.everybody_is_there()
    return shop


async def change_policy(shop: Shop, **parts: Any) -> None:
    got = await shop.client.get("/v1/queues/main/policy")
    put = await shop.client.put(
        "/v1/queues/main/policy",
        json={**got.json()["policy"], **parts},
        headers={"If-Match": f'"{got.json()["version"]}"'},
    )
    assert put.status_code == 200, put.text


async def passes(shop: Shop, **duration: float) -> None:
    shop.clock.pass_by(**duration)
    await shop.everybody_is_there()
    await keep_in_step(shop.stores)


async def stage_of(shop: Shop, lead: dict[str, Any]) -> tuple[int, str, str]:
    stage = (await shop.ask("GET", f"/leads/{lead['id']}/explanation"))["stage"]
    return stage["value"], stage["source"], stage["rule"]


WHOLESALE = {"buyer": "reseller", "selection": "by_client"}


@pytest.mark.parametrize(
    ("channel", "ending", "wait", "expected"),
    [
        ("whatsapp", {"outcome": "callback"}, {"minutes": 30},
         (750, "promised callback is due", "A11")),
        ("registration", {"outcome": "no_answer"}, {"minutes": 30},
         (300, "another try after no answer", "B6")),
        ("phone", {"outcome": "no_answer"}, {"minutes": 30},
         (750, "another try after no answer", "B6")),
        ("whatsapp", {"outcome": "awaiting_payment"}, {"days": 3},
         (400, "payment is asked for", "A14")),
        ("registration", {"outcome": "wholesale", **WHOLESALE}, {"days": 1},
         (300, "wholesale client is checked", "A21")),
    ],
)  # fmt: skip
async def test_who_comes_back_stands_where_the_cause_puts_it(
    shop: Shop,
    channel: str,
    ending: dict[str, Any],
    wait: dict[str, float],
    expected: tuple[int, str, str],
) -> None:
    lead = await shop.comes("who is parked", channel=channel, live=False)
    held = await shop.serve("anna", lead, "A2")
    await shop.end(held, **{"note": "n", **ending})
    await passes(shop, **wait)
    assert await stage_of(shop, lead) == expected
    chat = await shop.comes("a car on the lift", text=LIFT)
    first = lead if expected[0] > 600 else chat
    await shop.serve("anna", first, "A2, A5")


async def test_what_is_put_aside_comes_back_as_what_it_is(shop: Shop) -> None:
    lead = await shop.comes("a mail", channel="email")
    held = await shop.serve("anna", lead, "A17")
    until = (shop.clock.now() + timedelta(hours=2)).isoformat()
    await shop.end(held, "park", until=until, note="ждёт фото")
    await passes(shop, hours=2)
    assert await stage_of(shop, lead) == (400, "put aside until now", "A13")


async def test_the_policy_gives_each_cause_its_place(shop: Shop) -> None:
    await change_policy(shop, returns={"no_answer": 650, "payment": "kind"})
    lead = await shop.comes("a registration", channel="registration")
    await shop.end(await shop.serve("anna", lead, "A18"), outcome="no_answer")
    await passes(shop, minutes=30)
    assert await stage_of(shop, lead) == (650, "another try after no answer", "B6")


async def test_a_policy_of_before_still_says_the_stage_of_callbacks(shop: Shop) -> None:
    await change_policy(
        shop, callback={"stage": 720, "default_minutes": 30}, returns={"payment": 410}
    )
    missed = await shop.comes("a missed call", channel="phone", live=False)
    assert await stage_of(shop, missed) == (720, "missed call", "A8")
    lead = await shop.comes("a registration", channel="registration")
    held = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="anna")
    await shop.end(held, outcome="no_answer")
    await passes(shop, minutes=30)
    assert (await stage_of(shop, lead))[0] == 300


async def test_a_promise_is_the_promisers_for_the_grace_then_everybodys(shop: Shop) -> None:
    lead = await shop.comes("a chat", text="колодки")
    await shop.end(await shop.serve("boris", lead, "A6"), outcome="callback", note="узнаю")
    await passes(shop, minutes=30)
    explained = await shop.ask("GET", f"/leads/{lead['id']}/explanation")
    assert explained["routing"]["promised_by"] == "boris"
    await shop.serve("anna", None, "A11, A31: the promise is Boris's")
    (step,) = [step for step in explained["next_steps"] if step["stage"] == 750]
    shop.clock.moment = datetime.fromisoformat(step["at"])
    await keep_in_step(shop.stores)
    await shop.serve("anna", lead, "then everybody's")


async def test_a_promise_of_who_went_home_is_everybodys_at_once(shop: Shop) -> None:
    lead = await shop.comes("a chat", text="колодки")
    await shop.end(await shop.serve("boris", lead, "A6"), outcome="callback", note="узнаю")
    await shop.ask("PUT", "/operators/boris/presence", status="offline")
    shop.on_duty = {"anna"}
    await passes(shop, minutes=30)
    await shop.serve("anna", lead, "A11")


async def test_a_promise_into_closed_hours_is_warned_of_and_first_at_the_opening(
    shop: Shop,
) -> None:
    await change_policy(shop, hours=HOURS)
    await shop.at("18:45")
    lead = await shop.comes("a call of the evening", channel="phone", live=False)
    parked = await shop.end(await shop.serve("anna", lead, "A8"), outcome="callback")
    assert parked["parked_until"] == "2026-06-11T06:00:00Z"  # nine o'clock in Moscow
    assert [warning["field"] for warning in parked["warnings"]] == ["until"]
    await shop.at("19:16")
    assert await shop.state(lead) == "parked"
    await shop.at("08:59", day=1)
    missed = await shop.comes("a dear missed call", channel="phone", live=False, budget="900000")
    await shop.at("09:00", day=1)
    assert await stage_of(shop, lead) == (750, "promised callback is due", "A11")
    explained = await shop.ask("GET", f"/leads/{lead['id']}/explanation")
    assert explained["first_of_stage"]
    live = await shop.comes("a live call", channel="phone")
    await shop.end(await shop.serve("anna", live, "A2"), outcome="lost", reason="x")
    await shop.end(await shop.serve("anna", lead, "A11"), outcome="lost", reason="x")
    await shop.serve("anna", missed, "A8")


async def test_a_promise_into_open_hours_is_not_warned_of(shop: Shop) -> None:
    await change_policy(shop, hours=HOURS)
    await shop.at("12:00")
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    until = "2026-06-11T09:00:00+03:00"
    parked = await shop.end(held, outcome="callback", until=until, note="утром")
    assert (parked["warnings"], parked["parked_until"]) == ([], "2026-06-11T06:00:00Z")


async def test_other_returns_fall_due_at_the_opening_too(shop: Shop) -> None:
    await change_policy(shop, hours=HOURS)
    await shop.at("18:45")
    lead = await shop.comes("who does not answer", channel="phone", live=False)
    parked = await shop.end(await shop.serve("anna", lead, "A8"), outcome="no_answer")
    assert (parked["parked_until"], parked["warnings"]) == ("2026-06-11T06:00:00Z", [])


async def test_who_writes_before_they_are_asked_for_money_is_a_chat_again(shop: Shop) -> None:
    client = {"phone": "+79000000002"}
    lead = await shop.comes("a chat", customer=client)
    await shop.end(await shop.serve("anna", lead, "A6"), outcome="awaiting_payment", note="n")
    await passes(shop, days=1)
    again = await shop.comes("they write", customer=client, text="я оплатил, когда ждать?")
    assert (again["id"], again["stage"]) == (lead["id"], 600)


async def test_of_equal_chats_who_wrote_last_goes_first(shop: Shop) -> None:
    client = {"phone": "+79000000003"}
    first = await shop.comes("the first", customer=client, text="клипса")
    await passes(shop, minutes=1)
    second = await shop.comes("the second", text="клипса")
    await passes(shop, minutes=1)
    await shop.comes("the first again", customer=client, text="клипса")
    await passes(shop, seconds=1)
    await shop.end(await shop.serve("anna", first, "A6"), outcome="lost", reason="x", note="n")
    await shop.serve("anna", second, "A6")


async def test_waiting_counts_from_the_first_word_however_often_they_write(shop: Shop) -> None:
    client = {"phone": "+79000000003"}
    lead = await shop.comes("the first", customer=client, text="клипса")
    for minute in (2, 4):
        await passes(shop, minutes=2)
        await shop.comes(f"ау {minute}", customer=client, text=f"ау {minute}")
    await passes(shop, minutes=1)
    found = await shop.ask("GET", f"/leads/{lead['id']}")
    assert found["stage"] in (600, 620)
    await passes(shop, minutes=5)
    late = (await shop.ask("GET", "/queues/main/late"))["leads"]
    assert lead["id"] in [item.get("lead", item)["id"] for item in late]


async def test_an_owner_has_a_share_of_the_clients_patience(shop: Shop) -> None:
    order = {"number": "1", "operator": "anna", "opened_at": "2026-06-09T10:00:00Z"}
    await shop.ask("PUT", "/customers/c-1", name="Ирина", orders=[order])
    theirs = {"external_id": "c-1"}
    hurried = await shop.comes("on the lift", text=LIFT, customer=theirs)
    await shop.serve("boris", None, "B2")
    shop.clock.pass_by(seconds=30)
    await keep_in_step(shop.stores)
    await shop.serve("boris", hurried, "B2: a quarter of a minute and a half")


async def test_an_owner_never_has_more_than_the_kinds_minutes(shop: Shop) -> None:
    order = {"number": "1", "operator": "anna", "opened_at": "2026-06-09T10:00:00Z"}
    await shop.ask("PUT", "/customers/c-1", name="Ирина", orders=[order])
    patient = await shop.comes("a clip", text="клипса", customer={"external_id": "c-1"})
    for minutes, expected in ((9, None), (1, patient)):
        await passes(shop, minutes=minutes)
        await shop.serve("boris", expected, "B2")


async def test_writing_again_gives_the_owner_no_more_time(shop: Shop) -> None:
    order = {"number": "1", "operator": "anna", "opened_at": "2026-06-09T10:00:00Z"}
    await shop.ask("PUT", "/customers/c-1", name="Ирина", orders=[order])
    theirs = {"external_id": "c-1", "phone": "+79000000004"}
    lead = await shop.comes("a clip", text="клипса", customer=theirs)
    for _ in range(5):
        await passes(shop, minutes=2)
        await shop.comes("again", text="ау", customer=theirs)
    await keep_in_step(shop.stores)
    await shop.serve("boris", lead, "B2: ten minutes after the first word")

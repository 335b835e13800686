"""Endings for what is no sale: answered, thought about, spam; offers in writing; corrections.

Rules A10, A13, A16, A19, A27, A29.
"""

from typing import Any

import pytest
from doors import problem_in, wrong_fields
from shop import Lead, Shop

PHONE = {"phone": "+79161234567"}
LATER = "2026-06-12T10:00:00Z"


async def observed(shop: Shop, kind: str, intent: str = "sale") -> tuple[int, int]:
    chances = (await shop.ask("GET", "/queues/main/conversion"))["chances"]
    found = [item for item in chances if (item["kind"], item["intent"]) == (kind, intent)]
    return (found[0]["observed"]["won"], found[0]["observed"]["lost"]) if found else (0, 0)


async def last_24_hours(shop: Shop) -> dict[str, Any]:
    shop.stores.stores.statistics._readings.clear()  # another test's, of the same second
    day: dict[str, Any] = (await shop.ask("GET", "/queues/main/stats"))["last_24_hours"]
    return day


async def told(shop: Shop, lead: Lead, kind: str) -> list[dict[str, Any]]:
    events = (await shop.ask("GET", f"/leads/{lead['id']}/events"))["events"]
    return [item["details"] for item in events if item["type"] == kind]


async def test_a_question_that_was_answered_is_neither_won_nor_lost(shop: Shop) -> None:
    asks = await shop.comes("a question", text="где мой заказ?", customer=PHONE)
    held = await shop.serve("anna", asks, "A10")
    refused = await shop.call(
        "POST", f"/leads/{asks['id']}/settle", token=held["claim"]["token"], outcome="answered"
    )
    assert wrong_fields(refused) == ["note"]
    ended = await shop.end(held, outcome="answered", note="ответили по телефону")
    assert (ended["state"], ended["outcome"]) == ("settled", "answered")
    assert await observed(shop, "chat", "order_question") == (0, 0)
    day = await last_24_hours(shop)
    assert (day["answered"], day["won"], day["lost"]) == (1, 0, 0)
    listed = await shop.ask("GET", "/leads?outcome=answered")
    assert [item["id"] for item in listed["leads"]] == [asks["id"]]


async def test_who_thinks_about_it_is_sent_the_offer_and_asked_again(shop: Shop) -> None:
    client = {**PHONE, "messengers": {"whatsapp": "79161234567"}}
    lead = await shop.comes("struts", text="стойки в круг", customer=client)
    held = await shop.serve("anna", lead, "A6")
    parked = await shop.end(
        held, outcome="will_think", note="советуется", until=LATER, offered="KYB 339090 ×4, 32 000"
    )
    assert (parked["state"], parked["parked_until"], parked["parked_for"]) == (
        "parked", LATER, "later",
    )  # fmt: skip
    (offer,) = await told(shop, lead, "offer.due")
    assert offer == {
        "preferred": "whatsapp",
        "known": ["whatsapp"],
        "offered": "KYB 339090 ×4, 32 000",
        "rule": "A13",
    }
    await shop.wait(days=2, hours=1)
    await shop.serve("anna", lead, "A13: asked again")


@pytest.mark.parametrize(
    ("channel", "who", "preferred", "known"),
    [
        # A29: nobody wrote by messenger, though the card has an id there.
        ("phone", {**PHONE, "messengers": {"whatsapp": "7916"}}, None, []),
        ("phone", {**PHONE, "email": "i@example.com"}, "email", ["email"]),
        ("telegram", {"messengers": {"telegram": "7"}}, "telegram", ["telegram"]),
        ("email", {"email": "i@example.com"}, "email", ["email"]),
    ],
)
async def test_an_offer_goes_to_a_messenger_only_where_a_dialogue_exists(
    shop: Shop, channel: str, who: dict[str, Any], preferred: str | None, known: list[str]
) -> None:
    lead = await shop.comes("a client", channel=channel, customer=who, text="стойки")
    held = await shop.serve("anna", lead, "A6")
    await shop.end(held, outcome="will_think", note="думает", until=LATER)
    (offer,) = await told(shop, lead, "offer.due")
    assert (offer["preferred"], offer["known"]) == (preferred, known)


@pytest.mark.parametrize(
    ("channel", "text", "due"),
    [
        ("vin_request", "стойки", True),
        ("landing_form", "стойки", True),
        ("vin_request", "верните деньги за заказ, не подошло", False),
        ("site_order", "стойки", False),
        ("phone", "стойки", False),
    ],
)
async def test_a_vin_request_that_came_to_nothing_is_answered_in_writing(
    shop: Shop, channel: str, text: str, due: bool
) -> None:
    await shop.staff("maria", "mentors")
    lead = await shop.comes("a request", channel=channel, text=text, customer=PHONE)
    held = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="anna", reason="x")
    await shop.end(held, outcome="lost", reason="too_dear", note="n", offered="KYB, 8 000")
    offers = await told(shop, lead, "offer.due")
    assert [(item["rule"], item["offered"]) for item in offers] == [("A16", "KYB, 8 000")] * due


async def test_a_chat_that_a_call_joined_still_needs_its_note(shop: Shop) -> None:
    chat = await shop.comes("a chat", text="колодки", customer=PHONE)
    call = await shop.comes("calls", channel="phone", live=True, customer=PHONE)
    assert (call["id"], call["kind"]) == (chat["id"], "phone")
    held = await shop.serve("anna", chat, "A8")
    path, token = f"/leads/{chat['id']}/settle", held["claim"]["token"]
    refused = await shop.call("POST", path, token=token, outcome="won", amount="5000")
    assert wrong_fields(refused) == ["note"]
    await shop.end(held, outcome="won", amount="5000", note="ответили по телефону")


async def test_a_call_that_nobody_wrote_before_needs_none(shop: Shop) -> None:
    await shop.comes("a call", channel="phone", live=True, customer=PHONE)
    again = await shop.comes("again", channel="phone", live=True, customer=PHONE)
    await shop.end(await shop.serve("anna", again, "A8"), outcome="won", amount="1")


@pytest.mark.parametrize("outcome", ["spam", "duplicate"])
async def test_what_nobody_had_to_serve_counts_nowhere(shop: Shop, outcome: str) -> None:
    first, second = await shop.comes("a chat"), await shop.comes("another", text="клипса")
    await shop.end(await shop.serve("anna", first, "A6"), outcome=outcome)
    ended = await shop.ask(
        "POST", f"/leads/{second['id']}/withdraw", outcome=outcome, reason="a bot"
    )
    assert (ended["state"], ended["outcome"]) == ("settled", outcome)
    assert await observed(shop, "chat") == (0, 0)


async def test_a_client_withdraws_what_nobody_holds(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    ended = await shop.ask(
        "POST", f"/leads/{lead['id']}/withdraw", outcome="withdrawn_by_client", reason="удалил"
    )
    assert (ended["outcome"], ended["settled_by"]) == ("withdrawn_by_client", "tests")
    assert await observed(shop, "chat") == (0, 0)


async def sold(shop: Shop) -> Lead:
    lead = await shop.comes("a chat")
    await shop.end(await shop.serve("anna", lead, "A6"), outcome="won", amount="9000", note="n")
    return lead


async def test_a_sale_that_came_back_is_corrected_and_statistics_follow(shop: Shop) -> None:
    lead = await sold(shop)
    assert await observed(shop, "chat") == (1, 0)
    path = f"/leads/{lead['id']}/correct"
    sent = {"outcome": "cancelled", "reason": "вернул на другой день"}
    corrected = await shop.ask("POST", path, **sent)
    assert (corrected["outcome"], corrected["amount"], corrected["reason"]) == (
        "cancelled", None, "вернул на другой день",
    )  # fmt: skip
    assert (corrected["state"], corrected["settled_by"]) == ("settled", "anna")
    assert await observed(shop, "chat") == (0, 1)
    day = await last_24_hours(shop)
    assert (day["won"], day["cancelled"], day["amount"]) == (0, 1, "0.00")
    shop.clock.pass_by(seconds=7)
    (operator,) = (await shop.ask("GET", "/queues/main/operators/stats"))["operators"]
    assert operator["outcomes"] == {"cancelled": 1}
    (event,) = await told(shop, lead, "lead.corrected")
    assert {name: event[name] for name in ("outcome_before", "amount_before", "outcome")} == {
        "outcome_before": "won", "amount_before": "9000.00", "outcome": "cancelled",
    }  # fmt: skip
    assert await shop.ask("POST", path, **sent) == corrected
    assert len(await told(shop, lead, "lead.corrected")) == 1


async def test_a_sum_is_corrected_too(shop: Shop) -> None:
    lead = await sold(shop)
    path = f"/leads/{lead['id']}/correct"
    for wrong in ({"outcome": "won"}, {"outcome": "lost", "amount": "1"}):
        assert wrong_fields(await shop.call("POST", path, reason="x", **wrong)) == ["amount"]
    await shop.ask("POST", path, outcome="won", amount="7500", reason="скидка")
    assert await observed(shop, "chat") == (1, 0)
    assert (await last_24_hours(shop))["amount"] == "7500.00"


async def test_only_what_is_settled_is_corrected(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    path = f"/leads/{lead['id']}/correct"
    refused = await shop.call("POST", path, outcome="lost", reason="x")
    problem_in(refused, 409, "move-not-allowed")


async def test_what_was_corrected_is_not_undone(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    held = await shop.serve("anna", lead, "A6")
    await shop.end(held, outcome="won", amount="1", note="n")
    await shop.ask("POST", f"/leads/{lead['id']}/correct", outcome="lost", reason="x")
    undone = await shop.call("POST", f"/leads/{lead['id']}/undo", token=held["claim"]["token"])
    assert "corrected" in problem_in(undone, 409, "move-not-allowed")["detail"]

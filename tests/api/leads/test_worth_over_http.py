"""What is known of a client and of their order weighs: who bought, who is blocked, what is paid."""

from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from shop import Shop

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

OPENED = "2026-06-09T10:00:00Z"


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    return Shop(client, clock, resources)


async def explained(shop: Shop, lead: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await shop.ask("GET", f"/leads/{lead['id']}/explanation")
    return found


async def chance(shop: Shop, card: dict[str, Any], **sent: Any) -> tuple[float, str, str]:
    await shop.ask("PUT", "/customers/c-1", name="Ирина", **card)
    lead = await shop.comes("a client's", customer={"external_id": "c-1"}, **sent)
    found = (await explained(shop, lead))["chance"]
    return round(found["value"], 4), found["source"], found["rule"]


DONE = {"number": "1", "operator": "anna", "opened_at": OPENED, "state": "done"}


@pytest.mark.parametrize(
    ("card", "value", "source", "rule"),
    [
        ({}, 0.45, "kind chat", "A3"),
        ({"orders": [DONE]}, 0.585, "kind chat, client bought_before ×1.3", "A3, A23"),
        ({"bought_before": True}, 0.585, "kind chat, client bought_before ×1.3", "A3, A23"),
        ({"class": "vip"}, 0.54, "kind chat, client vip ×1.2", "A3, B3"),
        ({"blocked_since": "2026-06-01"}, 0.135, "kind chat, client blocked ×0.3", "A3, B5"),
        ({"blocked_since": "2024-06-01", "call_on": "2026-06-10"}, 0.45, "kind chat", "A3"),
    ],
)
async def test_a_card_weighs_in_the_chance(
    shop: Shop, card: dict[str, Any], value: float, source: str, rule: str
) -> None:
    assert await chance(shop, card) == (value, source, rule)


async def test_who_bought_here_has_bought_before(shop: Shop) -> None:
    first = await shop.comes("the first", customer={"external_id": "c-1"})
    await shop.end(await shop.serve("anna", first, "A6"), outcome="won", amount="900", note="n")
    card = await shop.ask("GET", "/customers/c-1")
    assert card["bought_before"]
    again = await shop.comes("the second", customer={"external_id": "c-1"})
    assert "client bought_before ×1.3" in (await explained(shop, again))["chance"]["source"]


async def test_a_card_that_comes_later_moves_the_lead(shop: Shop) -> None:
    lead = await shop.comes("a client's", customer={"external_id": "c-1"})
    await shop.ask("PUT", "/customers/c-1", **{"class": "vip"})
    await keep_in_step(shop.stores)
    assert "client vip" in (await explained(shop, lead))["chance"]["source"]


async def test_a_paid_self_order_is_certain_and_an_unpaid_one_fades(shop: Shop) -> None:
    paid = await shop.comes("paid", channel="site_order", external_id="o-1", paid=True)
    unpaid = await shop.comes("unpaid", channel="site_order", external_id="o-2")
    assert (await explained(shop, paid))["chance"] | {"title": ""} == {
        "value": 1.0,
        "source": "paid order",
        "rule": "A30",
        "title": "",
    }
    values = []
    for _ in range(4):
        found = (await explained(shop, unpaid))["chance"]
        values.append(round(found["value"], 4))
        shop.clock.pass_by(days=1)
        await keep_in_step(shop.stores)
    assert values == [0.98, 0.882, 0.7938, 0.7144]
    assert (found["source"], found["rule"]) == ("kind self_order, unpaid for 3 days", "A3, A26")


RUNNING = {"number": "7", "operator": "boris", "opened_at": OPENED, "amount": "48000"}


async def test_a_refusal_of_a_running_order_is_urgent_and_worth_its_sum(shop: Shop) -> None:
    await shop.ask("PUT", "/customers/c-1", orders=[{**RUNNING, "state": "processed"}])
    lead = await shop.comes(
        "a refusal", text="отмените мой заказ пожалуйста", customer={"external_id": "c-1"}
    )
    found = await explained(shop, lead)
    assert (found["chance"]["value"], found["chance"]["rule"]) == (1.0, "A25")
    assert (found["budget"]["value"], found["budget"]["rule"]) == ("48000.00", "A25")
    assert (found["urgency"]["value"], found["urgency"]["rule"]) == (0.95, "A25")
    pads = await shop.comes("pads", text="тормозные колодки, машина на подъёмнике")
    assert lead["score"] > pads["score"]


async def test_without_a_running_order_a_refusal_is_a_return(shop: Shop) -> None:
    await shop.ask("PUT", "/customers/c-1", orders=[DONE])
    lead = await shop.comes("a refusal", text="отмените заказ", customer={"external_id": "c-1"})
    found = await explained(shop, lead)
    assert found["chance"]["value"] < 0.2
    assert found["budget"]["source"] != "running order"


async def test_an_order_that_is_processed_binds_like_one_in_work(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/boris/presence", status="online")
    await shop.ask("PUT", "/customers/c-1", orders=[{**RUNNING, "state": "processed"}])
    lead = await shop.comes("theirs", text="добавьте фильтр", customer={"external_id": "c-1"})
    routing = (await explained(shop, lead))["routing"]
    assert (routing["owner"], routing["owner_rule"]) == ("boris", "B2")


async def test_a_cashless_order_has_seven_days_and_is_asked_about_the_day_before(
    shop: Shop,
) -> None:
    order = {**RUNNING, "state": "awaiting_payment", "cashless": True}
    await shop.ask("PUT", "/customers/c-1", orders=[{**order, "invoiced_at": OPENED}])
    lead = await shop.comes("an invoice")
    held = await shop.serve("anna", lead, "A6")
    parked = await shop.end(held, outcome="awaiting_payment", cashless=True, note="счёт")
    assert (parked["parked_until"], parked["parked_for"]) == ("2026-06-17T09:00:00Z", "payment")
    for days, expected in ((4, []), (2, ["invoice.ends"] * 2), (1, ["invoice.ends"] * 2)):
        shop.clock.pass_by(days=days)
        await keep_in_step(shop.stores)
        events = (await shop.ask("GET", "/queues/main/events"))["events"]
        assert [event["type"] for event in events if event["type"] == "invoice.ends"] == expected


async def test_a_lead_that_waits_for_an_invoice_is_asked_about_with_its_operator_and_sum(
    shop: Shop,
) -> None:
    lead = await shop.comes("an invoice")
    held = await shop.serve("anna", lead, "A6")
    sent = {"outcome": "awaiting_payment", "cashless": True, "amount": "9000", "note": "счёт"}
    await shop.end(held, **sent)
    shop.clock.pass_by(days=6)
    await keep_in_step(shop.stores)
    (found,) = await shop.queue_events("invoice.ends")
    assert found == {
        **{"lead": lead["id"], "customer": None, "operator": "anna", "amount": "9000.00"},
        "until": "2026-06-17T09:00:00+00:00",
    }


async def test_only_an_order_that_awaits_its_payment_is_cashless(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    sent = {"token": held["claim"]["token"], "outcome": "lost", "reason": "x", "note": "n"}
    refused = await shop.call("POST", f"/leads/{held['id']}/settle", **sent, cashless=True)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["cashless"]

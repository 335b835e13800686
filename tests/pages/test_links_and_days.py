"""Links of the card to other systems, and what an operator sees of their own day."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from lacking import needs
from pages_world import ALL, World, flaws
from stories import put_policy

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.undo_settle import undo_settle
from service.flows.leads.update_customer import update_customer
from service.flows.operators.view_operator_day import view_operator_day
from service.leads.card import CardChange
from service.leads.context import OrderInWork, OrderState
from service.leads.customer import Customer
from service.leads.lead import Channel, Lead
from service.leads.settlement import Outcome, Settlement

LINKS = [
    {"title": "CRM", "address": "https://crm.shop.example/clients/{customer}"},
    {"title": "Заказ", "address": "https://crm.shop.example/orders?n={order}"},
    {"title": "VIN", "address": "https://vin.shop.example/{vin}"},
    {"title": "Сайт", "address": "https://shop.example/a/{external_id}", "sources": ["site"]},
]


def buttons(page: Any) -> dict[str, str]:
    found = page.locator("a.button[target=_blank]").all()
    return {
        item.inner_text().removesuffix("↗").strip(): item.get_attribute("href") for item in found
    }


@pytest.mark.timeout(120)
@needs("chromium")
def test_links_open_the_client_and_each_open_order(world: World) -> None:
    world.do(put_policy(world.resources, links=LINKS))
    now = world.clock.now()
    orders = (
        OrderInWork("A/1 №2", None, now),
        OrderInWork("old", None, now, OrderState.DONE),
        OrderInWork('"><script>', None, now),
    )
    card = CardChange({"name": "Ирина"}, {"orders": orders})
    world.do(update_customer(world.resources, "c 1", card, "crm"))
    client = Customer(external_id="c 1", name="Ирина")
    lead = world.lead(text="Колодки", customer=client, external_id="m-1", source="chats")
    page = world.desk()
    page.keyboard.press("KeyN")
    page.locator("#card-title").wait_for()
    expected = {
        "CRM": "https://crm.shop.example/clients/c%201",
        "Заказ A/1 №2": "https://crm.shop.example/orders?n=A%2F1%20%E2%84%962",
        'Заказ "><script>': "https://crm.shop.example/orders?n=%22%3E%3Cscript%3E",
    }
    assert buttons(page) == expected
    assert {
        item.get_attribute("rel") for item in page.locator("a.button[target=_blank]").all()
    } == {"noopener noreferrer"}
    assert flaws(page) == []
    board = world.sign_in("vera", ALL, desk=False)
    board.goto(f"{world.service.address}/board/leads/{lead.id}")
    assert buttons(board) == expected


@pytest.mark.timeout(120)
@needs("chromium")
def test_an_empty_desk_says_what_was_done_today(world: World) -> None:
    page = world.desk()
    assert page.locator("#today").count() == 0
    settle(world, Outcome.WON, amount=Decimal(8500))
    page.reload()
    today = page.locator("#today").inner_text()
    assert "Taken: 1" in today
    assert "Sold: 1, 8,500\xa0RUB" in today
    assert flaws(page) == []


def settle(world: World, outcome: Outcome, **more: Any) -> tuple[Lead, str]:
    """Anna takes a lead and ends it."""
    world.lead(channel=Channel.EMAIL, text="Масло")
    world.at_work("anna")
    lead = world.do(claim_next(world.resources, "anna")).lead
    end = Settlement(outcome, note="готово", **more)
    world.do(settle_claim(world.resources, lead.id, lead.claim.token, end))
    return lead, lead.claim.token


def day(world: World, name: str = "anna") -> tuple[int, dict[str, tuple[int, Decimal | None]]]:
    found = world.do(view_operator_day(world.resources, name))
    return found.taken, {end.outcome: (end.leads, end.amount) for end in found.ended}


@needs("chromium")
def test_a_day_counts_what_stands_of_the_operators_own(world: World) -> None:
    world.clock.moment += timedelta(hours=-24)
    settle(world, Outcome.WON, amount=Decimal(1))
    world.clock.moment += timedelta(hours=24)
    settle(world, Outcome.WON, amount=Decimal(5000))
    settle(world, Outcome.LOST, reason="дорого")
    lead, token = settle(world, Outcome.WON, amount=Decimal(700))
    assert day(world) == (3, {"won": (2, Decimal(5700)), "lost": (1, None)})
    world.do(undo_settle(world.resources, lead.id, token))
    assert day(world) == (3, {"won": (1, Decimal(5000)), "lost": (1, None)})
    assert day(world, "boris") == (0, {})

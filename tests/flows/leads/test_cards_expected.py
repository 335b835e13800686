"""Where few clients have cards, leads are stored without a look, and are led all the same."""

from typing import Any

import pytest
from builders import a_signal
from customer_stories import IRINA, employ, know, orders
from stories import Receive

from service.flows.leads.receive_signal import receive_signal
from service.flows.leads.update_customer import update_customer
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.lead import Channel
from service.resources import Resources
from service.storage.customers.marked_cards import LATELY, CardsExpected, MarkedCards
from service.storage.leads.duplicates import Sender


def expect_none(resources: Resources) -> None:
    for _ in range(3 * LATELY):
        resources.stores.marked_cards.expected.note(had_cards=False)


async def ask_nothing(*_: Any) -> None:
    raise AssertionError("cards were read")


def test_cards_are_expected_until_most_new_clients_have_none() -> None:
    expected = CardsExpected()
    assert expected.is_likely()
    for _ in range(3 * LATELY):
        expected.note(had_cards=False)
    assert not expected.is_likely()
    for _ in range(LATELY // 2):
        expected.note(had_cards=True)
    assert expected.is_likely()


async def test_a_client_whose_card_nobody_expected_goes_to_their_owner(
    resources: Resources, receive: Receive
) -> None:
    await employ(resources, "anna")
    await know(resources, orders=orders())
    expect_none(resources)
    lead = await receive(customer=IRINA)
    assert lead.situation.routing.owner == "anna"


async def test_no_card_is_read_where_none_is_expected(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_none(resources)
    monkeypatch.setattr(MarkedCards, "of", ask_nothing)
    assert (await receive(customer=Customer("c-1"))).signal.customer == Customer("c-1")


async def test_a_call_task_is_led_by_the_card_all_the_same(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_none(resources)
    monkeypatch.setattr(MarkedCards, "of", ask_nothing)
    signal = a_signal(
        channel=Channel.CRM_TASK, customer=Customer("c-1"), received_at=resources.clock.now()
    )
    with pytest.raises(AssertionError, match="cards were read"):
        await receive_signal(resources, signal, Sender("crm"))


async def test_a_lead_is_the_same_with_and_without_a_look(
    resources: Resources, receive: Receive
) -> None:
    text = "нужны колодки к пятнице"
    looked = await receive(customer=Customer("c-1"), text=text, external_id="1")
    expect_none(resources)
    unlooked = await receive(customer=Customer("c-2"), text=text, external_id="2")
    assert unlooked.ranking == looked.ranking
    assert unlooked.situation.routing == looked.situation.routing


async def test_clients_with_cards_bring_the_look_back(
    resources: Resources, receive: Receive
) -> None:
    await employ(resources, "anna")
    expect_none(resources)
    expected = resources.stores.marked_cards.expected
    for number in range(LATELY // 4):
        card = CardChange(context={"orders": orders()})
        await update_customer(resources, f"c-{number}", card, "crm")
        await receive(customer=Customer(f"c-{number}"))
    assert expected.is_likely()

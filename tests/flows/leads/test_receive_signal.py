"""Taking signals in: once, whole, and with the client's card."""

import asyncio
from typing import Any

import pytest
from builders import a_signal
from ending_stories import settle
from sqlalchemy import text
from stories import Receive, take

from service.flows.leads import receive_signal as receiving
from service.flows.leads.receive_signal import IntakeResult, Received, receive_signal
from service.flows.leads.update_customer import update_customer, view_customer
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest, StorageUnavailable
from service.resources import Resources
from service.storage import database as databases
from service.storage.leads.duplicates import Sender


async def card_of(resources: Resources, external_id: str) -> tuple[str | None, str | None]:
    statement = text("SELECT name, phone FROM customers WHERE external_id = :id")
    async with resources.stores.database.transaction() as connection:
        row = (await connection.execute(statement, {"id": external_id})).one()
    return row.name, row.phone


async def received(resources: Resources, context: dict[str, Any], **sent: Any) -> Received:
    signal = a_signal(**{"received_at": resources.clock.now(), **sent})
    return await receive_signal(resources, signal, Sender(signal.source), context)


async def away(*sent: Any) -> None:
    raise StorageUnavailable("The database cannot be reached.")


async def test_each_lead_makes_the_clients_card_fresher(
    resources: Resources, receive: Receive
) -> None:
    await receive(customer=Customer("c-1", name="Ольга", phone="+79160000001"))
    await receive(customer=Customer("c-1", name="Ольга Петровна"))
    assert await card_of(resources, "c-1") == ("Ольга Петровна", "+79160000001")


async def test_a_repeated_signal_changes_nothing_of_the_card(
    resources: Resources, receive: Receive
) -> None:
    first = await receive(external_id="7", customer=Customer("c-1", name="Ольга"))
    again = await receive(external_id="7", customer=Customer("c-1", name="Ирина"))
    assert again == first
    assert await card_of(resources, "c-1") == ("Ольга", None)


async def test_what_came_for_the_card_is_not_lost_when_the_first_try_ended_before_it(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {"customer": Customer("c-1"), "external_id": "7"}
    context = {"cars": ("XTAGFK330JY144213",)}
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "store_on_card", away)
        with pytest.raises(StorageUnavailable):
            await received(resources, context, **sent)
    again = await received(resources, context, **sent)
    assert again.way is IntakeResult.REPEATED
    card = await view_customer(resources, "c-1")
    assert card.context.cars == ("XTAGFK330JY144213",)


async def test_a_signal_repeated_after_its_lead_is_over_changes_nothing_of_the_card(
    resources: Resources,
) -> None:
    sent: dict[str, Any] = {"customer": Customer("c-1"), "external_id": "7"}
    await received(resources, {"cars": ("old",)}, **sent)
    await settle(resources, await take(resources, "anna"), "lost", reason="дорого")
    await update_customer(resources, "c-1", CardChange(context={"cars": ("new",)}), "crm")
    assert (await received(resources, {"cars": ("old",)}, **sent)).way is IntakeResult.REPEATED
    assert (await view_customer(resources, "c-1")).context.cars == ("new",)


@pytest.mark.more
async def test_a_hundred_signals_of_ten_clients_at_once(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    # on a busy machine they stand in line for longer; locks are waited for no longer than ever
    monkeypatch.setattr(databases, "CONNECT_SECONDS", 30)
    customers = [Customer(f"c-{number}", name=f"Клиент {number}") for number in range(10)]
    leads = await asyncio.gather(
        *(receive(external_id=str(n), customer=customers[n % 10]) for n in range(100)),
        *(receive(external_id=str(n), customer=customers[n % 10]) for n in reversed(range(100))),
    )
    assert len({lead.id for lead in leads}) == 10
    assert await card_of(resources, "c-9") == ("Клиент 9", None)


async def test_an_unknown_queue_is_named_and_leaves_nothing(resources: Resources) -> None:
    signal = a_signal(queue="nowhere", received_at=resources.clock.now())
    with pytest.raises(InvalidRequest) as refused:
        await receive_signal(resources, signal, Sender("tests"))
    assert [mistake.field for mistake in refused.value.mistakes] == ["queue"]
    async with resources.stores.database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM leads")) == 0

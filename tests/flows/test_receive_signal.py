"""Taking signals in: once, whole, and with the client's card."""

import asyncio

import pytest
from builders import a_signal
from sqlalchemy import text
from stories import Receive

from service.flows.receive_signal import receive_signal
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest
from service.resources import Resources
from service.storage.intake import Sender


async def card_of(resources: Resources, external_id: str) -> tuple[str | None, str | None]:
    statement = text("SELECT name, phone FROM customers WHERE external_id = :id")
    async with resources.stores.database.transaction() as connection:
        row = (await connection.execute(statement, {"id": external_id})).one()
    return row.name, row.phone


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


async def test_a_hundred_signals_of_ten_clients_at_once(
    resources: Resources, receive: Receive
) -> None:
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
    assert [one.field for one in refused.value.mistakes] == ["queue"]
    async with resources.stores.database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM leads")) == 0

"""Orders too long in work, and reservations that end, are told to the head, once each (B7, B9)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from stories import Receive, put_policy

from service.flows.customers.remind_of_orders import remind_of_orders
from service.flows.upkeep.keep_in_step import WATCHES
from service.leads.card import Card
from service.leads.context import CustomerContext, OrderInWork, OrderState
from service.leads.customer import Customer
from service.resources import Resources
from service.storage.customers.customers import put_card
from service.storage.queues.queue_events import QueueEvent, list_queue_events

DAY = timedelta(days=1)


async def orders(resources: Resources, *existing: OrderInWork, of: str = "irina") -> None:
    async with resources.stores.database.transaction() as connection:
        card = Card(Customer(of), CustomerContext(orders=existing))
        await put_card(connection, card, resources.clock.now())


def an_order(number: str = "17", opened_at: datetime = NOON, **sent: Any) -> OrderInWork:
    return OrderInWork(number, "anna", opened_at, **sent)


def reserved(until: datetime) -> OrderInWork:
    return an_order(state=OrderState.RESERVED, reserved_until=until)


async def reported(resources: Resources) -> list[QueueEvent]:
    async with resources.stores.database.transaction() as connection:
        events = await list_queue_events(connection, "main", after=0, limit=100)
    return [event for event in events if event.type in ("order.overdue", "reservation.ends")]


@pytest.mark.parametrize("state", [OrderState.IN_WORK, OrderState.AWAITING_PAYMENT])
async def test_an_order_in_work_for_seven_days_is_told_of_once(
    resources: Resources, clock: DrivenClock, state: OrderState
) -> None:
    await orders(resources, an_order(state=state, reason="ждём поставку"))
    clock.pass_by(days=7, seconds=-1)
    await remind_of_orders(resources)
    assert await reported(resources) == []
    for _ in range(3):
        clock.pass_by(hours=1)
        await remind_of_orders(resources)
    (event,) = await reported(resources)
    assert (event.type, event.actor) == ("order.overdue", "nextlead")
    assert event.details is not None
    assert (event.details["order"], event.details["operator"]) == ("17", "anna")
    assert (event.details["customer"], event.details["reason"]) == ("irina", "ждём поставку")


async def test_an_extension_is_asked_a_day_before_each_end_of_a_reservation(
    resources: Resources, clock: DrivenClock
) -> None:
    await orders(resources, reserved(NOON + 5 * DAY))
    clock.pass_by(days=4)
    for _ in range(2):
        await remind_of_orders(resources)
        clock.pass_by(hours=2)
    assert [item.type for item in await reported(resources)] == ["reservation.ends"]
    await orders(resources, reserved(NOON + 10 * DAY))
    clock.pass_by(days=5)
    await remind_of_orders(resources)
    assert [item.type for item in await reported(resources)] == ["reservation.ends"] * 2


async def test_what_is_done_is_told_of_no_more(resources: Resources, clock: DrivenClock) -> None:
    await orders(resources, an_order(state=OrderState.DONE, reserved_until=NOON))
    clock.pass_by(days=30)
    await remind_of_orders(resources)
    assert await reported(resources) == []


async def test_orders_are_looked_at_once_an_hour(resources: Resources, clock: DrivenClock) -> None:
    await orders(resources, an_order())
    await remind_of_orders(resources)
    await orders(resources, an_order(opened_at=NOON - 8 * DAY))
    clock.pass_by(minutes=59)
    await remind_of_orders(resources)
    assert await reported(resources) == []
    clock.pass_by(minutes=1)
    await remind_of_orders(resources)
    assert len(await reported(resources)) == 1


async def test_the_queue_of_the_clients_lead_is_told_by_its_policy(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await put_policy(resources, follow_ups={"order_in_work_days": 2})
    await receive(customer=Customer("irina"))
    await orders(resources, an_order("1"), an_order("2", opened_at=NOON + DAY))
    clock.pass_by(days=2)
    await remind_of_orders(resources)
    assert [item.details and item.details["order"] for item in await reported(resources)] == ["1"]


def test_time_does_it_by_itself() -> None:
    assert remind_of_orders in WATCHES

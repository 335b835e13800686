"""Flows that lock leads, cards and marks do it in one order: none waits for another for ever."""

import asyncio
from typing import Any

import pytest
from joining_stories import NICKNAME, PHONE, corrected, inbound
from sqlalchemy.exc import DBAPIError

from service.flows.customers import learn_client as learning
from service.flows.customers.learn_client import learn_client
from service.flows.leads import correct_signal as correcting
from service.flows.leads.update_customer import update_customer
from service.flows.leads.view_leads import view_lead
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.customers import locked_card
from service.storage.leads.duplicates import Sender

ANNA = Sender("anna", may_read=True)


async def learn(resources: Resources, lead: Lead, named: Customer) -> Lead:
    return await learn_client(resources, lead.id, named, ANNA, held_only=False)


async def introduce(resources: Resources, **customer: Any) -> None:
    """A card of the shop's own system."""
    await update_customer(resources, "c-1", CardChange(customer=customer), "crm")


async def is_locked(resources: Resources, card: str) -> bool:
    """Whether a card would have to be waited for."""
    async with resources.stores.database.transaction() as connection:
        await connection.exec_driver_sql("SET LOCAL lock_timeout = '10ms'")
        try:
            await locked_card(connection, card)
        except DBAPIError:
            return True
    return False


async def test_two_who_learn_at_once_that_their_clients_are_one_do_not_wait_for_each_other(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, both = learning.leads_of_marks, asyncio.Barrier(2)
    looks = {"first": 2}

    async def look_together(*sent: Any) -> Any:
        found = await look(*sent)
        if looks["first"]:
            looks["first"] -= 1
            await both.wait()
        return found

    phone, mail = Customer(phone="+79147001213"), Customer(email="olga@example.org")
    first = (await inbound(resources, customer=phone)).lead
    second = (await inbound(resources, customer=mail)).lead
    monkeypatch.setattr(learning, "leads_of_marks", look_together)
    await asyncio.gather(learn(resources, first, mail), learn(resources, second, phone))
    leads = [await view_lead(resources, item.id) for item in (first, second)]
    assert [lead.joined_into for lead in leads].count(None) == 1


async def test_who_comes_between_the_look_and_the_lock_is_joined_too(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, came = learning.lock_merge_target, list[Lead]()

    async def lock_later(*sent: Any) -> Any:
        if not came:
            came.append((await inbound(resources, customer=PHONE)).lead)
        return await lock(*sent)

    lead = (await inbound(resources, customer=NICKNAME)).lead
    monkeypatch.setattr(learning, "lock_merge_target", lock_later)
    await learn(resources, lead, PHONE)
    assert (await view_lead(resources, came[0].id)).joined_into == lead.id


async def test_a_card_is_locked_before_the_marks_of_a_lead_are_learnt(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await introduce(resources, phone="+79147001213")
    lead = (await inbound(resources, customer=Customer(phone="+79147001213"))).lead
    add, seen = learning.add_marks, list[bool]()

    async def add_and_look(*sent: Any) -> None:
        seen.append(await is_locked(resources, "c-1"))
        await add(*sent)

    monkeypatch.setattr(learning, "add_marks", add_and_look)
    await learn(resources, lead, Customer(email="olga@example.org"))
    assert seen == [True]


async def test_a_card_is_locked_before_marks_are_taken_back_by_a_correction(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await introduce(resources, messengers={"telegram": "111"})
    order = {"external_id": "order:1", "source": "shop"}
    first = Customer(messengers={"telegram": "111"}, phone="+79147001213")
    await inbound(resources, customer=first, **order)
    drop, seen = correcting.drop_marks, list[bool]()

    async def look_and_drop(*sent: Any) -> None:
        seen.append(await is_locked(resources, "c-1"))
        await drop(*sent)

    monkeypatch.setattr(correcting, "drop_marks", look_and_drop)
    resources.clock.pass_by(seconds=1)  # type: ignore[attr-defined]
    await corrected(resources, customer=Customer(messengers={"telegram": "111"}), **order)
    assert seen == [True]

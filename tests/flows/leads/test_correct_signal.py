"""A sender corrects what he told: the lead is told again, and nothing else is lost by it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from driven_clock import DrivenClock
from ending_stories import park, settle
from invariants import check_invariants
from joining_stories import MAIL, NICKNAME, PHONE, SAME_PHONE, corrected, inbound, present
from redis.asyncio import Redis
from stories import take

from service.adapters.inbound_event import ConversationEnded
from service.adapters.source import Source
from service.flows.leads.receive_signal import IntakeResult, Received
from service.flows.leads.update_customer import update_customer
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_signals import view_signals
from service.flows.senders.handle_event import handle
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, Kind, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender

CRM = Sender("crm", may_read=True)
ORDER: dict[str, Any] = {"channel": Channel.SITE_ORDER, "external_id": "order-1"}


async def unpaid_order(resources: Resources) -> Received:
    """An operator had an order ready that awaits its payment."""
    order = await inbound(resources, customer=MAIL, **ORDER)
    held = await take(resources, "anna")
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    return order


async def test_an_order_that_a_correction_settles_takes_no_waiting_lead_with_it(
    resources: Resources, redis: Redis
) -> None:
    order = await unpaid_order(resources)
    waiting = await inbound(resources, customer=PHONE, text="другое")
    await corrected(resources, customer=SAME_PHONE, paid=True, **ORDER)
    assert (await present(resources, order)).state is State.SETTLED
    assert (await present(resources, waiting)).state is State.WAITING
    await check_invariants(resources, redis)


async def test_who_is_known_by_an_order_that_a_correction_settles_is_no_stranger_after(
    resources: Resources,
) -> None:
    order = await unpaid_order(resources)
    await corrected(resources, customer=SAME_PHONE, paid=True, **ORDER)
    again = await inbound(resources, customer=PHONE, text="ещё")
    assert (again.way, again.lead.follows) == (IntakeResult.OPENED, order.lead.id)


async def test_what_was_told_of_a_lead_since_outlives_a_correction(resources: Resources) -> None:
    order = await inbound(resources, customer=MAIL, text="колодки", **ORDER)
    facts = LeadUpdate({"paid": True, "budget": Decimal(7)}, from_client=False, sender=CRM)
    await update_lead(resources, order.lead.id, facts)
    await corrected(resources, customer=MAIL, text="диски", **ORDER)
    signal = (await present(resources, order)).signal
    assert (signal.text, signal.paid, signal.budget) == ("диски", True, Decimal(7))
    assert await view_signals(resources, order.lead.id) == []  # it is of one all the same


async def test_who_corrects_a_paid_order_need_not_say_again_that_it_is_paid(
    resources: Resources,
) -> None:
    order = await inbound(resources, customer=MAIL, text="колодки", **ORDER)
    await corrected(resources, customer=MAIL, text="диски", paid=True, **ORDER)
    await corrected(resources, customer=MAIL, text="фильтр", **ORDER)
    signal = (await present(resources, order)).signal
    assert (signal.text, signal.paid) == ("фильтр", True)


async def test_the_number_of_a_client_who_was_merged_outlives_a_correction(
    resources: Resources,
) -> None:
    chat = await inbound(resources, customer=NICKNAME, text="привет", external_id="1")
    await update_customer(resources, "c-1", CardChange({"messengers": {"telegram": "111"}}), "crm")
    renamed = replace(NICKNAME, name="olga")
    await corrected(resources, customer=renamed, text="привет!", external_id="1")
    signal = (await present(resources, chat)).signal
    assert signal.customer is not None
    assert replace(signal.customer, recognised=None) == replace(renamed, external_id="c-1")


async def test_who_left_is_in_no_hurry_after_a_correction_either(resources: Resources) -> None:
    client = Customer(phone="+79001234567", messengers={"tawk": "c1"})
    word: dict[str, Any] = {"channel": Channel.SITE_CHAT, "external_id": "1", "customer": client}
    chat = await inbound(resources, **word)
    source = Source(chat.lead.signal.source, "tawk", "main")
    await handle(resources, source, ConversationEnded("tawk", "c1", resources.clock.now()))
    await corrected(resources, text="есть?", **word)
    lead = await present(resources, chat)
    assert (lead.signal.text, lead.ranking.kind) == ("есть?", Kind.OFFLINE)


async def test_who_is_to_be_called_back_is_after_a_correction_too(
    resources: Resources, clock: DrivenClock
) -> None:
    first = await inbound(resources, customer=PHONE, text="вопрос", external_id="1")
    call: dict[str, Any] = {"channel": Channel.PHONE, "live": True, "external_id": "2"}
    await inbound(resources, customer=PHONE, **call)
    held = await take(resources, "anna")
    await park(resources, held, clock.now() + timedelta(hours=1))
    assert (await present(resources, first)).situation.callback_due
    await corrected(resources, customer=PHONE, text="колодки", external_id="1")
    assert (await present(resources, first)).situation.callback_due


async def test_whoever_changed_a_lead_without_reading_it_did_not_bring_it(
    resources: Resources,
) -> None:
    chat = await inbound(resources, customer=NICKNAME)
    await update_customer(resources, "c-1", CardChange({"messengers": {"telegram": "111"}}), "card")
    facts = LeadUpdate({"urgency": 0.9}, from_client=False, sender=Sender("card"))
    with pytest.raises(LeadNotFound):
        await update_lead(resources, chat.lead.id, facts)


async def test_a_telephone_that_a_correction_takes_back_is_nobodys(resources: Resources) -> None:
    wrong = Customer("c-1", phone="89001234567")
    order = await inbound(resources, customer=wrong, **ORDER)
    await corrected(resources, customer=replace(wrong, phone="89007654321"), **ORDER)
    assert (await inbound(resources, customer=PHONE)).way is IntakeResult.OPENED
    right = await inbound(resources, customer=Customer(phone="+79007654321"))
    assert (right.way, right.lead.id) == (IntakeResult.JOINED, order.lead.id)


async def test_a_telephone_that_another_signal_or_the_card_tells_stays_the_clients(
    resources: Resources,
) -> None:
    order = await inbound(resources, customer=SAME_PHONE, **ORDER)
    await inbound(resources, customer=PHONE, text="это я")
    await update_customer(resources, "c-1", CardChange({"email": MAIL.email}), "crm")
    await corrected(resources, customer=Customer(name="Ольга"), **ORDER)
    for client in (PHONE, MAIL, Customer("c-1")):
        assert (await inbound(resources, customer=client)).lead.id == order.lead.id


async def test_who_is_told_of_anew_waits_since_he_came(
    resources: Resources, clock: DrivenClock
) -> None:
    order = await inbound(resources, customer=MAIL, text="колодки", **ORDER)
    since = clock.moment
    for hour in (3, 2):  # the second one was said before the first
        clock.moment = since + timedelta(hours=hour)
        await corrected(resources, customer=MAIL, text=f"в {hour}", **ORDER)
    lead = await present(resources, order)
    assert (lead.signal.text, lead.signal.received_at) == ("в 3", since)
    assert lead.situation.asked_at == since + timedelta(hours=3)


async def test_a_correction_is_of_the_lead_of_whatever_queue_its_sender_names_now(
    resources: Resources, client: Any
) -> None:
    assert (await client.put("/v1/queues/north", json={})).status_code == 201
    order = await inbound(resources, customer=MAIL, **ORDER)
    same, north = [
        await inbound(resources, customer=PHONE, queue=item) for item in ("main", "north")
    ]
    await corrected(resources, customer=SAME_PHONE, queue="north", **ORDER)
    into = {(await present(resources, item)).joined_into for item in (order, same)}
    assert (await present(resources, north)).state is State.WAITING
    assert into == {None, order.lead.id}


async def test_a_change_told_where_the_clock_is_behind_is_one_of_what_was_told_before(
    resources: Resources, clock: DrivenClock
) -> None:
    order = await inbound(resources, customer=MAIL, text="колодки", **ORDER)
    clock.pass_by(seconds=-1)
    for fields in ({"budget": Decimal(5)}, {"budget": Decimal(7)}):
        await update_lead(resources, order.lead.id, LeadUpdate(fields, False, CRM))
    clock.pass_by(seconds=2)
    await corrected(resources, customer=MAIL, text="диски", **ORDER)
    signal = (await present(resources, order)).signal
    assert (signal.text, signal.budget) == ("диски", Decimal(7))

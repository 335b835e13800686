"""One need, one lead: signals of one client join his open lead, and a wrong join is undone."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import a_signal
from driven_clock import DrivenClock
from ending_stories import paid, park, settle
from invariants import check_invariants
from joining_stories import MAIL, NICKNAME, PHONE, SAME_PHONE, corrected, inbound, present, split
from redis.asyncio import Redis
from stories import Receive, event_types, join_nothing, put_policy, take

from service.flows.claims.claim_next import claim_next
from service.flows.leads import view_signals as looking
from service.flows.leads.receive_signal import IntakeResult, Received, receive_signal
from service.flows.leads.split_lead import split_lead
from service.flows.leads.update_customer import update_customer
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.flows.leads.view_signals import view_signals
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest
from service.leads.lead import Channel, Item, Kind, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender


async def test_a_client_who_calls_writes_and_orders_is_one_lead(
    resources: Resources, redis: Redis
) -> None:
    order = Item("колодки", Decimal(2), Decimal(2500))
    first = await inbound(
        resources, channel=Channel.SITE_ORDER, customer=SAME_PHONE, items=(order,)
    )
    wrote = await inbound(resources, channel=Channel.EMAIL, customer=MAIL, text="когда?")
    called = await inbound(resources, channel=Channel.PHONE, customer=PHONE, live=True)
    assert [item.way for item in (first, wrote, called)] == [
        IntakeResult.OPENED,
        IntakeResult.JOINED,
        IntakeResult.JOINED,
    ]
    lead = await view_lead(resources, first.lead.id)
    assert called.lead == lead
    assert (lead.ranking.kind, lead.signal.live, lead.ranking.stage) == (Kind.PHONE, True, 800)
    assert (lead.signal.text, lead.signal.items) == ("когда?", (order,))
    assert lead.ranking.explanation["budget"]["value"] == "5000.00"
    assert await event_types(resources, lead) == ["lead.received", "lead.joined", "lead.joined"]
    events = await view_lead_events(resources, lead.id, after=0, limit=9)
    assert [event.event.details["by"] for event in events[1:]] == [["email"], ["phone"]]
    assert (await take(resources, "anna")).id == lead.id
    await check_invariants(resources, redis)


async def test_nobody_joins_by_what_is_only_similar(resources: Resources) -> None:
    clients = [
        Customer(name="Ольга Петрова"),
        Customer(name="Ольга Петрова", phone="89001234568"),
        Customer(name="Ольга", phone="89001234567"),
        Customer(phone="anonymous"),
        Customer(phone="anonymous"),
        Customer(messengers={"vk": "111"}),
        NICKNAME,
    ]
    assert {(await inbound(resources, customer=client)).way for client in clients} == {
        IntakeResult.OPENED
    }


async def test_another_queue_is_another_line(resources: Resources, client: Any) -> None:
    assert (await client.put("/v1/queues/north", json={})).status_code == 201
    assert (await inbound(resources, customer=PHONE)).way is IntakeResult.OPENED
    assert (await inbound(resources, customer=PHONE, queue="north")).way is IntakeResult.OPENED
    assert (await inbound(resources, customer=PHONE, queue="north")).way is IntakeResult.JOINED


async def test_a_repeated_signal_joins_once(resources: Resources) -> None:
    first = await inbound(resources, customer=PHONE, external_id="1", text="раз")
    for way in (IntakeResult.JOINED, IntakeResult.REPEATED):
        again = await inbound(resources, customer=PHONE, external_id="2", text="два")
        assert (again.way, again.lead.id) == (way, first.lead.id)
    assert again.lead.signal.text == "раз\nдва"
    assert (await inbound(resources, customer=PHONE, external_id="1")).way is IntakeResult.REPEATED


async def test_twenty_copies_of_five_signals_at_once_are_one_lead(
    resources: Resources, redis: Redis
) -> None:
    received = await asyncio.gather(
        *(
            inbound(
                resources, customer=PHONE, external_id=str(number % 5), text=f"слово {number % 5}"
            )
            for number in range(20)
        )
    )
    assert len({item.lead.id for item in received}) == 1
    ways = [item.way for item in received]
    assert (ways.count(IntakeResult.OPENED), ways.count(IntakeResult.JOINED)) == (1, 4)
    lead = await view_lead(resources, received[0].lead.id)
    assert sorted((lead.signal.text or "").split("\n")) == [f"слово {item}" for item in range(5)]
    await keep_in_step(resources)
    await check_invariants(resources, redis)


async def test_what_is_held_stays_held_and_what_is_parked_waits_again(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive(customer=PHONE)
    held = await take(resources, "anna")
    joined = (await inbound(resources, customer=PHONE, text="ещё колодки")).lead
    assert (joined.state, joined.claim) == (State.CLAIMED, held.claim)
    assert joined.ranking.cost_per_minute != held.ranking.cost_per_minute
    await park(resources, held, clock.now() + timedelta(days=1))
    back = (await inbound(resources, customer=PHONE, channel=Channel.PHONE, live=True)).lead
    assert (back.id, back.state, back.ranking.stage) == (held.id, State.WAITING, 800)


async def test_after_settling_a_new_lead_follows_the_old(
    resources: Resources, receive: Receive
) -> None:
    old = await receive(customer=PHONE)
    await settle(resources, await take(resources, "anna"), "won", amount=Decimal(5), note="ok")
    new = await inbound(resources, customer=SAME_PHONE)
    assert (new.way, new.lead.follows) == (IntakeResult.OPENED, old.id)
    assert (await view_lead(resources, new.lead.id)).follows == old.id


@pytest.mark.parametrize(
    ("external_id", "sender"),
    [(None, Sender("shop", "key-1", b"digest")), ("form-7", Sender("shop"))],
    ids=["by its key", "by its id"],
)
async def test_a_joined_signal_that_is_repeated_after_settling_opens_nothing(
    resources: Resources, receive: Receive, external_id: str | None, sender: Sender
) -> None:
    whole = await receive(customer=PHONE)
    now = resources.clock.now()
    signal = a_signal(received_at=now, customer=SAME_PHONE, external_id=external_id, source="shop")
    joined = await receive_signal(resources, signal, sender)
    assert (joined.way, joined.lead.id) == (IntakeResult.JOINED, whole.id)
    await settle(resources, await take(resources, "anna"), "won", amount=Decimal(5), note="ok")
    again = await receive_signal(resources, signal, sender)
    assert (again.way, again.lead.id) == (IntakeResult.REPEATED, whole.id)
    assert again.lead.state is State.SETTLED
    assert (await claim_next(resources, "anna")).lead is None


async def test_a_signal_that_shows_two_leads_to_be_one_clients_joins_them(
    resources: Resources, redis: Redis
) -> None:
    by_mail = await inbound(
        resources, customer=MAIL, text="по почте", source="mail", external_id="1"
    )
    by_phone = await inbound(resources, customer=PHONE, channel=Channel.EMAIL, text="по телефону")
    assert by_phone.way is IntakeResult.OPENED
    both = await inbound(resources, customer=SAME_PHONE, text="это всё я")
    assert both.lead.id == by_phone.lead.id  # the telephone is the stronger evidence
    gone = await view_lead(resources, by_mail.lead.id)
    assert (gone.state, gone.joined_into) == (State.JOINED, both.lead.id)
    assert both.lead.signal.text == "по телефону\nэто всё я\nпо почте"
    again = await inbound(resources, customer=MAIL, source="mail", external_id="1")
    assert (again.way, again.lead.id) == (IntakeResult.REPEATED, both.lead.id)
    assert (await inbound(resources, customer=MAIL, text="!")).lead.id == both.lead.id
    await check_invariants(resources, redis)


async def test_two_numbers_of_the_shop_never_join_by_a_telephone_they_share(
    resources: Resources,
) -> None:
    wife = await inbound(resources, customer=Customer("c-1", phone="89001234567"))
    husband = await inbound(resources, customer=Customer("c-2", phone="89001234567"))
    assert (wife.way, husband.way) == (IntakeResult.OPENED, IntakeResult.OPENED)
    assert (await inbound(resources, customer=Customer("c-2"))).lead.id == husband.lead.id
    assert (await inbound(resources, customer=PHONE)).lead.id == wife.lead.id


async def test_a_wrong_join_is_undone_and_both_are_ranked_by_what_is_theirs(
    resources: Resources, redis: Redis
) -> None:
    first = await inbound(resources, customer=MAIL, text="нужны колодки срочно", external_id="1")
    alone = first.lead.ranking
    stranger = Customer(email="o@x.ru", phone="89007654321")
    await inbound(resources, customer=stranger, channel=Channel.PHONE, live=True, external_id="2")
    reported = await view_signals(resources, first.lead.id)
    assert [(item.external_id, item.evidence) for item in reported] == [
        ("1", ()),
        ("2", ("email:o@x.ru",)),
    ]
    done = await split(resources, first.lead, 1)
    assert (done.lead.ranking.kind, done.lead.ranking.score) == (alone.kind, alone.score)
    assert not done.lead.signal.live
    assert (done.other.ranking.kind, done.other.signal.live) == (Kind.PHONE, True)
    assert (done.other.split_from, done.other.signal.external_id) == (first.lead.id, "2")
    assert (await inbound(resources, customer=stranger, external_id="2")).lead.id == done.other.id
    both = await inbound(resources, customer=stranger, text="снова я")
    assert both.lead.id == done.other.id  # and the two are not joined again
    assert (await view_lead(resources, first.lead.id)).state is State.WAITING
    assert (await event_types(resources, done.other))[0] == "lead.split"
    await check_invariants(resources, redis)


async def test_facts_that_were_changed_between_stay_with_the_first(resources: Resources) -> None:
    first = await inbound(resources, customer=MAIL, text="раз")
    await inbound(resources, customer=MAIL, text="чужое", budget=Decimal(9))
    facts = LeadUpdate(
        {"budget": Decimal(7)}, from_client=False, sender=Sender("crm", may_read=True)
    )
    await update_lead(resources, first.lead.id, facts)
    done = await split(resources, first.lead, 1)
    assert (done.lead.signal.text, done.lead.signal.budget) == ("раз", Decimal(7))
    assert (done.other.signal.text, done.other.signal.budget) == ("чужое", Decimal(9))


async def test_a_settled_lead_is_split_and_stays_as_it_was_settled(
    resources: Resources, receive: Receive
) -> None:
    first = await receive(customer=MAIL)
    await receive(customer=MAIL, text="чужое")
    await settle(resources, await take(resources, "anna"), "won", amount=Decimal(5), note="ok")
    done = await split(resources, first, 1)
    assert (done.lead.state, done.other.state) == (State.SETTLED, State.WAITING)
    assert done.other.signal.text == "чужое"


@pytest.mark.parametrize("number", [0, None])
async def test_only_what_joined_can_be_split_off(resources: Resources, number: int | None) -> None:
    first = await inbound(resources, customer=MAIL)
    await inbound(resources, customer=MAIL, text="2")
    reported = await view_signals(resources, first.lead.id)
    wanted = {first.lead.id} if number is None else {reported[number].id}
    with pytest.raises(InvalidRequest) as refused:
        await split_lead(resources, first.lead.id, wanted, "anna", "why")
    assert [mistake.field for mistake in refused.value.mistakes] == ["signals"]


async def test_a_nickname_is_merged_with_the_card_that_he_has(
    resources: Resources, redis: Redis
) -> None:
    chat = await inbound(resources, customer=NICKNAME, channel=Channel.TELEGRAM, text="привет")
    form = await inbound(resources, customer=PHONE, channel=Channel.LANDING_FORM, text="форма")
    sent = {"name": "Ольга", "phone": "+79001234567", "messengers": {"telegram": "111"}}
    await update_customer(resources, "c-1", CardChange(sent), "crm")
    lead = await view_lead(resources, form.lead.id)
    other = await view_lead(resources, chat.lead.id)
    assert (other.state, other.joined_into) == (State.JOINED, lead.id)
    assert lead.signal.customer is not None
    assert lead.signal.customer.external_id == "c-1"
    assert (lead.ranking.kind, lead.signal.text) == (Kind.CHAT, "форма\nпривет")
    assert (await inbound(resources, customer=NICKNAME)).lead.id == lead.id
    assert (await inbound(resources, customer=Customer("c-1"))).lead.id == lead.id
    await check_invariants(resources, redis)


async def test_the_policy_says_what_joins(resources: Resources) -> None:
    await put_policy(resources, joining={"by": ["phone"]})
    await inbound(resources, customer=SAME_PHONE)
    assert (await inbound(resources, customer=MAIL)).way is IntakeResult.OPENED
    assert (await inbound(resources, customer=PHONE)).way is IntakeResult.JOINED
    await join_nothing(resources)
    assert (await inbound(resources, customer=PHONE)).way is IntakeResult.OPENED


async def an_unpaid_order(resources: Resources) -> Received:
    order = await inbound(resources, customer=MAIL, external_id="o", channel=Channel.SITE_ORDER)
    held = await take(resources, "anna")
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    return order


async def test_an_order_that_awaits_its_payment_takes_the_others_in_and_keeps_its_sum(
    resources: Resources, redis: Redis
) -> None:
    order = await an_unpaid_order(resources)
    chat = await inbound(resources, customer=PHONE, text="когда?")
    assert (await inbound(resources, customer=SAME_PHONE, text="это я")).lead.id == order.lead.id
    assert (await present(resources, chat)).joined_into == order.lead.id
    won = await paid(resources, order.lead)
    assert (won.state, won.outcome, won.amount, won.settled_by) == (
        State.SETTLED,
        "won",
        Decimal(900),
        "anna",
    )
    await check_invariants(resources, redis)


async def test_an_order_that_awaits_its_payment_stays_by_itself_beside_who_is_held(
    resources: Resources, redis: Redis
) -> None:
    order = await an_unpaid_order(resources)
    chat = await inbound(resources, customer=PHONE, text="когда?")
    await take(resources, "anna")
    assert (await inbound(resources, customer=SAME_PHONE, text="это я")).lead.id == chat.lead.id
    unpaid = await present(resources, order)
    assert (unpaid.state, unpaid.amount) == (State.PARKED, Decimal(900))
    await check_invariants(resources, redis)


async def test_who_asked_last_in_a_lead_that_is_joined_asked_last_in_both(
    resources: Resources, clock: DrivenClock
) -> None:
    form = await inbound(resources, customer=PHONE, channel=Channel.SITE_CHAT)
    await inbound(resources, customer=MAIL, channel=Channel.SITE_CHAT)
    clock.pass_by(hours=2)
    await inbound(resources, customer=MAIL, channel=Channel.SITE_CHAT, text="ещё тут")
    both = {"phone": PHONE.phone, "email": MAIL.email}
    await update_customer(resources, "c-1", CardChange(both), "crm")
    assert (await present(resources, form)).situation.asked_at == clock.moment


async def test_of_two_parked_leads_the_sooner_promise_is_kept(
    resources: Resources, redis: Redis, clock: DrivenClock
) -> None:
    leads = {}
    for customer, hours in ((PHONE, 20), (MAIL, 2)):
        leads[hours] = await inbound(resources, customer=customer)
        held = await take(resources, "anna")
        await park(resources, held, clock.now() + timedelta(hours=hours))
    both = {"phone": PHONE.phone, "email": MAIL.email}
    await update_customer(resources, "c-1", CardChange(both), "crm")
    lead, gone = await present(resources, leads[20]), await present(resources, leads[2])
    assert gone.joined_into == lead.id
    assert (lead.state, lead.parked_until) == (State.PARKED, clock.now() + timedelta(hours=2))
    assert lead.note == "уехал"
    await check_invariants(resources, redis)
    clock.pass_by(hours=2)
    await keep_in_step(resources)
    assert (await take(resources, "anna")).id == lead.id


async def test_a_parked_lead_that_takes_a_waiting_one_in_waits_as_long_as_that_did(
    resources: Resources, redis: Redis, clock: DrivenClock
) -> None:
    parked = await inbound(resources, customer=PHONE)
    await park(resources, await take(resources, "anna"), clock.now() + timedelta(hours=2))
    clock.pass_by(hours=1)
    since = clock.moment
    await inbound(resources, customer=MAIL)
    clock.pass_by(minutes=30)
    both = {"phone": PHONE.phone, "email": MAIL.email}
    await update_customer(resources, "c-1", CardChange(both), "crm")
    lead = await present(resources, parked)
    assert (lead.state, lead.situation.promised_at) == (State.WAITING, since)
    await check_invariants(resources, redis)


async def test_a_corrected_signal_that_was_split_off_stays_apart(resources: Resources) -> None:
    first = await inbound(resources, customer=SAME_PHONE, text="раз", external_id="1")
    await inbound(resources, customer=PHONE, text="чужое", external_id="2")
    done = await split(resources, first.lead, 1)
    await corrected(resources, customer=PHONE, text="чужое!", external_id="2")
    assert (await present(resources, first)).state is State.WAITING
    other = await view_lead(resources, done.other.id)
    assert (other.state, other.signal.text) == (State.WAITING, "чужое!")


async def test_a_signal_known_by_its_key_alone_is_where_it_was_split_to(
    resources: Resources,
) -> None:
    whole = await inbound(resources, customer=PHONE, text="вопрос")
    sender = Sender("shop", "key-1", b"digest")
    signal = a_signal(received_at=resources.clock.now(), customer=MAIL, text="форма")
    await receive_signal(resources, signal, sender)
    await inbound(resources, customer=SAME_PHONE, text="это я")
    done = await split(resources, whole.lead, 1)
    assert done.other.signal.text == "форма"
    again = await receive_signal(resources, signal, sender)
    assert (again.way, again.lead.id) == (IntakeResult.REPEATED, done.other.id)


async def test_of_a_great_many_signals_none_is_forgotten(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MAX_SIGNALS", 2)
    first = await inbound(resources, customer=PHONE, text="0")
    for number in range(1, 4):
        await inbound(resources, customer=PHONE, text=str(number), external_id=str(number))
    reported = await view_signals(resources, first.lead.id)
    assert [item.external_id for item in reported] == ["2", "3"]
    await corrected(resources, customer=PHONE, text="три", external_id="3")
    assert (await present(resources, first)).signal.text == "0\n1\n2\nтри"


async def test_what_was_told_of_a_lead_before_it_was_joined_leaves_with_it(
    resources: Resources,
) -> None:
    chat = await inbound(resources, customer=PHONE, text="вопрос")
    form = await inbound(resources, customer=MAIL, text="форма")
    facts = LeadUpdate(
        {"budget": Decimal(7)}, from_client=False, sender=Sender("crm", may_read=True)
    )
    await update_lead(resources, form.lead.id, facts)
    await update_customer(resources, "c-1", CardChange({"email": MAIL.email}), "crm")
    whole = await inbound(resources, customer=SAME_PHONE, text="это я")
    assert (whole.lead.id, whole.lead.signal.budget) == (chat.lead.id, Decimal(7))
    done = await split(resources, whole.lead, 1)
    assert (done.other.signal.text, done.other.signal.budget) == ("форма", Decimal(7))
    assert done.other.signal.customer is not None
    assert done.other.signal.customer.external_id == "c-1"
    assert (done.lead.signal.text, done.lead.signal.budget) == ("вопрос\nэто я", None)
    assert done.lead.signal.customer is not None
    assert done.lead.signal.customer.external_id == "c-1"  # by the address that they typed


async def test_who_was_split_off_is_promised_no_call_of_the_others(
    resources: Resources, clock: DrivenClock
) -> None:
    first = await inbound(resources, customer=MAIL)
    clock.pass_by(hours=1)
    second = await inbound(resources, customer=MAIL, text="чужое")
    await park(resources, await take(resources, "anna"), clock.now() + timedelta(days=1))
    done = await split(resources, first.lead, 1)
    assert done.lead.situation.promised_at == clock.now() + timedelta(days=1)
    other = done.other.situation
    assert (other.callback_due, other.promised_at) == (False, None)
    assert other.signal.received_at == clock.now() > first.lead.signal.received_at
    assert second.lead.id == first.lead.id


async def test_messages_are_read_as_they_were_sent_whatever_came_first(
    resources: Resources,
) -> None:
    sent = resources.clock.now()
    texts = ("нужны колодки, бюджет 60 тыс", "дорого, максимум 25 тыс", "ладно, до 30 тыс")
    for number in (0, 2, 1):
        at = sent + timedelta(seconds=number)
        received = await inbound(resources, customer=PHONE, text=texts[number], received_at=at)
    assert received.way is IntakeResult.JOINED
    lead = await present(resources, received)
    assert lead.signal.text == "\n".join(texts)
    assert lead.ranking.explanation["budget"]["value"] == "30000.00"


async def test_a_budget_that_came_late_is_not_the_last_word(resources: Resources) -> None:
    now = resources.clock.now()
    await inbound(resources, customer=PHONE, budget=Decimal(9000), received_at=now)
    late = await inbound(
        resources, customer=PHONE, budget=Decimal(4000), received_at=now - timedelta(minutes=1)
    )
    assert (await present(resources, late)).signal.budget == Decimal(9000)

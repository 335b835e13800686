"""What is told of a lead that was joined into another is told of that one."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from call_stories import report
from driven_clock import NOON, DrivenClock
from ending_stories import park
from invariants import check_invariants
from joining_stories import MAIL, NICKNAME, PHONE, SAME_PHONE, corrected, inbound, present, split
from redis.asyncio import Redis
from telephony_stories import CALLER, MISSED, PBX, RINGING, news

from service.flows.leads import correct_signal as correcting
from service.flows.leads import view_signals as looking
from service.flows.leads.receive_signal import Received
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead
from service.flows.leads.view_signals import view_own_signals, view_signals
from service.flows.senders.follow_call import RINGS_FOR, end_silent_calls
from service.flows.senders.handle_event import handle
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender

CALL: dict[str, Any] = {"channel": Channel.PHONE, "live": True}


async def joined(resources: Resources, **call: Any) -> tuple[Received, Received]:
    """Who wrote turns out to be who is on the line; his call is part of the other lead then."""
    wrote = await inbound(resources, customer=PHONE, text="вопрос")
    called = await inbound(resources, customer=MAIL, **{**CALL, **call})
    await inbound(resources, customer=SAME_PHONE, text="это я")
    assert (await present(resources, called)).joined_into == wrote.lead.id
    return wrote, called


async def test_who_hung_up_is_to_be_called_back(resources: Resources, redis: Redis) -> None:
    wrote, called = await joined(resources)
    lead = await report(resources, called.lead, "hung_up")
    assert (lead.id, lead.signal.live, lead.ranking.stage) == (wrote.lead.id, False, 750)
    await check_invariants(resources, redis)


async def test_who_answered_has_the_whole(resources: Resources, redis: Redis) -> None:
    wrote, called = await joined(resources)
    lead = await report(resources, called.lead, "answered", "boris")
    assert lead.claim is not None
    assert (lead.id, lead.claim.operator) == (wrote.lead.id, "boris")
    await check_invariants(resources, redis)


async def test_what_was_told_of_the_call_before_is_no_news_after(
    resources: Resources, clock: DrivenClock
) -> None:
    called = await inbound(resources, customer=MAIL, **CALL)
    answered = await report(resources, called.lead, "answered", "anna", at=clock.now())
    await park(resources, answered, clock.now() + timedelta(days=1))
    wrote = await inbound(resources, customer=PHONE, text="вопрос")
    await inbound(resources, customer=SAME_PHONE, text="это я")
    again = await report(resources, called.lead, "answered", "anna", at=clock.now())
    assert (again.id, again.state) == (wrote.lead.id, State.WAITING)


async def test_new_facts_are_those_of_the_whole(resources: Resources) -> None:
    wrote, called = await joined(resources)
    sender = Sender(called.lead.signal.source)  # who told of the call only
    facts = LeadUpdate({"budget": Decimal(7)}, from_client=False, sender=sender)
    lead = await update_lead(resources, called.lead.id, facts)
    assert (lead.id, lead.signal.budget) == (wrote.lead.id, Decimal(7))
    stranger = replace(facts, sender=Sender("stranger"))
    with pytest.raises(LeadNotFound):
        await update_lead(resources, called.lead.id, stranger)


async def test_a_correction_is_not_lost_when_its_lead_is_joined_at_the_same_moment(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = await inbound(resources, customer=PHONE, text="вопрос")
    order = await inbound(resources, customer=MAIL, text="колодки", external_id="o-1")
    look = correcting.leads_of_marks

    async def look_and_wait(*sent: Any) -> Any:
        found = await look(*sent)
        await inbound(resources, customer=SAME_PHONE)
        return found

    monkeypatch.setattr(correcting, "leads_of_marks", look_and_wait)
    done = await corrected(resources, customer=MAIL, text="диски", external_id="o-1")
    assert (await present(resources, order)).joined_into == wrote.lead.id == done.lead.id
    assert done.lead.signal.text == "вопрос\nдиски"


async def test_a_call_goes_on_in_the_lead_that_took_it_in(
    resources: Resources, clock: DrivenClock
) -> None:
    wrote = await inbound(resources, customer=MAIL, text="вопрос")
    await handle(resources, PBX, news(RINGING, 0))
    both = {"customer": SAME_PHONE, "source": "shop"}
    whole = (await inbound(resources, text="это я", **both)).lead
    assert await handle(resources, PBX, news(RINGING, 60, call="2")) == whole.id
    assert await handle(resources, PBX, news(MISSED, 90)) == whole.id
    assert (await view_lead(resources, whole.id)).signal.live  # by the other call
    clock.moment = NOON + RINGS_FOR + timedelta(seconds=1)
    await end_silent_calls(resources)
    assert not (await view_lead(resources, whole.id)).signal.live
    assert CALLER.phone == SAME_PHONE.phone
    assert wrote.lead.signal.customer == MAIL


async def test_what_was_split_off_and_joined_again_is_split_off_again(
    resources: Resources, redis: Redis
) -> None:
    wrote = await inbound(resources, customer=NICKNAME, external_id="w", text="вопрос")
    first = await inbound(resources, customer=PHONE, external_id="a", text="раз")
    await inbound(resources, customer=SAME_PHONE, external_id="s", text="чужое")
    before = (await split(resources, first.lead, 1)).other
    await inbound(resources, customer=replace(NICKNAME, email="o@x.ru"), text="и почта моя")
    assert (await view_lead(resources, before.id)).joined_into == wrote.lead.id
    signals = await view_signals(resources, wrote.lead.id)
    reported = [signal.external_id for signal in signals]
    again = (await split(resources, wrote.lead, reported.index("s"))).other
    assert (again.signal.text, again.signal.external_id) == ("чужое", None)
    assert (await view_lead(resources, before.id)).joined_into == again.id
    edited = await corrected(resources, customer=MAIL, external_id="s", text="новое")
    assert (edited.lead.id, edited.lead.signal.text) == (again.id, "новое")
    await check_invariants(resources, redis)


async def test_of_many_signals_of_a_sender_he_is_shown_the_first_and_the_last_ones(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MAX_OWN", 3)
    shop: dict[str, Any] = {"customer": PHONE, "source": "shop"}
    wrote = await inbound(resources, text="1", external_id="first", **shop)
    for text in ("2", "3"):
        await inbound(resources, text=text, **shop)
    assert await view_own_signals(resources, wrote.lead, "shop") is None
    await inbound(resources, customer=PHONE, text="чужое", source="bot")
    reported = await view_own_signals(resources, await present(resources, wrote), "shop")
    assert reported is not None
    assert (reported.text, reported.external_id) == ("1\n2\n3", "first")
    await inbound(resources, text="4", **shop)
    reported = await view_own_signals(resources, await present(resources, wrote), "shop")
    assert reported is not None
    assert (reported.text, reported.external_id) == ("1\n3\n4", "first")

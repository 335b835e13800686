"""Signals, calls and splits at the same moment wait for each other, never each for the other."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from builders import a_signal
from call_stories import in_the_way
from joining_stories import MAIL, PHONE, SAME_PHONE, inbound, present
from telephony_stories import MISSED, PBX, RINGING, news

from service.flows.leads import split_lead as splitting
from service.flows.leads.join_signal import Joined, join_signal
from service.flows.leads.receive_signal import IntakeResult, receive_signal
from service.flows.leads.split_lead import split_lead
from service.flows.leads.view_leads import view_lead
from service.flows.leads.view_signals import view_signals
from service.flows.senders import follow_call as hearing
from service.flows.senders.handle_event import handle
from service.leads.lead import PossiblySame
from service.matching.marks import Mark
from service.resources import Resources
from service.storage.customers.customers import freshen_card
from service.storage.leads.duplicates import Sender
from service.storage.leads.identities import add_marks


async def test_a_lead_is_joined_while_news_of_its_call_is_followed(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = await inbound(resources, customer=PHONE, text="вопрос")
    called = await handle(resources, PBX, news(RINGING, 0, customer=MAIL))
    follow = hearing._follow

    async def follow_later(*sent: Any) -> Any:
        await inbound(resources, customer=SAME_PHONE, text="это я")
        return await follow(*sent)

    monkeypatch.setattr(hearing, "_follow", follow_later)
    await handle(resources, PBX, news(MISSED, 9, customer=MAIL))
    lead = await present(resources, wrote)
    assert called is not None
    assert (await view_lead(resources, called)).joined_into == lead.id
    assert not lead.signal.live


async def test_a_call_is_split_off_while_news_of_it_comes_in(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = await inbound(resources, customer=MAIL, text="вопрос")
    await handle(resources, PBX, news(RINGING, 0, customer=MAIL))
    _, call = await view_signals(resources, wrote.lead.id)
    look, coming = splitting.signals_of, []

    async def look_while_news_comes(*sent: Any) -> Any:
        events_of_payload = handle(resources, PBX, news(MISSED, 9, customer=MAIL))
        coming.append(asyncio.create_task(events_of_payload))
        await in_the_way(resources, coming[0])
        return await look(*sent)

    monkeypatch.setattr(splitting, "signals_of", look_while_news_comes)
    done = await split_lead(resources, wrote.lead.id, {call.id}, "anna", "another client")
    assert await coming[0] == done.other.id
    assert not (await view_lead(resources, done.other.id)).signal.live


@pytest.mark.parametrize("mark", ["id", "key"])
async def test_a_signal_joins_neither_the_lead_that_it_opened_nor_what_took_that_in(
    resources: Resources, mark: str
) -> None:
    named = {"external_id": "1"} if mark == "id" else {}
    sender = Sender("shop") if mark == "id" else Sender("shop", "key-1", b"digest")
    now = resources.clock.now()
    signal = a_signal(received_at=now, customer=MAIL, text="раз", source="shop", **named)
    opened = await receive_signal(resources, signal, sender)
    marks = (Mark("email", "o@x.ru", 3),)
    assert await join_signal(resources, signal, sender, marks) is None
    wrote = await inbound(resources, customer=PHONE, text="вопрос")
    await inbound(resources, customer=SAME_PHONE, text="это я")
    assert await join_signal(resources, signal, sender, marks) is None
    assert (await present(resources, opened)).joined_into == wrote.lead.id
    assert (await present(resources, wrote)).signal.text == "вопрос\nэто я\nраз"


async def test_only_what_is_a_customers_of_another_number_is_contested(
    resources: Resources,
) -> None:
    first = await inbound(resources, customer=replace(SAME_PHONE, external_id="c-1"))
    reported = a_signal(
        received_at=resources.clock.now(), customer=replace(PHONE, external_id="c-2")
    )
    phone = Mark("phone", "+79001234567", 2)
    marks = (Mark("customer", "c-2", 1), Mark("email", "none@x.ru", 3), phone)
    joined = await join_signal(resources, reported, Sender("shop"), marks)
    same = PossiblySame(first.lead.id, (phone.identity,))
    assert joined == Joined(None, frozenset({phone.identity}), (same,))


async def test_a_client_with_a_new_card_comes_while_another_signal_of_his_joins(
    resources: Resources,
) -> None:
    wrote = await inbound(resources, customer=MAIL)
    client = replace(PHONE, external_id="c-9")
    async with resources.stores.database.transaction() as joining:
        await freshen_card(joining, client, resources.clock.now())
        coming = asyncio.create_task(inbound(resources, customer=client))
        await in_the_way(resources, coming)
        await add_marks(
            joining, wrote.lead, [Mark("customer", "c-9", 1), Mark("phone", "+79001234567", 2)]
        )
    received = await coming
    assert (received.way, received.lead.id) == (IntakeResult.JOINED, wrote.lead.id)

"""Jivo: what its chats, forms and calls say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload

from service.adapters.delivery import JSON, Delivery, Reply
from service.adapters.inbound_event import (
    CallPhase,
    CallUpdate,
    ClientMessage,
    ConversationEnded,
    InboundEvent,
)
from service.adapters.messengers.jivo import ADAPTER
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Kind, Signal

SOURCE = a_source("jivo")
JOHN = Customer(None, "John Smith", "+14084987855", "email@example.com", {"jivo": "2198"})
JOHN_CALLS = replace(JOHN, network_phones=("+14084987855",))
ABOUT = {
    "page": "http://example.com/",
    "page_title": "Page title",
    "city": "San Francisco",
    "country": "United States",
    "utm": "source=google|medium=cpc",
    "department": "Sales",
    "description": "Description text",
}


def recorded(name: str, **changed: Any) -> Delivery:
    body = payload(f"jivo/{name}.json")
    return a_delivery(json.dumps({**json.loads(body), **changed}).encode() if changed else body)


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name_and_its_address_is_the_secret():
    assert ADAPTERS["jivo"] is ADAPTER
    assert (ADAPTER.secret_address, ADAPTER.secrets) == (True, {})


@pytest.mark.parametrize("name", ["chat_accepted", "call_outgoing"])
def test_the_answer_is_the_word_that_jivo_waits_for(name: str):
    assert ADAPTER.reply(recorded(name), SOURCE) == Reply(200, b'{"result":"ok"}', JSON)


def test_an_accepted_chat_is_a_lead_that_the_agent_works_on():
    signal = Signal(
        queue="main",
        channel=Channel.SITE_CHAT,
        received_at=NOON,
        source="shop",
        external_id="accepted:7636",
        customer=JOHN,
        attributes=ABOUT,
    )
    assert read(recorded("chat_accepted")) == [ClientMessage(signal, taken_by="2016")]
    assert read(recorded("chat_accepted", chat_id="7636", agent={"id": 2016})) == [
        ClientMessage(signal, taken_by="2016")
    ]


def test_a_chat_without_an_agent_is_worked_on_by_nobody():
    (word,) = read(recorded("chat_accepted", agent=None))
    assert word.taken_by is None


def test_the_end_of_a_chat_adds_what_the_visitor_said_and_says_that_he_left():
    word, left = read(recorded("chat_finished"))
    assert (word.opens, word.signal.external_id) == (False, "finished:7636")
    assert word.signal.text == "Нужны колодки\nCamry, 8 900 123-45-67"
    assert word.signal.customer == Customer(name="Иван", messengers={"jivo": "2198"})
    assert left == ConversationEnded("jivo", "2198", NOON)


def test_the_end_of_a_chat_without_words_only_says_who_left():
    assert read(recorded("chat_finished", chat={"messages": []})) == [
        ConversationEnded("jivo", "2198", NOON)
    ]


def test_what_becomes_known_of_a_client_is_added_and_opens_nothing():
    (word,) = read(recorded("chat_updated"))
    assert (word.opens, word.taken_by) == (False, None)
    assert word.signal.customer.phone == "+79001234567"
    (of_client,) = read(recorded("client_updated"))
    assert of_client.opens is False
    assert of_client.signal.customer == Customer(
        None, "Иван", "+79001234567", None, {"jivo": "1217"}
    )


def test_the_same_news_of_a_client_has_one_id_and_other_news_another():
    first, again = read(recorded("chat_updated")), read(recorded("chat_updated"))
    later = read(recorded("chat_updated", visitor={"number": "2198", "email": "a@b.ru"}))
    assert first[0].signal.external_id == again[0].signal.external_id
    assert first[0].signal.external_id != later[0].signal.external_id


def test_a_message_from_the_form_is_an_offline_request():
    (word,) = read(recorded("offline_message"))
    assert (word.signal.channel, word.signal.kind) == (Channel.LANDING_FORM, Kind.OFFLINE)
    assert word.signal.external_id == "offline:1665399500726"
    assert (word.signal.text, word.signal.customer) == ("Перезвоните утром", JOHN)
    assert (word.opens, word.taken_by) == (True, None)


@pytest.mark.parametrize(
    ("name", "phase", "agent", "live"),
    [
        ("call_start", CallPhase.RINGING, None, True),
        ("call_connected", CallPhase.ANSWERED, "2016", True),
        ("call_ended", CallPhase.TALKED, "2016", False),
        ("callback_ended", CallPhase.TALKED, "2016", False),
        ("call_not_answered", CallPhase.MISSED, None, False),
        ("call_failed", CallPhase.MISSED, None, False),
    ],
)
def test_a_call_comes_in_steps(name: str, phase: CallPhase, agent: str | None, live: bool):
    (call,) = read(recorded(name))
    assert isinstance(call, CallUpdate)
    assert (call.phase, call.extension, call.at) == (phase, agent, NOON)
    assert (call.signal.channel, call.signal.live) == (Channel.PHONE, live)
    assert (call.signal.external_id, call.signal.customer) == ("call:4398", JOHN_CALLS)


def test_the_steps_of_a_call_are_in_order():
    steps = ("call_start", "call_connected", "call_ended")
    orders = [read(recorded(name))[0].order for name in steps]
    assert orders == sorted(set(orders))


def test_a_failed_call_says_why():
    (call,) = read(recorded("call_failed"))
    assert call.signal.attributes == {**ABOUT, "call": "incoming", "reason": "no_answer"}


def test_who_calls_is_known_by_the_number_of_the_call():
    call = {"type": "incoming", "phone": "89001234567", "status": "start"}
    (inbound,) = read(recorded("call_start", call=call))
    assert inbound.signal.customer.phone == "+79001234567"


@pytest.mark.parametrize("kind", ["outgoing", "internal"])
def test_calls_that_agents_make_are_no_leads(kind: object):
    call = {"type": kind, "phone": "+14084987855", "status": "start"}
    assert is_ignored(read(recorded("call_start", call=call)))


@pytest.mark.parametrize("event", ["client_attribute_updated", "created_deal", "fired_task"])
def test_other_events_are_no_leads(event: str):
    assert is_ignored(read(recorded("client_updated", event_name=event)))


def test_a_visitor_without_a_number_is_known_by_his_chat():
    (word,) = read(recorded("chat_accepted", visitor={"name": "Иван"}))
    assert word.signal.customer == Customer(name="Иван", messengers={"jivo": "chat:7636"})


def test_times_are_those_of_receipt():
    delivery = a_delivery(
        payload("jivo/chat_accepted.json"), received_at=datetime(2026, 6, 10, 23, tzinfo=UTC)
    )
    assert read(delivery)[0].signal.received_at == datetime(2026, 6, 10, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("chat_accepted", {"event_name": None}),
        ("chat_accepted", {"event_name": ["chat_accepted"]}),
        ("chat_accepted", {"chat_id": None}),
        ("chat_finished", {"chat_id": None, "visitor": None}),
        ("offline_message", {"offline_message_id": None}),
        ("client_updated", {"visitor": None}),
        ("call_start", {"chat_id": None}),
        ("call_start", {"call": {"type": "incoming"}}),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(name: str, changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(recorded(name, **changed))


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}"])
def test_what_is_no_object_is_said_to_be_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        read(a_delivery(body))

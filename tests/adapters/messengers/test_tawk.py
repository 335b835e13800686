"""tawk.to: whom its signature lets in, and what chats and tickets say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload
from webhooks.proofs import only_its_body_opens, only_its_header_opens, refuse, with_header

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, ConversationEnded, InboundEvent
from service.adapters.messengers.tawk import ADAPTER
from service.adapters.registry import ADAPTERS
from service.adapters.signatures import sign
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

SECRET, HEADER = "tawk-secret", "x-tawk-signature"
SOURCE = a_source("tawk", secrets={"secret": SECRET})
CHAT = "70fe3290-99ad-11e9-a30a-51567162179f"
IVAN = Customer(None, "Иван", None, "ivan@example.ru", {"tawk": CHAT})
PLACE = {"city": "Владивосток", "country": "RU", "property": "Автозапчасти"}


def signed(body: bytes, secret: str = SECRET) -> Delivery:
    headers = {HEADER: sign(body, secret, "sha1", "hex"), "x-hook-event-id": "31be1b7e"}
    return a_delivery(body, headers)


def recorded(name: str, **changed: Any) -> Delivery:
    body = payload(f"tawk/{name}.json")
    return signed(json.dumps({**json.loads(body), **changed}).encode() if changed else body)


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name_and_answers_with_nothing():
    assert ADAPTERS["tawk"] is ADAPTER
    assert ADAPTER.reply(recorded("chat_start"), SOURCE) == Reply(200, b"")
    assert ADAPTER.greet(recorded("chat_start"), SOURCE) is None


def test_the_signature_is_an_hmac_sha1_in_hex():
    vector = a_delivery(
        b"what do ya want for nothing?", {HEADER: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"}
    )  # RFC 2202, case 2
    ADAPTER.verify(vector, a_source("tawk", secrets={"secret": "Jefe"}))


def test_only_the_right_signature_opens():
    only_its_header_opens(ADAPTER, recorded("chat_start"), SOURCE, HEADER)


def test_any_changed_bit_of_the_body_is_refused():
    only_its_body_opens(ADAPTER, recorded("chat_end"), SOURCE)


def test_the_old_and_the_new_secret_are_right_and_no_others():
    body = payload("tawk/chat_end.json")
    both = a_source("tawk", secrets={"secret": ("new", SECRET)})
    ADAPTER.verify(signed(body, "new"), both)
    ADAPTER.verify(signed(body), both)
    refuse(ADAPTER, signed(body, "older"), both)
    refuse(ADAPTER, signed(body, "older"), a_source("tawk"))


def test_a_repetition_is_known_by_the_id_of_the_event():
    delivery = recorded("chat_start")
    assert ADAPTER.once(delivery, SOURCE) == "31be1b7e"
    assert ADAPTER.once(with_header(delivery, "x-hook-event-id"), SOURCE) is None
    assert read(delivery) == read(replace(delivery, received_at=NOON.replace(hour=20)))


def test_a_chat_that_a_visitor_starts_is_a_lead():
    signal = Signal(
        queue="main",
        channel=Channel.SITE_CHAT,
        received_at=datetime(2026, 6, 10, 8, 59, 30, tzinfo=UTC),
        source="shop",
        external_id=f"start:{CHAT}:2026-06-10T08:59:30.000Z",
        customer=IVAN,
        text="Нужны колодки на Camry, 8 900 123-45-67",
        attributes=PLACE,
    )
    assert read(recorded("chat_start")) == [ClientMessage(signal)]


def test_a_visitor_who_comes_back_into_his_chat_is_heard_again():
    again = read(recorded("chat_start", time="2026-06-10T08:59:45.000Z"))
    assert again != read(recorded("chat_start"))
    assert again[0].signal.external_id == f"start:{CHAT}:2026-06-10T08:59:45.000Z"


def test_a_chat_that_an_agent_starts_is_none():
    assert is_ignored(read(recorded("chat_start_by_agent")))


def test_what_is_no_text_is_named_in_brackets():
    (word,) = read(recorded("chat_start_with_file"))
    assert word.signal.text == "[file]"
    assert word.signal.customer == Customer(messengers={"tawk": CHAT})  # a name of tawk.to's


def test_the_end_of_a_chat_says_who_left_and_when():
    assert read(recorded("chat_end")) == [
        ConversationEnded("tawk", CHAT, datetime(2026, 6, 10, 8, 59, 59, tzinfo=UTC))
    ]


def test_a_transcript_adds_what_the_visitor_said_and_opens_nothing():
    (word,) = read(recorded("transcript"))
    assert (word.opens, word.signal.customer) == (False, IVAN)
    assert word.signal.text == "Нужны колодки\n[file] vin.jpg\nмой 89001234567"
    assert word.signal.external_id == f"transcript:{CHAT}:2026-06-10T08:59:50.000Z"


def test_a_transcript_without_a_visitors_word_adds_nothing():
    silent = {"id": CHAT, "messages": [{"sender": {"t": "a"}, "type": "msg", "msg": "Ау?"}]}
    assert is_ignored(read(recorded("transcript", chat=silent)))


def test_a_ticket_is_a_request_from_the_site():
    (word,) = read(recorded("ticket"))
    assert word.signal.channel is Channel.LANDING_FORM
    assert word.signal.external_id == "ticket:5d15cc2f9b5a8a0f0d4a4d9b"
    assert word.signal.text == "Запрос по VIN\nXTAGFK330JY144213, фильтр салона"
    assert word.signal.customer == Customer(name="Пётр", email="petr@example.ru")
    assert word.signal.attributes == {"property": "Автозапчасти", "ticket": "12"}


def test_a_ticket_of_an_agent_is_none():
    assert is_ignored(read(recorded("ticket", requester={"name": "Анна", "type": "agent"})))


def test_what_is_told_besides_is_nothing_to_us():
    assert is_ignored(read(recorded("chat_end", event="chat:rated")))


@pytest.mark.parametrize(
    "changed", [{"event": None}, {"event": {"a": 1}}, {"chatId": None}, {"chatId": "x" * 201}]
)
@pytest.mark.parametrize("name", ["chat_start", "chat_end"])
def test_what_cannot_be_read_is_said_to_be_so(name: str, changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(recorded(name, **changed))


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"event":'])
def test_what_is_no_object_is_said_to_be_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        read(signed(body))

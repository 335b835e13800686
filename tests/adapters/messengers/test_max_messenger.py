"""MAX: whom the secret lets in, and which updates are a client's words."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, is_ignored, payload
from webhooks.proofs import only_its_header_opens, refuse

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent, MessageEdited
from service.adapters.messengers.max_messenger import ADAPTER
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

HEADER, SECRET = "x-max-bot-api-secret", "max-secret"
SOURCE = a_source("max", secrets={"secret": SECRET})
MID = "mid.000000000adf429c019d47d58f2b3d9e"
IVAN = Customer(name="Иван Петров", messengers={"max": "123456789"})
WITH_PHONE = replace(a_caller("+79001234567", "Иван Петров"), messengers=IVAN.messengers)


def sent(body: bytes, secret: str = SECRET) -> Delivery:
    return a_delivery(body, {HEADER: secret})


def recorded(name: str) -> Delivery:
    return sent(payload(f"max/{name}.json"))


def changed(name: str, **message: Any) -> Delivery:
    """A recorded update with other values in its message."""
    update = json.loads(payload(f"max/{name}.json"))
    update["message"] |= message
    return sent(json.dumps(update).encode())


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name_and_answers_with_nothing():
    assert ADAPTERS["max"] is ADAPTER
    assert ADAPTER.reply(recorded("message"), SOURCE) == Reply(200, b"")


def test_only_the_right_secret_opens():
    only_its_header_opens(ADAPTER, recorded("message"), SOURCE, HEADER)


def test_the_old_and_the_new_secret_are_right_and_no_others():
    both = a_source("max", secrets={"secret": ("newer", SECRET)})
    ADAPTER.verify(sent(b"{}", "newer"), both)
    ADAPTER.verify(sent(b"{}"), both)
    refuse(ADAPTER, sent(b"{}", "older"), both)


def test_a_message_in_a_dialog_is_a_lead():
    signal = Signal(
        queue="main",
        channel=Channel.MAX,
        received_at=datetime(2026, 6, 10, 8, 59, 1, 737000, tzinfo=UTC),
        source="shop",
        external_id=MID,
        customer=IVAN,
        text="Есть фильтр? +7 900 123-45-67",
    )
    assert read(recorded("message")) == [ClientMessage(signal)]


def test_a_message_in_a_group_is_none_nor_is_one_of_a_bot_or_a_press_on_a_button():
    assert is_ignored(read(recorded("group")))
    assert is_ignored(read(changed("message", sender={"user_id": 1, "is_bot": True})))
    assert is_ignored(read(recorded("callback")))
    assert is_ignored(read(sent(b'{"update_type":"bot_stopped","user_id":1}')))


def test_an_edited_message_takes_the_place_of_what_it_was():
    (word,) = read(recorded("edited"))
    assert isinstance(word, MessageEdited)
    assert (word.words_only, word.signal.external_id) == (False, MID)
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 59, 59, tzinfo=UTC)
    assert word.signal.text == "Есть фильтр салона?"


def test_the_first_press_on_start_is_a_registration():
    signal = Signal(
        queue="main",
        channel=Channel.REGISTRATION,
        received_at=datetime(2026, 4, 1, 6, 40, 4, 499000, tzinfo=UTC),
        source="shop",
        external_id="started:182182182:1775025604499",
        customer=Customer(name="John Doe", messengers={"max": "123456789"}),
        attributes={"language": "ru"},
    )
    assert read(recorded("started")) == [ClientMessage(signal)]


def test_what_is_no_text_is_named():
    assert read(recorded("photo"))[0].signal.text == "[image]"
    keyboard = {"mid": "m", "text": "Да", "attachments": [{"type": "inline_keyboard"}]}
    assert read(changed("photo", body=keyboard))[0].signal.text == "Да"


def test_a_forwarded_message_says_what_it_says():
    link = {"type": "forward", "message": {"mid": "m0", "text": "Артикул 1234"}}
    (word,) = read(changed("message", body={"mid": "m"}, link=link))
    assert word.signal.text == "[message] Артикул 1234"


def test_a_contact_is_the_clients_own_phone_when_it_is_of_him():
    (word,) = read(recorded("own_contact"))
    assert (word.signal.text, word.signal.customer) == ("[contact]", WITH_PHONE)


def test_the_contact_of_another_proves_nothing():
    (word,) = read(recorded("other_contact"))
    assert word.signal.customer == IVAN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b'{"update_type":["message_created"]}',
        b'{"update_type":"message_created","message":{"recipient":{"chat_type":"dialog"}}}',
        b'{"update_type":"bot_started","user_id":1}',
        b'{"update_type":"bot_started","chat_id":1,"timestamp":1}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes):
    with pytest.raises(Unreadable):
        read(sent(body))


def test_long_numbers_stay_exact():
    delivery = changed("message", body={"mid": 9007199254740993, "text": "Да"})
    assert read(delivery)[0].signal.external_id == "9007199254740993"


def test_a_shared_link_is_what_the_client_sent():
    share = {"type": "share", "payload": {"url": "https://shop.ru/k"}, "title": "Колодки"}
    existing = json.loads(payload("max/message.json"))["message"]["body"]
    for words, text in ((None, "[share] https://shop.ru/k"), ("эти", "[share] эти")):
        body = {**existing, "text": words, "attachments": [share]}
        (word,) = read(changed("message", body=body))
        assert word.signal.text == text

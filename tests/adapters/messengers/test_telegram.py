"""Telegram: whom the secret token lets in, and which updates are a client's words."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, is_ignored, payload
from webhooks.proofs import only_its_header_opens, refuse

from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import ClientMessage, InboundEvent, MessageEdited
from service.adapters.messengers.telegram import ADAPTER
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

HEADER, TOKEN = "x-telegram-bot-api-secret-token", "Az0_9-token"
SOURCE = a_source("telegram", secrets={"secret_token": TOKEN})
IVAN = Customer(name="Иван Петров", messengers={"telegram": "1111111"})
ABOUT = {"username": "ivanp", "language": "ru"}


def sent(body: bytes, token: str = TOKEN) -> Delivery:
    return a_delivery(body, {HEADER: token})


def recorded(name: str, **changed: Any) -> Delivery:
    """A recorded update, with other values in its message."""
    update = json.loads(payload(f"telegram/{name}.json"))
    sort = next(item for item in update if item != "update_id")
    update[sort] |= changed
    return sent(json.dumps(update).encode())


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name():
    assert ADAPTERS["telegram"] is ADAPTER


@pytest.mark.parametrize("name", ["start", "text", "group"])
def test_the_answer_is_always_empty(name: str):
    assert ADAPTER.reply(recorded(name), SOURCE) == Reply(200, b"")


def test_only_the_right_token_opens():
    only_its_header_opens(ADAPTER, recorded("text"), SOURCE, HEADER)


def test_the_old_and_the_new_token_are_right_and_no_others():
    both = a_source("telegram", secrets={"secret_token": ("new", TOKEN)})
    ADAPTER.verify(sent(b"{}", "new"), both)
    ADAPTER.verify(sent(b"{}"), both)
    refuse(ADAPTER, sent(b"{}", "older"), both)
    refuse(ADAPTER, sent(b"{}", ""), a_source("telegram", secrets={"secret_token": ""}))


def test_a_message_is_a_lead_with_the_phone_that_it_says():
    signal = Signal(
        queue="main",
        channel=Channel.TELEGRAM,
        received_at=datetime(2026, 6, 10, 8, 59, 1, tzinfo=UTC),
        source="shop",
        external_id="message:1111111:1365",
        customer=IVAN,
        text="Есть стойки на Прадо? 8 900 123-45-67",
        attributes=ABOUT,
    )
    assert read(recorded("text")) == [ClientMessage(signal)]


def test_the_first_press_on_start_is_a_registration():
    (word,) = read(recorded("start"))
    assert (word.signal.channel, word.signal.text) == (Channel.REGISTRATION, None)
    assert word.signal.customer == Customer(
        name="Test Test Lastname", messengers={"telegram": "1111111"}
    )
    assert word.signal.received_at == datetime(2015, 9, 7, 17, 5, 32, tzinfo=UTC)


def test_where_a_client_started_from_is_kept_and_is_not_his_phone():
    (word,) = read(recorded("start", text="/start 89001234567"))
    assert word.signal.attributes == {"username": "Testusername", "start": "89001234567"}
    assert word.signal.customer.phone is None


def test_other_words_that_begin_like_start_are_words():
    (word,) = read(recorded("start", text="/started?"))
    assert (word.signal.channel, word.signal.text) == (Channel.TELEGRAM, "/started?")


def test_an_edited_message_takes_the_place_of_what_it_was():
    (first,), (edited,) = read(recorded("text")), read(recorded("edited"))
    assert isinstance(first, ClientMessage)
    assert isinstance(edited, MessageEdited)
    assert edited.signal.external_id == first.signal.external_id
    assert edited.signal.received_at == datetime(2026, 6, 10, 8, 59, 59, tzinfo=UTC)
    assert edited.signal.text == "Есть стойки на Прадо 150?"


def test_what_is_no_text_is_named_with_its_caption():
    assert read(recorded("photo"))[0].signal.text == "[photo] Подойдёт?"
    moving = {"animation": {"file_id": "1"}, "document": {"file_id": "1"}}
    assert read(recorded("text", text=None, **moving))[0].signal.text == "[animation]"


@pytest.mark.parametrize("sort", ["voice", "video_note", "location", "story"])
def test_a_message_of_any_sort_is_a_clients_word(sort: str):
    (word,) = read(recorded("text", text=None, **{sort: {"file_id": "1"}}))
    assert word.signal.text == f"[{sort}]"


def test_a_sticker_a_poll_and_a_sort_yet_unknown_open_nothing():
    for sort, reason in (
        ("sticker", IgnoredReason.STICKER),
        ("poll", IgnoredReason.POLL),
        ("hologram", IgnoredReason.UNKNOWN_TYPE),
    ):
        found = read(recorded("text", text=None, **{sort: {"file_id": "1"}}))
        assert found == [Ignored(reason, sort)]


def test_a_contact_is_the_clients_own_phone_when_it_is_of_him():
    (word,) = read(recorded("own_contact"))
    assert word.signal.customer == replace(
        a_caller("+79001234567", "Иван Петров"), messengers={"telegram": "1111111"}
    )


@pytest.mark.parametrize("whose", [2222222, None, True])
def test_the_contact_of_another_is_shown_and_proves_nothing(whose: object):
    contact = {"phone_number": "79007654321", "first_name": "Сосед", "user_id": whose}
    (word,) = read(recorded("other_contact", contact=contact))
    assert word.signal.customer == IVAN
    assert word.signal.attributes == {**ABOUT, "contact": "79007654321"}


def test_messages_to_a_business_account_have_ids_of_their_own():
    (word,) = read(recorded("business"))
    assert word.signal.external_id == "business:1111111:1365"
    assert word.signal.text == "Сколько стоит?"


@pytest.mark.parametrize("name", ["group", "callback"])
def test_what_groups_and_buttons_say_is_no_lead(name: str):
    assert is_ignored(read(recorded(name)))


def test_bots_and_news_of_the_chat_are_no_leads():
    assert is_ignored(read(recorded("text", **{"from": {"id": 1111111, "is_bot": True}})))
    assert is_ignored(read(recorded("text", text=None, pinned_message={"message_id": 1})))
    assert is_ignored(read(sent(b'{"update_id":1,"channel_post":{"text":"a"}}')))
    assert is_ignored(read(sent(b'{"update_id":1}')))


def test_ids_may_be_said_as_texts():
    chat = {"id": "1111111", "type": "private"}
    (word,) = read(recorded("text", message_id="1365", chat=chat, date="1781081941"))
    assert word == read(recorded("text"))[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b'{"update_id":{}}',
        b'{"update_id":1,"message":{"chat":{"type":"private"}}}',
        b'{"update_id":1,"message":{"chat":{"type":"private","id":5},"from":{"id":5}}}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes):
    with pytest.raises(Unreadable):
        read(sent(body))

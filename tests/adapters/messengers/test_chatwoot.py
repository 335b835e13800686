"""Chatwoot: whom signature and time let in, and which messages are a client's words."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload
from webhooks.proofs import only_its_body_opens, only_its_header_opens, refuse, with_header

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.messengers.chatwoot import ADAPTER
from service.adapters.registry import ADAPTERS
from service.adapters.signatures import sign
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

SIGNATURE, TIMESTAMP = "x-chatwoot-signature", "x-chatwoot-timestamp"
SECRET = "chatwoot-secret"
SOURCE = a_source("chatwoot", secrets={"secret": SECRET}, options={"unsigned": "no"})
SAID_AT = datetime(2026, 6, 10, 8, 59, 30, tzinfo=UTC)
IVAN = Customer(None, "Иван", "+79001234567", "ivan@example.ru", {"chatwoot": "14"})


def signed(body: bytes, secret: str = SECRET, at: datetime = NOON) -> Delivery:
    timestamp = str(int(at.timestamp()))
    signature = sign(timestamp.encode() + b"." + body, secret, "sha256", "hex")
    headers = {SIGNATURE: f"sha256={signature}", TIMESTAMP: timestamp}
    return a_delivery(body, {**headers, "x-chatwoot-delivery": "3f1c"})


def recorded(name: str, **changed: Any) -> Delivery:
    body = payload(f"chatwoot/{name}.json")
    return signed(json.dumps({**json.loads(body), **changed}).encode() if changed else body)


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name_and_answers_with_nothing():
    assert ADAPTERS["chatwoot"] is ADAPTER
    assert ADAPTER.reply(recorded("message"), SOURCE) == Reply(200, b"")


def test_only_the_right_signature_and_time_open():
    only_its_header_opens(ADAPTER, recorded("message"), SOURCE, SIGNATURE)
    only_its_header_opens(ADAPTER, recorded("message"), SOURCE, TIMESTAMP)
    only_its_body_opens(ADAPTER, recorded("status_changed"), SOURCE)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_right(seconds: int):
    ADAPTER.verify(signed(b"{}", at=NOON + timedelta(seconds=seconds)), SOURCE)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_what_is_older_or_from_the_future_is_refused(seconds: int):
    refuse(ADAPTER, signed(b"{}", at=NOON + timedelta(seconds=seconds)), SOURCE)


def test_what_is_sent_again_later_is_refused():
    delivery = recorded("message")
    refuse(ADAPTER, replace(delivery, received_at=NOON + timedelta(hours=1)), SOURCE)


def test_the_body_alone_signed_opens_nothing():
    right = signed(b"{}")
    alone = "sha256=" + sign(b"{}", SECRET, "sha256", "hex")
    refuse(ADAPTER, with_header(right, SIGNATURE, alone), SOURCE)


def test_the_old_and_the_new_secret_are_right_and_no_others():
    both = a_source("chatwoot", secrets={"secret": ("new", SECRET)})
    ADAPTER.verify(signed(b"{}", "new"), both)
    ADAPTER.verify(signed(b"{}"), both)
    refuse(ADAPTER, signed(b"{}", "older"), both)


def test_a_source_without_a_secret_believes_nobody_unless_it_is_told_to():
    bare = a_delivery(payload("chatwoot/message.json"))
    for options in ({}, {"unsigned": ""}, {"unsigned": "no"}):
        refuse(ADAPTER, bare, a_source("chatwoot", options=options))
        refuse(ADAPTER, signed(b"{}", ""), a_source("chatwoot", options=options))
    ADAPTER.verify(bare, a_source("chatwoot", options={"unsigned": "yes"}))


def test_a_repetition_is_known_by_the_id_of_the_delivery():
    assert ADAPTER.once(recorded("message"), SOURCE) == "3f1c"
    assert ADAPTER.once(a_delivery(b"{}"), SOURCE) is None


def test_a_message_that_came_in_is_a_lead():
    signal = Signal(
        queue="main",
        channel=Channel.SITE_CHAT,
        received_at=SAID_AT,
        source="shop",
        external_id="message:118",
        customer=IVAN,
        text="Есть фары на Прадо?",
        attributes={
            "conversation": "10",
            "inbox": "Сайт",
            "channel": "Channel::WebWidget",
            "assignee": "Анна",
            "page": "https://shop.example/fary",
        },
    )
    assert read(recorded("message")) == [ClientMessage(signal)]
    assert read(recorded("message", id="118", message_type=0)) == [ClientMessage(signal)]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Channel::Whatsapp", Channel.WHATSAPP),
        ("Channel::Telegram", Channel.TELEGRAM),
        ("Channel::FacebookPage", Channel.FACEBOOK),
        ("Channel::Email", Channel.EMAIL),
        ("Channel::Api", Channel.SITE_CHAT),
        (None, Channel.SITE_CHAT),
        ({"a": 1}, Channel.SITE_CHAT),
    ],
)
def test_the_inbox_says_which_channel_it_was(theirs: object, ours: Channel):
    (word,) = read(recorded("message", conversation={"id": 10, "channel": theirs}))
    assert word.signal.channel is ours


def test_a_letter_begins_with_its_subject():
    (word,) = read(recorded("email"))
    assert word.signal.text == "Запрос\nVIN XTAGFK330JY144213"
    assert (word.signal.external_id, word.signal.received_at) == ("message:119", SAID_AT)


def test_a_picture_is_named_and_its_time_may_be_a_number():
    (word,) = read(recorded("whatsapp_picture"))
    assert word.signal.text == "[image]"
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 59, 1, tzinfo=UTC)


def test_what_the_sender_says_of_himself_goes_before_what_was_known():
    sender = {"id": 14, "name": "Иван П.", "email": "new@example.ru", "phone_number": ""}
    (word,) = read(recorded("message", sender=sender))
    assert word.signal.customer == Customer(
        None, "Иван П.", "+79001234567", "new@example.ru", {"chatwoot": "14"}
    )


def test_a_phone_in_the_words_is_not_the_clients_own():
    sent = "мой 8 900 765-43-21"
    (word,) = read(recorded("message", content=sent, conversation={}))
    assert word.signal.customer == Customer(name="Иван", messengers={"chatwoot": "14"})


@pytest.mark.parametrize("name", ["private", "status_changed"])
def test_what_agents_note_and_what_becomes_of_conversations_is_no_lead(name: str):
    assert is_ignored(read(recorded(name)))


@pytest.mark.parametrize(
    "event", ["conversation_updated", "contact_created", "webwidget_triggered"]
)
def test_other_events_are_no_leads(event: str):
    assert is_ignored(read(recorded("message", event=event)))


@pytest.mark.parametrize("changed", [{"event": None}, {"id": None}, {"id": [1]}])
def test_what_cannot_be_read_is_said_to_be_so(changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(recorded("message", **changed))


def test_a_message_of_nobody_cannot_be_read():
    with pytest.raises(Unreadable):
        read(recorded("message", sender=None, conversation={"id": 10}))


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}"])
def test_what_is_no_object_is_said_to_be_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        read(signed(body))

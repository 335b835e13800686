"""Viber: whom its signature lets in, what it is answered, and which events are a client's words."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from webhooks.deliveries import a_delivery, a_source, flipped, is_ignored, payload
from webhooks.proofs import only_its_body_opens, only_its_header_opens, refuse

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.messengers.viber import ADAPTER
from service.adapters.registry import ADAPTERS
from service.adapters.signatures import sign
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

HEADER, TOKEN = "x-viber-content-signature", "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
SOURCE = a_source("viber", secrets={"auth_token": TOKEN})
IVAN = Customer(name="Иван", messengers={"viber": "01234567890A="})
ABOUT = {"country": "RU", "language": "ru"}


def signed(body: bytes, token: str = TOKEN) -> Delivery:
    return a_delivery(body, {HEADER: sign(body, token, "sha256", "hex")})


def recorded(name: str, **changed: Any) -> Delivery:
    body = payload(f"viber/{name}.json")
    return signed(json.dumps({**json.loads(body), **changed}).encode() if changed else body)


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def test_it_is_known_by_its_name_and_answers_with_nothing():
    assert ADAPTERS["viber"] is ADAPTER
    assert ADAPTER.reply(recorded("message"), SOURCE) == Reply(200, b"")


def test_the_vector_of_their_own_tests_is_right_and_is_answered():
    signature = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"
    vector = a_delivery(payload("viber/webhook.json"), {HEADER: signature})
    ADAPTER.verify(vector, SOURCE)
    assert ADAPTER.greet(vector, SOURCE) == Reply(200, b"")


def test_a_set_up_that_is_not_signed_is_refused():
    body = payload("viber/webhook.json")
    for delivery in (a_delivery(body), signed(body, "other"), a_delivery(body, {HEADER: "ё"})):
        with pytest.raises(NotAuthentic):
            ADAPTER.greet(delivery, SOURCE)


def test_only_the_event_itself_is_a_set_up():
    for delivery in (
        recorded("message"),
        recorded("message", message={"type": "text", "text": "webhook"}),
        signed(b'"webhook'),
        signed(b'["webhook"]'),
    ):
        assert ADAPTER.greet(delivery, SOURCE) is None


def test_only_the_right_signature_opens():
    only_its_header_opens(ADAPTER, recorded("message"), SOURCE, HEADER)
    only_its_body_opens(ADAPTER, recorded("delivered"), SOURCE)


def test_the_signature_of_a_changed_set_up_is_wrong():
    body = payload("viber/webhook.json")
    right = signed(body).header(HEADER)
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(a_delivery(flipped(body, -2), {HEADER: right or ""}), SOURCE)


def test_the_old_and_the_new_token_are_right_and_no_others():
    both = a_source("viber", secrets={"auth_token": ("new", TOKEN)})
    ADAPTER.verify(signed(b"{}", "new"), both)
    ADAPTER.verify(signed(b"{}"), both)
    refuse(ADAPTER, signed(b"{}", "older"), both)


def test_a_message_is_a_lead_and_its_token_stays_exact():
    signal = Signal(
        queue="main",
        channel=Channel.VIBER,
        received_at=datetime(2016, 3, 12, 6, 29, 57, 627000, tzinfo=UTC),
        source="shop",
        external_id="message:4912661846655238145",
        customer=IVAN,
        text="Есть свечи? 8-900-123-45-67",
        attributes=ABOUT,
    )
    assert read(recorded("message")) == [ClientMessage(signal)]
    assert read(recorded("message", message_token="4912661846655238145")) == [ClientMessage(signal)]


def test_what_is_no_text_is_named():
    (word,) = read(recorded("picture"))
    assert word.signal.text == "[picture] вот такая part.jpg"


def test_a_contact_that_is_sent_is_how_to_reach_the_client():
    (word,) = read(recorded("contact"))
    client = replace(IVAN, phone="+79001234567")
    assert (word.signal.text, word.signal.customer) == ("[contact]", client)
    assert word.signal.attributes == {**ABOUT, "contact": "Иван"}


def test_the_first_opening_of_the_conversation_is_a_registration():
    (word,) = read(recorded("started"))
    assert word.signal.channel is Channel.REGISTRATION
    assert word.signal.external_id == "started:4912661846655238148"
    assert word.signal.customer == Customer(name="Иван", messengers={"viber": "01234567890A="})
    assert word.signal.attributes == {**ABOUT, "start": "banner"}


@pytest.mark.parametrize("event", ["delivered", "seen", "failed", "subscribed", "unsubscribed"])
def test_what_became_of_our_own_messages_is_no_lead(event: str):
    assert is_ignored(read(recorded("delivered", event=event)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b'{"event":1.5e999}',
        b'{"event":"message","message_token":1}',
        b'{"event":"message","sender":{"id":"a"}}',
        b'{"event":"message","message_token":49126618466552381451234,"sender":{"id":"a"}}',
        b'{"event":"conversation_started","message_token":1,"user":[]}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes):
    with pytest.raises(Unreadable):
        read(signed(body))


def message_of(**message: Any) -> Signal:
    (word,) = read(recorded("message", message=message))
    assert isinstance(word, ClientMessage)
    return word.signal


@pytest.mark.parametrize("called", ["Мастер Пётр", "Иван Мастеров"])
def test_the_contact_of_another_person_is_shown_and_proves_nothing(called: str):
    contact = {"name": called, "phone_number": "79007654321"}
    signal = message_of(type="contact", contact=contact)
    assert signal.customer == IVAN
    assert signal.attributes == {**ABOUT, "contact": called, "contact_phone": "79007654321"}


@pytest.mark.parametrize("called", [{"name": " иван "}, {"name": None}, {}])
def test_a_contact_by_the_clients_name_or_without_one_is_their_own(called: dict[str, Any]):
    signal = message_of(type="contact", contact={**called, "phone_number": "79007654321"})
    assert signal.customer == replace(IVAN, phone="+79007654321")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"media": "https://shop.ru/k"}, "[url] https://shop.ru/k"),
        ({"media": "https://shop.ru/k", "text": "эти"}, "[url] эти"),
        ({}, "[url]"),
    ],
)
def test_a_link_is_what_the_client_sent(message: dict[str, str], text: str):
    assert message_of(type="url", **message).text == text


def test_a_place_is_kept():
    signal = message_of(type="location", location={"lat": 55.7, "lon": 37.6})
    assert signal.attributes == {**ABOUT, "latitude": "55.7", "longitude": "37.6"}

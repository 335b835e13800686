"""Meta: whom its signature and its handshake let in, and what each platform's messages say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, is_ignored, payload
from webhooks.proofs import only_its_body_opens, only_its_header_opens, refuse

from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import ClientMessage
from service.adapters.messengers.meta import ADAPTER
from service.adapters.registry import ADAPTERS
from service.adapters.signatures import sign
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Signal

HEADER, SECRET = "x-hub-signature-256", "app-secret"
SOURCE = a_source("meta", secrets={"app_secret": SECRET, "verify_token": ("newer", "our-word")})
SHEENA = replace(a_caller("+16505551234", "Sheena Nelson"), messengers={"whatsapp": "16505551234"})
NUMBER = {"number": "15550783881"}
CLIENT = {"messenger": "6543210"}


def signed(body: bytes, secret: str = SECRET) -> Delivery:
    return a_delivery(body, {HEADER: "sha256=" + sign(body, secret, "sha256", "hex")})


def recorded(name: str) -> Delivery:
    return signed(payload(f"meta/{name}.json"))


def asked(**query: str) -> Delivery:
    hub = {f"hub.{name}": sent for name, sent in query.items()}
    return a_delivery(method="GET", query=urlencode(hub))


def whatsapp(**message: object) -> Delivery:
    """The recorded text message with other values."""
    body = json.loads(payload("meta/whatsapp_text.json"))
    body["entry"][0]["changes"][0]["value"]["messages"][0] |= message
    return signed(json.dumps(body).encode())


def read(delivery: Delivery) -> list[ClientMessage]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))  # type: ignore[arg-type]


def test_it_is_known_by_its_name_and_answers_with_nothing():
    assert ADAPTERS["meta"] is ADAPTER
    assert ADAPTER.methods == {"GET", "POST"}
    assert ADAPTER.reply(recorded("whatsapp_text"), SOURCE) == Reply(200, b"")
    assert ADAPTER.greet(recorded("whatsapp_text"), SOURCE) is None


def test_the_vector_of_the_same_construction_is_right():
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    source = a_source("meta", secrets={"app_secret": "It's a Secret to Everybody"})
    ADAPTER.verify(a_delivery(b"Hello, World!", {HEADER: signature}), source)


def test_only_the_right_signature_opens():
    only_its_header_opens(ADAPTER, recorded("whatsapp_status"), SOURCE, HEADER)
    only_its_body_opens(ADAPTER, recorded("whatsapp_status"), SOURCE)


def test_the_older_signature_opens_nothing():
    body = payload("meta/whatsapp_text.json")
    older = {"x-hub-signature": "sha1=" + sign(body, SECRET, "sha1", "hex")}
    refuse(ADAPTER, a_delivery(body, older), SOURCE)


def test_the_escapes_of_the_wire_are_signed_and_not_what_they_mean():
    delivery = recorded("whatsapp_many")
    assert b"\\u041f" in delivery.body
    meant = json.dumps(json.loads(delivery.body), ensure_ascii=False).encode()
    refuse(ADAPTER, replace(delivery, body=meant), SOURCE)


def test_the_old_and_the_new_secret_are_right_and_no_others():
    both = a_source("meta", secrets={"app_secret": ("new", SECRET)})
    ADAPTER.verify(signed(b"{}", "new"), both)
    ADAPTER.verify(signed(b"{}"), both)
    refuse(ADAPTER, signed(b"{}", "older"), both)
    refuse(ADAPTER, signed(b"{}", "our-word"), SOURCE)


@pytest.mark.parametrize("token", ["our-word", "newer"])
def test_a_handshake_with_the_right_word_is_answered_with_its_challenge(token: str):
    delivery = asked(mode="subscribe", challenge="1158201444", verify_token=token)
    assert ADAPTER.greet(delivery, SOURCE) == Reply(200, b"1158201444")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"mode": "subscribe", "challenge": "1"},
        {"mode": "subscribe", "challenge": "1", "verify_token": ""},
        {"mode": "subscribe", "challenge": "1", "verify_token": "older"},
        {"mode": "subscribe", "challenge": "1", "verify_token": SECRET},
        {"mode": "unsubscribe", "challenge": "1", "verify_token": "our-word"},
        {"challenge": "1", "verify_token": "our-word"},
        {"mode": "subscribe", "challenge": "a\nb", "verify_token": "our-word"},
        {"mode": "subscribe", "challenge": "ё", "verify_token": "our-word"},
        {"mode": "subscribe", "challenge": "1" * 201, "verify_token": "our-word"},
    ],
)
def test_any_other_handshake_is_refused(query: dict[str, str]):
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(asked(**query), SOURCE)


def test_a_query_without_end_is_refused_and_so_is_a_get_without_one():
    for query in ("a=1&" * 30, "%ff=%ff", ""):
        delivery = a_delivery(method="GET", query=query)
        with pytest.raises(NotAuthentic):
            ADAPTER.greet(delivery, SOURCE)
        refuse(ADAPTER, delivery, SOURCE)


def test_a_whatsapp_message_is_a_lead_whose_sender_is_a_phone():
    signal = Signal(
        queue="main",
        channel=Channel.WHATSAPP,
        received_at=datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC),
        source="shop",
        external_id="wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzA",
        customer=SHEENA,
        text="Does it come in another color?",
        attributes=NUMBER,
    )
    assert read(recorded("whatsapp_text")) == [ClientMessage(signal)]


def test_every_message_of_every_entry_is_a_word_of_its_own():
    found = read(recorded("whatsapp_many"))
    words = [event.signal for event in found if isinstance(event, ClientMessage)]
    assert Ignored(IgnoredReason.UNKNOWN_TYPE, "unsupported") in found
    assert [word.text for word in words] == [
        "[image] Подойдёт такая?",
        "Колодки передние",
        "Перезвоните",
        "[location] СТО Светланская, 1",
        "[audio]",
        "[contacts] Пётр",
        "[document] vin.pdf",
        "[order] Сегодня",
    ]
    assert len({word.external_id for word in words}) == len(words)
    assert {word.customer.phone for word in words if word.customer} == {"+16505551234"}
    assert words[3].attributes == {**NUMBER, "latitude": "43.1", "longitude": "131.9"}
    assert words[5].attributes == {**NUMBER, "contact": "+7 900 765-43-21"}
    assert words[-1].items == (Item("F-1", Decimal(2), Decimal("4500.00"), "RUB"),)


def test_an_answer_to_a_button_says_what_the_button_says():
    reply = {"type": "button_reply", "button_reply": {"id": "yes", "title": "Да"}}
    (word,) = read(whatsapp(type="interactive", interactive=reply))
    assert word.signal.text == "Да"


def test_the_advertisement_that_a_client_came_from_is_kept():
    (word,) = read(recorded("whatsapp_ad"))
    assert word.signal.attributes == {
        **NUMBER,
        "ad": "1201",
        "ad_title": "Запчасти за день",
        "ad_address": "https://fb.me/1",
    }


def test_a_client_who_hides_his_number_is_known_by_his_id():
    (word,) = read(recorded("whatsapp_hidden_number"))
    client = {"whatsapp": "RU.13491208655302741918"}
    assert word.signal.customer == Customer(name="Иван", messengers=client)


def test_statuses_groups_and_other_fields_are_no_leads():
    assert is_ignored(read(recorded("whatsapp_status")))
    assert is_ignored(read(whatsapp(group_id="g1")))
    echoes = payload("meta/whatsapp_text.json").replace(b'"messages",', b'"message_echoes",')
    assert is_ignored(read(signed(echoes)))
    assert is_ignored(
        read(signed(b'{"object":"instagram","entry":[{"messaging":[{"message":{}}]}]}'))
    )


def test_a_messenger_message_is_a_lead_with_the_phone_that_it_says():
    signal = Signal(
        queue="main",
        channel=Channel.FACEBOOK,
        received_at=datetime(2025, 6, 8, 20, 59, 43, 123000, tzinfo=UTC),
        source="shop",
        external_id="mid.$cAAJdkrCd2OR",
        customer=Customer(messengers=CLIENT),
        text="Нужен бампер, 8 900 123 45 67",
    )
    assert read(recorded("messenger_text")) == [ClientMessage(signal)]


def test_of_a_conversation_only_the_clients_words_and_presses_are_leads():
    found = read(recorded("messenger_many"))
    words = [event.signal for event in found if isinstance(event, ClientMessage)]
    assert {event.reason for event in found if isinstance(event, Ignored)} >= {
        IgnoredReason.OUR_SIDE,
        IgnoredReason.STATUS,
    }
    assert [(word.external_id, word.text) for word in words] == [
        ("m_1", "[image]"),
        ("m_3", None),  # a press on Start
        ("postback:6543210:1749416383123", "Каталог"),
    ]
    assert words[1].attributes == {"ref": "summer"}
    assert all(word.customer == Customer(messengers=CLIENT) for word in words)


def test_a_form_of_an_advertisement_says_where_to_look():
    (word,) = read(recorded("leadgen"))
    assert (word.signal.channel, word.signal.external_id) == (Channel.LANDING_FORM, "leadgen:444")
    assert word.signal.attributes == {
        "leadgen_id": "444",
        "form_id": "555",
        "page_id": "1065",
        "ad_id": "666",
    }


def test_the_time_may_be_a_number():
    assert read(whatsapp(timestamp=1749416383)) == read(recorded("whatsapp_text"))


@pytest.mark.parametrize("field", ["id", "from"])
@pytest.mark.parametrize("value", [None, {}, "x" * 201])
def test_a_message_without_id_or_sender_cannot_be_read(field: str, value: object):
    with pytest.raises(Unreadable):
        read(whatsapp(**{field: value}))


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b'{"object":["page"]}'])
def test_what_cannot_be_read_is_said_to_be_so(body: bytes):
    with pytest.raises(Unreadable):
        read(signed(body))

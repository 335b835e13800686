"""Mailgun by its contract."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, is_ignored, payload
from webhooks.signing import hex_mac

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage
from service.adapters.mail.mailgun import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

KEY = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"
TOKEN = "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgowmn6"
OFFICIAL_TIME = "1403645220"
OFFICIAL_SIGNATURE = "9cfc5c41582e51246e73c88d34db3af0a3a2692a76fbab81492842f000256d33"
SIGNED_AT = datetime.fromtimestamp(int(OFFICIAL_TIME), UTC)
SOURCE = a_source("mailgun", secrets={"signing_key": KEY})
MULTIPART = "multipart/form-data; boundary=boundary7f3a91c2"
FORM = "application/x-www-form-urlencoded"


def sent(body: bytes, media_type: str = FORM, received_at: datetime = NOON) -> Delivery:
    return a_delivery(body, {"Content-Type": media_type}, received_at=received_at)


def official(received_at: datetime = SIGNED_AT, **changed: str) -> Delivery:
    fields = {"timestamp": OFFICIAL_TIME, "token": TOKEN, "signature": OFFICIAL_SIGNATURE}
    return sent(urlencode({**fields, **changed}).encode(), received_at=received_at)


def signature(timestamp: str, token: str, key: str = KEY) -> str:
    return hex_mac(key, f"{timestamp}{token}".encode())


def inbound(**fields: str) -> Signal:
    filled = {"from": "Пётр <petr@example.ru>", "stripped-text": "Нужны стойки", **fields}
    (word,) = ADAPTER.read(sent(urlencode(filled).encode()), SOURCE)
    assert isinstance(word, ClientMessage)
    return word.signal


def test_the_official_vector_is_authentic():
    ADAPTER.verify(official(), SOURCE)


@pytest.mark.parametrize("name", ["mail.multipart", "mail.txt"])
def test_a_recorded_mail_is_authentic_in_both_forms(name):
    media_type = MULTIPART if name.endswith("multipart") else FORM
    ADAPTER.verify(sent(payload(f"mailgun/{name}"), media_type), SOURCE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": flipped(OFFICIAL_SIGNATURE.encode(), 5).decode()},
        {"signature": ""},
        {"signature": OFFICIAL_SIGNATURE.upper()},
        {"token": TOKEN[:-1] + "7"},
        {"token": ""},
        {"timestamp": "1403645221"},
        {"timestamp": "1403645220.0"},
        {"timestamp": "hello"},
        {"timestamp": "١٤٠٣"},
    ],
)
def test_a_changed_time_token_or_signature_is_not_authentic(wrong):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(**wrong), SOURCE)


def test_a_field_that_came_twice_is_not_authentic():
    twice = official().body + b"&token=" + TOKEN.encode()
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(twice, received_at=SIGNED_AT), SOURCE)


@pytest.mark.parametrize("media_type", [FORM, "multipart/form-data", "text/plain", MULTIPART])
def test_what_is_no_form_is_not_authentic(media_type):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(b"\xff\x00{", media_type), SOURCE)


def test_the_old_key_and_the_new_one_are_both_right_while_both_are_kept():
    ADAPTER.verify(official(), a_source("mailgun", secrets={"signing_key": ("new", KEY)}))
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(), a_source("mailgun", secrets={"signing_key": "new"}))


def test_a_key_that_is_empty_signs_nothing():
    by_none = official(signature=signature(OFFICIAL_TIME, TOKEN, key=""))
    for key in ("", ("", KEY)):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(by_none, a_source("mailgun", secrets={"signing_key": key}))


def test_a_repetition_is_taken_within_twelve_hours_and_no_later():
    window = timedelta(hours=12)
    for moment in (SIGNED_AT + window, SIGNED_AT - window):
        ADAPTER.verify(official(moment), SOURCE)
    for moment in (SIGNED_AT + window, SIGNED_AT - window):
        beyond = moment + (moment - SIGNED_AT) / 43200
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(official(beyond), SOURCE)


def test_the_window_is_the_sources_where_it_has_one():
    narrow = a_source("mailgun", secrets={"signing_key": KEY}, options={"window_seconds": "300"})
    ADAPTER.verify(official(SIGNED_AT + timedelta(minutes=5)), narrow)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(SIGNED_AT + timedelta(minutes=5, seconds=1)), narrow)


def test_the_token_names_a_delivery_as_the_mail_itself_is_not_signed():
    assert ADAPTER.once(official(), SOURCE) == TOKEN
    forged = official(**{"stripped-text": "another mail"})
    assert ADAPTER.once(forged, SOURCE) == TOKEN
    assert ADAPTER.once(sent(b"\xff"), SOURCE) is None


def test_a_mail_is_a_request_of_who_wrote_it():
    assert ADAPTER.read(sent(payload("mailgun/mail.multipart"), MULTIPART), SOURCE) == [
        ClientMessage(
            Signal(
                queue="main",
                channel=Channel.EMAIL,
                received_at=datetime(2026, 6, 10, 8, 58, tzinfo=UTC),
                source="shop",
                external_id="mail:CA+x7f@mail.example.ru",
                customer=Customer(name="Пётр Семёнов", email="petr@example.ru"),
                text=(
                    "Запчасти по VIN\nДобрый день! Нужны стойки на XTAGFK330JY144213.\n"
                    "-- \nПётр, 8 900 123-45-67"
                ),
                attributes={
                    "subject": "Запчасти по VIN",
                    "to": "zakaz@mg.shop.example",
                    "attachments": "1",
                },
            )
        )
    ]


def test_the_same_mail_in_the_other_form_has_the_same_id():
    (one,) = ADAPTER.read(sent(payload("mailgun/mail.txt")), SOURCE)
    (other,) = ADAPTER.read(sent(payload("mailgun/mail.multipart"), MULTIPART), SOURCE)
    assert isinstance(one, ClientMessage)
    assert isinstance(other, ClientMessage)
    assert one.signal.external_id == other.signal.external_id


def test_an_automatic_answer_is_no_lead():
    assert is_ignored(ADAPTER.read(sent(payload("mailgun/auto_reply.txt")), SOURCE))


def test_without_stripped_text_the_quotation_is_left_out_here():
    body = "Беру.\n\nOn Tue, Jun 9, 2026 at 3:02 PM Shop <info@shop.example>\nwrote:\n> 84951234567"
    signal = inbound(**{"stripped-text": "", "body-plain": body})
    assert signal.text == "Беру."
    assert signal.customer == Customer(name="Пётр", email="petr@example.ru")


@pytest.mark.parametrize(
    "body",
    [b"", b"subject=A", b"from=", b"from=a@b.ru&body-mime=MIME", b"from=a@b.ru&message-headers={"],
)
def test_what_has_no_sender_or_is_raw_is_unreadable(body):
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body), SOURCE)


@pytest.mark.parametrize("headers", ["{}", "1", "[1, [], [1, 2, 3], null]", "[[1, 2]]"])
def test_headers_of_another_shape_are_as_if_there_were_none(headers):
    assert inbound(**{"message-headers": headers}).text == "Нужны стойки"


def test_a_mail_of_the_greatest_size_is_taken():
    assert ADAPTER.max_bytes == 12 * 1024 * 1024


def test_a_missing_count_of_attachments_is_none():
    for count in ("", "many", "٣", "-1"):
        attributes = inbound(**{"attachment-count": count}).attributes
        assert attributes is None or "attachments" not in json.dumps(attributes)

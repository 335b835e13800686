"""SendGrid's Inbound Parse by its contract."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, is_ignored, payload

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage
from service.adapters.mail.sendgrid import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

OFFICIAL_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
    "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
OFFICIAL_SIGNATURE = (
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtE"
    "ZtM="
)
OFFICIAL_TIME = "1600112502"
OFFICIAL_BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]'
    b"\r\n"
)
SIGNED_AT = datetime.fromtimestamp(int(OFFICIAL_TIME), UTC)
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
SOURCE = a_source("sendgrid", secrets={"public_key": OFFICIAL_KEY})
MULTIPART = {"Content-Type": "multipart/form-data; boundary=boundary7f3a91c2"}
DAY = timedelta(days=1)


def official(
    body: bytes = OFFICIAL_BODY,
    signature: str = OFFICIAL_SIGNATURE,
    timestamp: str = OFFICIAL_TIME,
    received_at: datetime = SIGNED_AT,
) -> Delivery:
    headers = {SIGNATURE: signature, TIMESTAMP: timestamp}
    return a_delivery(body, headers, received_at=received_at)


def in_base64(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


def read(body: bytes) -> list[object]:
    return list(ADAPTER.read(a_delivery(body, MULTIPART), SOURCE))


def inbound(body: bytes) -> Signal:
    (word,) = read(body)
    assert isinstance(word, ClientMessage)
    return word.signal


def changed(old: bytes, new: bytes) -> bytes:
    body = payload("sendgrid/mail.multipart")
    assert old in body
    return body.replace(old, new)


def test_the_official_vector_is_authentic():
    ADAPTER.verify(official(), SOURCE)


def test_one_bit_of_the_body_the_time_or_the_signature_changed_is_not_authentic():
    wrong = [official(body=flipped(OFFICIAL_BODY, place)) for place in (0, 99, -1)]
    wrong += [
        official(signature=flipped(OFFICIAL_SIGNATURE.encode(), place).decode())
        for place in (3, 40, 80)
    ]
    for delivery in (*wrong, official(timestamp="1600112503"), official(body=OFFICIAL_BODY[:-2])):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(delivery, SOURCE)


@pytest.mark.parametrize(
    "signature", ["", "v1", "MEUC", "é", "*" * 96, OFFICIAL_SIGNATURE + "*", "\x00"]
)
def test_a_signature_that_is_none_is_not_authentic(signature):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(signature=signature), SOURCE)


@pytest.mark.parametrize("timestamp", ["", "hello", "1600112502.0", "1_600_112_502", "é"])
def test_a_time_that_is_none_is_not_authentic(timestamp):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(timestamp=timestamp), SOURCE)


def test_without_either_header_or_with_it_twice_it_is_not_authentic():
    both = official().headers
    for headers in (both[:1], both[1:], (*both, both[0]), (*both, both[1])):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(Delivery("POST", OFFICIAL_BODY, SIGNED_AT, headers), SOURCE)


def test_a_repetition_is_taken_within_three_days_and_no_later():
    ADAPTER.verify(official(received_at=SIGNED_AT + 3 * DAY), SOURCE)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(received_at=SIGNED_AT + 3 * DAY + timedelta(seconds=1)), SOURCE)


def test_the_old_key_and_the_new_one_are_both_right_while_both_are_kept():
    new = ec.generate_private_key(ec.SECP256R1())
    rotated = a_source("sendgrid", secrets={"public_key": (in_base64(new), OFFICIAL_KEY)})
    ADAPTER.verify(official(), rotated)
    message = OFFICIAL_TIME.encode() + OFFICIAL_BODY
    by_new = base64.b64encode(new.sign(message, ec.ECDSA(SHA256()))).decode()
    ADAPTER.verify(official(signature=by_new), rotated)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(official(signature=by_new), SOURCE)


def test_a_source_without_a_key_refuses_all():
    for secrets in ({}, {"public_key": "nonsense"}, {"public_key": ""}):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(official(), a_source("sendgrid", secrets=secrets))


def test_unsigned_mail_is_taken_only_where_the_source_says_so():
    ADAPTER.verify(a_delivery(b""), a_source("sendgrid", options={"unsigned": "yes"}))
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(b""), a_source("sendgrid", options={"unsigned": "no"}))


def test_a_key_that_is_none_is_told_before_it_is_kept():
    other_curve = in_base64(ec.generate_private_key(ec.SECP384R1()))
    other_kind = in_base64(ed25519.Ed25519PrivateKey.generate())
    for wrong in ("", "nonsense", "é", OFFICIAL_KEY[:-4], other_curve, other_kind):
        (mistake,) = ADAPTER.check_secrets({"public_key": wrong})
        assert mistake.field == "public_key"
    assert not ADAPTER.check_secrets({"public_key": OFFICIAL_KEY})
    assert not ADAPTER.check_secrets({})


def test_a_mail_is_a_request_of_who_wrote_it_in_the_charset_it_came_in():
    assert read(payload("sendgrid/mail.multipart")) == [
        ClientMessage(
            Signal(
                queue="main",
                channel=Channel.EMAIL,
                received_at=datetime(2026, 6, 10, 8, 58, tzinfo=UTC),
                source="shop",
                external_id="mail:CAJ7+4Dzi@mail.example.ru",
                customer=Customer(name="Анна", email="anna@example.ru"),
                text=(
                    "Нужен бампер на Solaris\n"
                    "Здравствуйте! Сколько стоит бампер на Solaris 2015?\n"
                    "Мой номер 8 901 555-00-11"
                ),
                attributes={
                    "subject": "Нужен бампер на Solaris",
                    "to": "zakaz@parse.shop.example",
                    "attachments": "1",
                },
            )
        )
    ]


def test_a_mail_of_html_alone_is_read_as_its_words_without_the_quotation():
    signal = inbound(payload("sendgrid/mail_html.multipart"))
    assert signal.text == "Нужен бампер на Solaris\nЕсть ли «фара»?\nЖду, 89015550011"
    assert signal.customer is not None
    assert signal.customer.phone is None  # it only stands in the words


@pytest.mark.parametrize("charset", [b"zlib_codec", b"punycode", b"rot13", b"nonsense", b"UTF-99"])
def test_a_charset_that_mail_does_not_have_is_read_as_utf8(charset):
    assert inbound(changed(b'windows-1251"', charset + b'"')).channel is Channel.EMAIL


def test_what_a_machine_sent_is_no_lead():
    assert is_ignored(
        read(changed(b"MIME-Version: 1.0\n", b"X-Autoreply: yes\nMIME-Version: 1.0\n"))
    )


def test_a_folded_header_is_read_whole():
    assert (
        inbound(payload("sendgrid/mail.multipart")).external_id == "mail:CAJ7+4Dzi@mail.example.ru"
    )


def test_without_a_from_the_envelope_says_who_sent_it():
    signal = inbound(changed(b'name="from"', b'name="form"'))
    assert signal.customer is not None
    assert signal.customer.email == "anna@example.ru"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--boundary7f3a91c2--\r\n",
        changed(b'name="from"', b'name="a"').replace(b'name="envelope"', b'name="b"'),
        changed(b'name="headers"', b'name="email"'),
        changed(b'{"to":["zakaz', b'{"to"["zakaz'),
    ],
)
def test_what_has_no_sender_or_is_raw_is_unreadable(body):
    with pytest.raises(Unreadable):
        read(body)


def test_what_is_no_multipart_form_is_unreadable():
    for headers in ({}, {"Content-Type": "multipart/form-data"}, {"Content-Type": "text/plain"}):
        with pytest.raises(Unreadable):
            ADAPTER.read(a_delivery(b"from=a@b.ru", headers, received_at=NOON), SOURCE)

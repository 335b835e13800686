"""Postmark by its contract."""

import base64
import json
from datetime import UTC, datetime

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import ClientMessage
from service.adapters.mail.postmark import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

PASSWORD = "shop:pa:ss-w0rd"
SOURCE = a_source("postmark", secrets={"password": PASSWORD})


def basic(sent: str = PASSWORD, scheme: str = "Basic") -> dict[str, str]:
    return {"Authorization": f"{scheme} {base64.b64encode(sent.encode()).decode()}"}


def mail(**fields: object) -> bytes:
    return json.dumps({**json.loads(payload("postmark/mail.json")), **fields}).encode()


def inbound(**fields: object) -> Signal:
    (word,) = ADAPTER.read(a_delivery(mail(**fields)), SOURCE)
    assert isinstance(word, ClientMessage)
    return word.signal


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_who_knows_the_password_is_authentic(scheme):
    ADAPTER.verify(a_delivery(mail(), basic(scheme=scheme)), SOURCE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("shop:wrong"),
        basic("shop"),
        basic(":"),
        basic(scheme="Bearer"),
        {"Authorization": f"Basic {PASSWORD}"},
        {"Authorization": "Basic"},
        {"Authorization": "é"},
    ],
)
def test_who_does_not_is_not_authentic(headers):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(mail(), headers), SOURCE)


def test_a_password_that_came_twice_is_not_authentic():
    twice = (("authorization", basic()["Authorization"]),) * 2
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(Delivery("POST", mail(), NOON, twice), SOURCE)


def test_the_old_password_and_the_new_one_are_both_right_while_both_are_kept():
    rotated = a_source("postmark", secrets={"password": ("shop:new", PASSWORD)})
    for sent in ("shop:new", PASSWORD):
        ADAPTER.verify(a_delivery(mail(), basic(sent)), rotated)


@pytest.mark.parametrize("wrong", ["", "password", ":", "shop:", ":password"])
def test_a_password_without_a_name_is_told_before_it_is_kept(wrong):
    (mistake,) = ADAPTER.check_secrets({"password": wrong})
    assert mistake.field == "password"
    assert not ADAPTER.check_secrets({"password": PASSWORD})


def test_a_mail_is_a_request_of_who_wrote_it_and_not_of_whom_he_quotes():
    assert ADAPTER.read(a_delivery(payload("postmark/mail.json")), SOURCE) == [
        ClientMessage(
            Signal(
                queue="main",
                channel=Channel.EMAIL,
                received_at=datetime(2026, 6, 10, 8, 57, tzinfo=UTC),
                source="shop",
                external_id="mail:22c74902-a0c1-4511-804f-341342852c90",
                customer=Customer(name="Иван Фролов", email="ivan@example.ru"),
                text="Re: Ваш заказ\nДа, беру. Звоните на 8 900 123-45-67",
                attributes={
                    "subject": "Re: Ваш заказ",
                    "to": "zakaz@shop.example",
                    "attachments": "1",
                },
            )
        )
    ]


def test_without_a_stripped_reply_quoted_lines_are_left_out_here():
    assert inbound(StrippedTextReply="").text == inbound().text


def test_a_name_with_signs_of_an_address_does_not_change_the_address():
    client = inbound(
        FromFull={"Email": "ivan@example.ru", "Name": 'A" <boss@shop.example>'}
    ).customer
    assert client is not None
    assert client.email == "ivan@example.ru"


@pytest.mark.parametrize(
    "header",
    [
        {"Name": "Auto-Submitted", "Value": "auto-generated"},
        {"Name": "X-Autorespond", "Value": "All"},
    ],
)
def test_what_a_machine_sent_is_no_lead(header):
    assert is_ignored(ADAPTER.read(a_delivery(mail(Headers=[header])), SOURCE))


def test_the_mailer_of_a_form_is_nobody_and_the_reply_goes_to_the_client():
    form = {"Email": "noreply@shop.example", "Name": "Форма сайта"}
    assert inbound(FromFull=form, ReplyTo="Анна <anna@example.ru>").customer == Customer(
        name="Анна", email="anna@example.ru"
    )
    assert inbound(FromFull=form).customer is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"{", b'{"From":""}', b'{"From":{"a":1},"FromFull":[]}', b"\xff"],
)
def test_what_has_no_sender_is_unreadable(body):
    with pytest.raises(Unreadable):
        ADAPTER.read(a_delivery(body), SOURCE)


@pytest.mark.parametrize("sort", ["Bounce", "Delivery", "Open", "SpamComplaint"])
def test_what_became_of_a_mail_of_ours_is_no_lead(sort):
    body = json.dumps({"RecordType": sort, "Email": "ivan@example.com"}).encode()
    assert is_ignored(ADAPTER.read(a_delivery(body), SOURCE), IgnoredReason.STATUS)

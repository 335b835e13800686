"""Mails that come into an inbox of Chatwoot are read as mails."""

import json
from typing import Any

import pytest
from webhooks.deliveries import a_delivery, a_source, is_ignored

from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer

SHOP = {"id": 9, "name": "Магазин", "email": "order@parts.example", "type": "contact"}
FORM = "Имя: Пётр\nТелефон: 8 914 700-12-13\nНужен бампер"


def events_of(content: str, sender: dict[str, Any] = SHOP, **mail: Any) -> list[InboundEvent]:
    message = {
        "event": "message_created",
        "id": 31,
        "message_type": "incoming",
        "content": content,
        "content_attributes": {"email": {"subject": "Заявка", **mail}},
        "sender": sender,
        "conversation": {"id": 7, "channel": "Channel::Email"},
    }
    body = json.dumps(message).encode()
    return list(ADAPTERS["chatwoot"].read(a_delivery(body), a_source("chatwoot")))


def client_of(content: str, sender: dict[str, Any] = SHOP, **mail: Any) -> Customer | None:
    (event,) = events_of(content, sender, **mail)
    assert isinstance(event, ClientMessage), event
    return event.signal.customer


def test_of_a_form_s_mail_the_client_is_who_is_to_be_answered_and_not_the_shop_s_contact() -> None:
    told = {"from": ["order@parts.example"], "to": ["zakaz@parts.example"]}
    client = client_of(FORM, reply_to=["petr@example.org"], **told)
    assert client == Customer(name="Пётр", phone="+79147001213", email="petr@example.org")


def test_where_the_contact_is_the_client_it_stays_their_mark() -> None:
    told = {"from": ["order@parts.example"], "to": ["zakaz@parts.example"]}
    contact = {"id": 12, "name": "Пётр", "email": "petr@example.org"}
    client = client_of(FORM, contact, reply_to="petr@example.org", **told)
    assert client is not None
    assert client.messengers == {"chatwoot": "12"}


@pytest.mark.parametrize(
    ("sender", "subject", "reason"),
    [
        ("mailer-daemon@mx.example", "Undelivered Mail", IgnoredReason.BOUNCE),
        ("petr@example.org", "Прочтено: Ваш заказ", IgnoredReason.RECEIPT),
        ("petr@example.org", "Автоматический ответ: заказ", IgnoredReason.ABSENCE_NOTE),
    ],
)
def test_programs_mails_are_ignored_as_by_a_mail_service(
    sender: str, subject: str, reason: IgnoredReason
) -> None:
    contact = {"id": 5, "name": "Пётр", "email": sender}
    assert is_ignored(events_of("…", contact, **{"from": [sender]}, subject=subject), reason)


def test_a_ticket_of_tawk_is_read_without_what_it_quotes() -> None:
    quoted = "Беру\n\n11.06.2026 09:30, Магазин пишет:\n> Звоните 8 495 123-45-67"
    ticket = {"id": "t1", "humanId": 4, "subject": "Re: бампер", "message": quoted}
    asked = {"type": "visitor", "name": "Пётр", "email": "petr@example.org"}
    body = {"event": "ticket:create", "time": "2026-06-10T08:00:00Z", "ticket": ticket}
    delivery = a_delivery(json.dumps({**body, "requester": asked}).encode())
    (event,) = ADAPTERS["tawk"].read(delivery, a_source("tawk"))
    assert isinstance(event, ClientMessage)
    assert event.signal.text == "Re: бампер\nБеру"

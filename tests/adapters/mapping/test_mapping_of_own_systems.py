"""The shipped mappings of the shop's own systems: 1C, and a bare form of its site."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, is_ignored, payload
from webhooks.mapping_builders import form_post, inbound, json_post, shipped
from webhooks.proofs import only_its_header_opens, refuse

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.mapping.adapter import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Item, Signal


def june(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def signal(channel: Channel, external_id: str, **more: Any) -> Signal:
    at = more.pop("at", NOON)
    return Signal("main", channel, at, source="shop", external_id=external_id, **more)


SHOP_1C = shipped("1c", secrets={"secret": ("shop:новый", "shop:old")})


def from_1c(name: str, login: str = "shop:новый") -> Delivery:
    sent = base64.b64encode(login.encode()).decode()
    return json_post(payload(f"mapping_1c/{name}.json"), {"authorization": f"Basic {sent}"})


def test_1c_proves_itself_by_a_password() -> None:
    delivery = from_1c("order_created")
    only_its_header_opens(ADAPTER, delivery, SHOP_1C, "authorization")
    ADAPTER.verify(from_1c("order_created", "shop:old"), SHOP_1C)
    refuse(ADAPTER, from_1c("order_created", "shop:older"), SHOP_1C)
    assert ADAPTER.once(delivery, SHOP_1C) == "0b1c2d3e-0001"


def test_an_order_of_1c_is_read_whole_and_corrected() -> None:
    oil = Item("Масло 5W-30 4 л", Decimal(2), Decimal("2150.50"))
    (order,) = inbound(SHOP_1C, from_1c("order_created"))
    assert order == ClientMessage(
        signal(
            Channel.SITE_ORDER,
            "order:00УТ-001234",
            at=june(10, 8, 58),
            customer=Customer("000000123", "Петров Иван", "+79001234567", "ivan@example.com"),
            text="Самовывоз",
            items=(oil, Item("Фильтр масляный", Decimal(1), Decimal(450))),
            budget=Decimal(4751),
            attributes={"number": "УТ-1234", "office": "Тула"},
        )
    )
    (changed,) = inbound(SHOP_1C, from_1c("order_changed"))
    assert isinstance(changed, ClientMessage)
    assert (changed.corrects, changed.signal.paid, changed.signal.items) == (True, True, (oil,))
    assert changed.signal.external_id == "order:00УТ-001234"


def test_requests_visits_and_calls_of_1c_are_what_they_are() -> None:
    (request,) = inbound(SHOP_1C, from_1c("request"))
    assert request == ClientMessage(
        signal(
            Channel.VIN_REQUEST,
            "request:77",
            at=june(10, 8, 59),
            customer=Customer(name="Ольга"),
            text="Стойки, перезвоните 89001234568",
            vin="XTAGFK330JY144213",
            needed_by=june(11, 21, 0),
        )
    )
    (visit,) = inbound(SHOP_1C, from_1c("visit"))
    assert isinstance(visit, ClientMessage)
    assert (visit.signal.channel, visit.signal.live) == (Channel.WALK_IN, True)
    with pytest.raises(Unreadable):
        ADAPTER.read(from_1c("unknown"), SHOP_1C)


def form(name: str) -> list[InboundEvent]:
    return inbound(shipped("html_form"), form_post(payload(f"mapping_html_form/{name}.form")))


def test_a_form_of_the_site_is_a_request_by_whom_it_says() -> None:
    (question,) = form("question")
    assert isinstance(question, ClientMessage)
    anna = Customer(None, "Анна", "+79001234567", "anna@example.com")
    assert question.signal == signal(
        Channel.LANDING_FORM,
        question.signal.external_id or "",
        customer=anna,
        text="Нужны дворники на Solaris",
        attributes={"page": "/wipers"},
    )
    (vin,) = form("vin")
    assert isinstance(vin, ClientMessage)
    assert (vin.signal.channel, vin.signal.vin) == (Channel.VIN_REQUEST, "XTAGFK330JY144213")
    assert vin.signal.customer == Customer(name="Анна")


def test_robots_and_empty_forms_are_answered_like_people_and_heard_not() -> None:
    assert is_ignored(form("robot"), IgnoredReason.ROBOT)
    assert is_ignored(form("empty"), IgnoredReason.MAPPING)
    answers = {
        ADAPTER.reply(
            form_post(payload(f"mapping_html_form/{name}.form")), shipped("html_form")
        ).body
        for name in ("question", "robot", "empty")
    }
    assert answers == {
        "<!doctype html><meta charset=utf-8><p>Спасибо! Мы скоро вам ответим.".encode()
    }


def test_a_form_with_a_file_is_read_without_it() -> None:
    sort = "multipart/form-data; boundary=----WebKitFormBoundaryAbC123"
    body = payload("mapping_html_form/with_file.multipart")
    (word,) = inbound(shipped("html_form"), a_delivery(body, {"content-type": sort}))
    assert isinstance(word, ClientMessage)
    assert word.signal.customer == Customer(name="Анна", phone="+79001234567")
    assert word.signal.text == "Фото во вложении"

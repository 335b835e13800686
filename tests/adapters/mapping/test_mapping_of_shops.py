"""The shipped mappings of CRMs and shop platforms: amoCRM and InSales."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from webhooks.deliveries import NOON, is_ignored, payload
from webhooks.mapping_builders import form_post, inbound, json_post, shipped

from service.adapters.ignored import Ignored, IgnoredReason, PutAside
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


def amocrm(name: str) -> list[InboundEvent]:
    return inbound(shipped("amocrm"), form_post(payload(f"mapping_amocrm/{name}.form")))


def test_a_deal_of_amocrm_has_its_phone_where_the_shop_keeps_one() -> None:
    (deal,) = amocrm("deal_added")
    assert deal == ClientMessage(
        signal(
            Channel.LANDING_FORM,
            "lead:35267821",
            at=june(10, 8, 55),
            customer=Customer(phone="+79001234567"),
            text="Заявка: стойки на Camry V50",
            budget=Decimal(18500),
            attributes={
                "deal": "35267821",
                "pipeline": "5396578",
                "status": "142",
                "responsible": "6299323",
                "account": "autoparts",
            },
        )
    )
    (thin,) = amocrm("deal_thin")
    assert isinstance(thin, ClientMessage)
    assert (thin.signal.customer, thin.signal.budget) == (None, None)
    assert thin.signal.text == "Сделка #35267822"


def test_what_managers_change_in_amocrm_is_no_lead() -> None:
    assert is_ignored(amocrm("status_changed"))


def test_a_contact_of_amocrm_is_heard_when_he_can_be_called() -> None:
    (contact,) = amocrm("contact_added")
    assert contact == ClientMessage(
        signal(
            Channel.REGISTRATION,
            "contact:48910001",
            at=june(10, 8, 55),
            customer=Customer(None, "Пётр Сидоров", "+79001234567", "petr@example.com"),
            attributes={
                "contact": "48910001",
                "company": "ООО Колесо",
                "responsible": "6299323",
                "account": "autoparts",
            },
        )
    )


def test_a_request_in_unsorted_is_the_same_lead_as_its_deal() -> None:
    (request,) = amocrm("unsorted_form")
    assert request == ClientMessage(
        signal(
            Channel.LANDING_FORM,
            "lead:35267830",
            at=june(10, 8, 55),
            customer=Customer(None, "Анна", "+79001234568"),
            text="Нужны колодки на Solaris",
            attributes={
                "deal": "35267830",
                "form": "Подбор",
                "site": "autoparts.example",
                "account": "autoparts",
            },
        )
    )
    (chat,) = amocrm("unsorted_chat_and_call")
    assert isinstance(chat, ClientMessage)
    assert (chat.signal.channel, chat.signal.external_id) == (Channel.SITE_CHAT, "lead:aa1c")
    assert chat.signal.customer == Customer(name="Олег", messengers={"amocrm": "a1b2c3"})
    assert chat.signal.text == "Есть фильтр на Rio?"


def test_a_message_to_amocrm_is_the_clients_and_not_the_answer() -> None:
    message, answer = amocrm("message_added")
    assert is_ignored([answer], IgnoredReason.OUR_SIDE)
    assert isinstance(message, ClientMessage)
    assert message.signal.channel is Channel.TELEGRAM
    assert message.signal.external_id == "message:0e1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
    assert message.signal.customer == Customer(name="Олег", messengers={"amocrm": "a1b2c3"})
    assert message.signal.text == "Здравствуйте! Когда привезут?"


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"leads=1",
            b"leads[add]=x",
            b"leads[add][0]=1",
            b"leads[add][0][id]=",
            b"leads[]=1",
        ),
        *(b"leads=1&leads[add][0][id]=5", b"leads[add][0][id]=5&leads[add][0]=1", b"leads[add][0"),
        *(b"[leads][add]=1", b"a" * 3000 + b"=1", b"leads" + b"[a]" * 50 + b"=1", b"\xff[a]=1"),
        *(b"&".join(b"leads[add][%d][id]=1" % number for number in range(600)), b"%00[add]=1"),
    ],
)
def test_crooked_names_of_forms_fail_in_no_other_way_than_unread(body: bytes) -> None:
    try:
        found = ADAPTER.read(form_post(body), shipped("amocrm"))
    except Unreadable:
        found = []
    assert all(isinstance(item, ClientMessage | Ignored | PutAside) for item in found)


def insales(name: str, topic: str | None) -> list[InboundEvent]:
    query = "" if topic is None else f"topic={topic}"
    return inbound(
        shipped("insales"), json_post(payload(f"mapping_insales/{name}.json"), query=query)
    )


ORDER = signal(
    Channel.SITE_ORDER,
    "order:9876543",
    at=june(10, 8, 58),
    customer=Customer(
        None, "Иван Петров", "+79001234567", "ivan@example.com", {"insales": "555001"}
    ),
    text="Позвоните после шести",
    items=(
        Item("Колодки тормозные передние KD-2040", Decimal(2), Decimal(1500)),
        Item("Диск тормозной", Decimal(1), Decimal(2000)),
    ),
    budget=Decimal(5400),
    attributes={
        "number": "1204",
        "status": "new",
        "delivery": "Курьер",
        "payment": "Наличными",
        "city": "Тула",
        "referer": "https://ya.ru/",
    },
)


@pytest.mark.parametrize("topic", ["orders/create", "orders%2Fcreate", None])
def test_an_order_of_insales_is_read_whole(topic: str | None) -> None:
    assert insales("order_created", topic) == [ClientMessage(ORDER, corrects=True)]


def test_an_order_of_insales_corrects_itself_until_somebody_is_at_it() -> None:
    (changed,) = insales("order_updated", "orders/update")
    assert isinstance(changed, ClientMessage)
    assert (changed.corrects, changed.signal.paid) == (True, True)
    assert changed.signal.external_id == ORDER.external_id
    assert changed.signal.received_at > ORDER.received_at
    assert (changed.signal.items, changed.signal.budget) == (ORDER.items[:1], Decimal(3400))
    assert is_ignored(insales("order_accepted", "orders/update"))


def test_a_client_of_insales_registered_and_is_otherwise_no_lead() -> None:
    (client,) = insales("client_created", "client/create")
    assert client == ClientMessage(
        signal(
            Channel.REGISTRATION,
            "client:555002",
            at=june(10, 8, 50),
            customer=Customer(
                None, "Мария Кузнецова", "+79001234569", "maria@example.com", {"insales": "555002"}
            ),
            attributes={"type": "Client::Individual", "subscribed": "false"},
        )
    )
    assert is_ignored(insales("client_created", "client/update"))
    with pytest.raises(Unreadable):
        insales("client_created", None)


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ({"name": "Телефон"}, Customer(phone="+79161234567")),
        ({"name": "Phone", "code": ""}, Customer(phone="+79161234567")),
        ({"name": "Пробег"}, None),
    ],
)
def test_a_field_of_a_deal_is_known_by_its_name(
    called: dict[str, str], found: Customer | None
) -> None:
    field = "leads[add][0][custom_fields][0]"
    form = {"leads[add][0][id]": "77", "leads[add][0][name]": "Стойки"}
    form |= {f"{field}[{name}]": value for name, value in called.items()}
    form |= {f"{field}[values][0][value]": "8 916 123 45 67"}
    (deal,) = inbound(shipped("amocrm"), form_post(form))
    assert isinstance(deal, ClientMessage)
    assert deal.signal.customer == found

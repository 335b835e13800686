"""Tilda by its contract."""

from decimal import Decimal
from urllib.parse import quote, urlencode

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, payload

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage
from service.adapters.shops.tilda import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Signal

KEY = "k3y-of-the-form"
SOURCE = a_source("tilda")
LOCKED = a_source("tilda", secrets={"api_key": KEY}, options={"api_key_name": "Token"})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def sent(body: bytes, **headers: str) -> Delivery:
    return a_delivery(body, {**FORM, **headers})


def filled(**fields: str) -> bytes:
    return urlencode(fields).encode()


def inbound(body: bytes, source=SOURCE) -> Signal:
    (word,) = ADAPTER.read(sent(body), source)
    assert isinstance(word, ClientMessage)
    assert (word.opens, word.corrects) == (True, False)
    return word.signal


def test_without_a_key_the_secret_address_is_the_proof():
    assert ADAPTER.secret_address
    ADAPTER.verify(sent(payload("tilda/vin_form.txt")), SOURCE)


def test_the_key_is_taken_from_a_header_or_from_a_field_of_the_chosen_name():
    ADAPTER.verify(sent(b"Name=A", Token=KEY), LOCKED)
    ADAPTER.verify(sent(filled(Name="A", Token=KEY)), LOCKED)


@pytest.mark.parametrize(
    "body",
    [
        b"Name=A",
        b"Token=",
        filled(Token="x"),
        filled(token=KEY),
        filled(api_key=KEY),
        filled(Token=KEY) + b"&" + filled(Token=KEY),
        flipped(filled(Token=KEY), -1),
        b"Token=%ff",
        b"\xff",
    ],
)
def test_a_missing_wrong_or_doubled_key_is_not_authentic(body):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(body), LOCKED)


def test_a_key_in_two_headers_or_a_wrong_one_is_not_authentic():
    for headers in ((("token", KEY), ("token", KEY)), (("token", KEY + "x"),)):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(Delivery("POST", b"Name=A", NOON, headers), LOCKED)


def test_the_old_key_and_the_new_one_are_both_right_while_both_are_kept():
    rotated = a_source("tilda", secrets={"api_key": ("newer", KEY)})
    for key in ("newer", KEY):
        ADAPTER.verify(sent(filled(api_key=key)), rotated)


def test_the_test_of_the_connection_is_answered():
    assert ADAPTER.greet(sent(b"test=test"), SOURCE) == Reply(200, b"ok")
    assert ADAPTER.greet(sent(b"test=test&Token=" + KEY.encode()), LOCKED) == Reply(200, b"ok")


@pytest.mark.parametrize("body", [b"test=test&Name=A", b"test=1", b"", b"\xfftest=test"])
def test_what_is_more_than_a_test_is_a_delivery(body):
    assert ADAPTER.greet(sent(body), SOURCE) is None


def test_a_form_with_a_vin_is_a_vin_request_of_a_known_client():
    assert inbound(payload("tilda/vin_form.txt")) == Signal(
        queue="main",
        channel=Channel.VIN_REQUEST,
        received_at=NOON,
        source="shop",
        external_id="form:1111111:6161583731",
        customer=Customer(name="Сергей", phone="+74232022511", email="sergey@example.ru"),
        text="Нужны передние стойки\nТелефон: 8 (423) 202-25-11, доб. 100\nГод_выпуска: 2018",
        vin="xtagfk330jy144213",
        attributes={"utm_source": "yandex", "form": "form47251", "form_name": "Подбор по VIN"},
    )


def test_a_phone_in_the_words_is_only_mentioned_and_a_broken_field_stays_in_the_text():
    signal = inbound(payload("tilda/contact_form.txt"))
    assert signal.channel is Channel.LANDING_FORM
    assert signal.customer == Customer(name="Ольга")
    assert signal.text == (
        "Перезвоните на 8 900 123-45-67, пожалуйста\nName_2: Петрова\nEmail: нет почты"
    )


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("Phone", "phone"),
        ("TEL", "phone"),
        ("Ваш телефон", "phone"),
        ("phone_2", "phone"),
        ("e-mail", "email"),
        ("Почта", "email"),
        ("ФИО", "name"),
        ("your-name", "name"),
    ],
)
def test_fields_are_known_by_their_names_in_both_languages(label, found):
    value = {"phone": "89001234567", "email": "a@b.ru", "name": "Анна"}[found]
    client = inbound(filled(**{label: value})).customer
    assert client is not None
    assert getattr(client, found) == {"phone": "+79001234567"}.get(found, value)


@pytest.mark.parametrize("label", ["VIN", "вин", "VIN-код", "Vin_number", "VIN или номер кузова"])
def test_a_field_for_a_vin_makes_a_vin_request(label):
    signal = inbound(filled(**{label: "NZE121-1234567"}))
    assert (signal.channel, signal.vin) == (Channel.VIN_REQUEST, "NZE121-1234567")


def test_what_is_too_short_for_a_vin_stays_in_the_text():
    signal = inbound(filled(vin="нет"))
    assert (signal.channel, signal.vin, signal.text) == (Channel.LANDING_FORM, None, "vin: нет")


def test_a_paid_cart_is_a_self_order_with_its_articles():
    signal = inbound(payload("tilda/cart_json.txt"))
    assert signal.channel is Channel.SITE_ORDER
    assert signal.items == (
        Item("Колодки тормозные передняя", Decimal(2), Decimal("2500.00")),
        Item("Омыватель", Decimal(1), Decimal("300.00")),
    )
    assert (signal.budget, signal.paid) == (Decimal("5300.00"), True)
    assert signal.text is None
    assert signal.attributes == {
        "form": "form123",
        "form_name": "Cart",
        "order": "1173042542",
        "payment": "robokassa",
        "delivery": "СДЭК",
        "delivery_city": "Таганрог",
        "delivery_address": "RU: Point: Ростовская, Таганрог",
        "promocode": "ЛЕТО",
    }


def test_articles_that_are_texts_are_read_and_a_cart_that_is_not_paid_is_not():
    signal = inbound(payload("tilda/cart_texts.txt"))
    assert signal.items == (
        Item("Фильтр масляный", Decimal(1), Decimal("1000.00")),
        Item("Свеча зажигания (NGK, 4 шт)", Decimal(2), Decimal("480.00")),
        Item("Наклейка", Decimal(1), None),
    )
    assert (signal.budget, signal.paid) == (Decimal("1960.00"), False)


def test_a_cart_of_nested_fields_is_read_like_one_of_json():
    signal = inbound(payload("tilda/cart_nested.txt"))
    assert signal.channel is Channel.SITE_ORDER
    assert signal.items == (
        Item("Фара левая", Decimal(1), Decimal("4500.00")),
        Item("Лампа H7", Decimal(2), Decimal("2600.00")),
    )
    assert (signal.budget, signal.paid, signal.text) == (Decimal("9700.00"), False, "коммент")


def test_a_field_that_is_only_called_payment_is_no_order():
    signal = inbound(filled(Name="Анна", payment="наличными"))
    assert (signal.channel, signal.text) == (Channel.LANDING_FORM, "payment: наличными")


def test_without_a_tranid_the_same_form_is_known_by_its_bytes():
    body = payload("tilda/cart_nested.txt")
    first, again, other = inbound(body), inbound(body), inbound(body + b"0")
    assert first.external_id == again.external_id != other.external_id
    assert first.external_id is not None
    assert first.external_id.startswith("digest:")


def test_the_key_is_no_part_of_the_clients_words():
    signal = inbound(filled(Name="Анна", Token=KEY), LOCKED)
    assert KEY not in repr(signal)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Name=",
        b"COOKIES=a&tranid=1",
        b"payment={1",
        b"payment[a]=1&" + b"payment" + quote("[b]" * 40).encode() + b"=1",
        b"a=1&" * 1001,
    ],
)
def test_a_form_that_says_nothing_or_too_much_is_unreadable(body):
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body), SOURCE)


def test_a_name_that_is_a_value_and_an_object_at_once_does_no_harm():
    assert inbound(b"Name=A&payment[a]=1&payment[a][b]=2").channel is Channel.SITE_ORDER

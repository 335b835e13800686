"""WooCommerce by its contract."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, is_ignored, payload
from webhooks.signing import base64_mac

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage
from service.adapters.shops.woocommerce import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Signal

SECRET = "wZr7k2Qm9Lp4"
SOURCE = a_source("woocommerce", secrets={"secret": SECRET})


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64_mac(secret, body)


def sent(body: bytes, topic: str = "order.created", answer: str | None = None) -> Delivery:
    headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": answer or signature(body)}
    return a_delivery(body, {"Content-Type": "application/json", **headers})


def changed(name: str, **fields: object) -> bytes:
    return json.dumps({**json.loads(payload(f"woocommerce/{name}.json")), **fields}).encode()


def inbound(body: bytes, topic: str = "order.created", source=SOURCE) -> ClientMessage:
    (word,) = ADAPTER.read(sent(body, topic), source)
    assert isinstance(word, ClientMessage)
    return word


def test_what_the_shop_signed_is_authentic():
    ADAPTER.verify(sent(payload("woocommerce/order_created.json")), SOURCE)


@pytest.mark.parametrize("place", [0, 100, 1500, -1])
def test_a_body_with_one_bit_changed_is_not_authentic(place):
    body = payload("woocommerce/order_created.json")
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(flipped(body, place), answer=signature(body)), SOURCE)


@pytest.mark.parametrize("place", [0, 20, 42])
def test_a_signature_with_one_bit_changed_is_not_authentic(place):
    body = payload("woocommerce/order_created.json")
    wrong = flipped(signature(body).encode(), place).decode()
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(body, answer=wrong), SOURCE)


def test_without_a_signature_or_with_two_it_is_not_authentic():
    body = b"{}"
    twice = (("x-wc-webhook-signature", signature(body)),) * 2
    for headers in ((), twice):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(Delivery("POST", body, NOON, headers), SOURCE)


def test_the_old_secret_and_the_new_one_are_both_right_while_both_are_kept():
    rotated = a_source("woocommerce", secrets={"secret": ("new", SECRET)})
    for secret in ("new", SECRET):
        ADAPTER.verify(sent(b"{}", answer=signature(b"{}", secret)), rotated)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(b"{}", answer=signature(b"{}", "older")), rotated)


def test_a_secret_with_an_entity_signs_as_it_is_decoded():
    source = a_source("woocommerce", secrets={"secret": "salt&amp;pepper"})
    ADAPTER.verify(sent(b"{}", answer=signature(b"{}", "salt&pepper")), source)


def test_the_unsigned_ping_of_a_new_webhook_is_answered_with_exactly_200():
    ping = a_delivery(b"webhook_id=17", {"Content-Type": "application/x-www-form-urlencoded"})
    assert ADAPTER.greet(ping, SOURCE) == Reply(200, b"")


@pytest.mark.parametrize("body", [b"webhook_id=", b"webhook_id=1&a=1", b"webhook_id=x", b""])
def test_nothing_else_is_answered_without_a_signature(body):
    assert ADAPTER.greet(a_delivery(body), SOURCE) is None


def test_a_ping_that_is_signed_is_a_delivery():
    assert ADAPTER.greet(sent(b"webhook_id=17"), SOURCE) is None


def test_a_new_order_is_a_self_order_with_its_articles():
    assert ADAPTER.read(sent(payload("woocommerce/order_created.json")), SOURCE) == [
        ClientMessage(
            Signal(
                queue="main",
                channel=Channel.SITE_ORDER,
                received_at=datetime(2026, 6, 10, 8, 55, tzinfo=UTC),
                source="shop",
                external_id="order:727",
                customer=Customer(
                    name="Пётр Семёнов",
                    phone="+79001234567",
                    email="petr@example.ru",
                    messengers={"woocommerce": "26"},
                ),
                text="Машина на подъёмнике, нужно сегодня. Позвоните!",
                items=(
                    Item("Колодки тормозные передние", Decimal(2), Decimal("2500.00")),
                    Item("Диск тормозной", Decimal(2), Decimal("3750.00")),
                ),
                budget=Decimal("12850.00"),
                currency="RUB",
                vin="XTAGFK330JY144213",
                paid=True,
                attributes={
                    "order": "727",
                    "status": "processing",
                    "currency": "RUB",
                    "payment": "Банковская карта",
                    "company": "ИП Семёнов",
                    "city": "Уфа",
                    "utm_source": "yandex",
                },
            )
        )
    ]


def test_cash_on_delivery_is_in_process_before_it_is_paid():
    word = inbound(payload("woocommerce/order_created_cash.json"))
    assert not word.signal.paid
    assert inbound(changed("order_created_cash", payment_method="bacs")).signal.paid


def test_a_guest_has_no_account():
    word = inbound(payload("woocommerce/order_created_cash.json"))
    assert word.signal.customer is not None
    assert word.signal.customer.messengers is None


def test_a_customers_number_is_the_shops_only_where_the_source_says_so():
    own = a_source("woocommerce", options={"customer_ids": "shop"})
    client = inbound(payload("woocommerce/order_created.json"), source=own).signal.customer
    assert client is not None
    assert (client.external_id, client.messengers) == ("26", None)


def test_a_change_corrects_the_order_at_the_time_of_the_change():
    word = inbound(payload("woocommerce/order_created.json"), "order.updated")
    assert (word.corrects, word.opens, word.signal.external_id) == (True, True, "order:727")
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 56, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", ["cancelled", "refunded", "completed", "trash"])
def test_an_order_that_is_over_opens_no_lead(status):
    word = inbound(changed("order_updated_cancelled", status=status), "order.updated")
    assert (word.corrects, word.opens) == (True, False)


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed", "processing"])
def test_an_order_whose_payment_waits_or_failed_is_a_lead(status):
    assert inbound(changed("order_created", status=status)).opens


@pytest.mark.parametrize(
    "fields",
    [{"status": "checkout-draft"}, {"created_via": "admin"}, {"created_via": "subscription"}],
)
def test_drafts_and_orders_that_no_client_made_are_no_leads(fields):
    assert is_ignored(ADAPTER.read(sent(changed("order_created", **fields)), SOURCE))


def test_a_new_customer_is_a_registration():
    word = inbound(payload("woocommerce/customer_created.json"), "customer.created")
    assert word.signal.channel is Channel.REGISTRATION
    assert word.signal.external_id == "customer:25"
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 50, 28, tzinfo=UTC)
    assert word.signal.customer == Customer(
        None, "Анна Белова", "+79015550011", "anna@example.ru", {"woocommerce": "25"}
    )


def test_staff_who_get_an_account_are_no_leads():
    body = changed("customer_created", role="shop_manager")
    assert is_ignored(ADAPTER.read(sent(body, "customer.created"), SOURCE))


@pytest.mark.parametrize("topic", ["product.updated", "coupon.created", "order.deleted", "?"])
def test_other_topics_are_no_leads(topic):
    assert is_ignored(ADAPTER.read(sent(b'{"id":7}', topic), SOURCE))


def test_an_id_is_the_same_as_a_text_and_as_a_number():
    assert inbound(b'{"id":"727"}').signal.external_id == inbound(b'{"id":727}').signal.external_id


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"id":null}', b'{"id":[1]}'])
def test_an_order_without_an_id_is_unreadable(body):
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body), SOURCE)


def test_a_delivery_without_a_topic_is_unreadable():
    with pytest.raises(Unreadable):
        ADAPTER.read(a_delivery(payload("woocommerce/order_created.json")), SOURCE)


def test_a_second_number_and_a_name_in_the_telephone_field_are_kept():
    billing = {"first_name": "Ольга", "phone": "8 914 700-12-13 Ольга, 8 (423) 202-25-11"}
    signal = inbound(changed("order_created", billing=billing, customer_note="позвоните")).signal
    assert signal.customer.phone == "+79147001213"
    assert signal.customer.phones == ("+74232022511",)
    assert signal.text == f"позвоните\n{billing['phone']}"


def test_a_number_is_of_the_country_of_the_bill():
    billing = {"phone": "029 123-45-67", "country": "BY"}
    customer = inbound(changed("order_created", billing=billing)).signal.customer
    assert customer.phone == "+375291234567"


@pytest.mark.parametrize(
    ("typed", "phone", "text"), [("20225", "20225", None), ("-", None, None), ("нет", None, "нет")]
)
def test_a_field_without_a_number_is_not_lost(typed, phone, text):
    order = changed("order_created", billing={"first_name": "О", "phone": typed}, customer_note="")
    signal = inbound(order).signal
    assert (signal.customer.phone, signal.text) == (phone, text)


@pytest.mark.parametrize(("pieces", "kept"), [(0, 0), ("0", 0), ("0.5", 1), (2, 1), (None, 1)])
def test_nothing_of_an_article_is_no_article(pieces, kept):
    line = {"name": "Колодки", "quantity": pieces, "price": "2500.00"}
    placed = inbound(changed("order_created", line_items=[line]))
    assert len(placed.signal.items) == kept

"""Shopify by its contract."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, is_ignored, payload
from webhooks.signing import base64_mac

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage
from service.adapters.shops.shopify import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Signal

SECRET = "test_secret_key"
SOURCE = a_source("shopify", secrets={"client_secret": SECRET})
OFFICIAL_BODY = b'{"foo": "bar"}'
OFFICIAL_SIGNATURE = "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64_mac(secret, body)


def headers_of(body: bytes, topic: str, spelling: str = "X-Shopify-") -> dict[str, str]:
    answer = {
        "Hmac-Sha256": signature(body),
        "Topic": topic,
        "Shop-Domain": "parts.myshopify.com",
        "API-Version": "2026-04",
        "Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    }
    return {spelling + name: value for name, value in answer.items()}


def sent(body: bytes, topic: str = "orders/create", spelling: str = "X-Shopify-") -> Delivery:
    return a_delivery(body, headers_of(body, topic, spelling))


def changed(**fields: object) -> bytes:
    return json.dumps({**json.loads(payload("shopify/orders_create.json")), **fields}).encode()


def inbound(body: bytes, topic: str = "orders/create") -> ClientMessage:
    (word,) = ADAPTER.read(sent(body, topic), SOURCE)
    assert isinstance(word, ClientMessage)
    return word


def test_the_official_vector_is_authentic():
    answer = headers_of(OFFICIAL_BODY, "orders/create")
    assert answer["X-Shopify-Hmac-Sha256"] == OFFICIAL_SIGNATURE
    ADAPTER.verify(a_delivery(OFFICIAL_BODY, answer), SOURCE)


def test_the_newer_spelling_of_the_headers_is_authentic_and_read_alike():
    new = sent(payload("shopify/orders_create.json"), spelling="Shopify-")
    ADAPTER.verify(new, SOURCE)
    old = sent(payload("shopify/orders_create.json"))
    assert ADAPTER.read(new, SOURCE) == ADAPTER.read(old, SOURCE)
    assert ADAPTER.once(new, SOURCE) == ADAPTER.once(old, SOURCE)


@pytest.mark.parametrize("missing", list(headers_of(b"", "")))
def test_without_any_one_of_the_headers_it_is_not_authentic(missing):
    answer = headers_of(OFFICIAL_BODY, "orders/create")
    del answer[missing]
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(OFFICIAL_BODY, answer), SOURCE)


@pytest.mark.parametrize("doubled", list(headers_of(b"", "")))
def test_with_any_one_of_the_headers_twice_it_is_not_authentic(doubled):
    answer = a_delivery(OFFICIAL_BODY, headers_of(OFFICIAL_BODY, "orders/create")).headers
    more = next(pair for pair in answer if pair[0] == doubled.lower())
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(Delivery("POST", OFFICIAL_BODY, NOON, (*answer, more)), SOURCE)


def test_an_empty_body_is_not_authentic_however_it_is_signed():
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(b""), SOURCE)


@pytest.mark.parametrize("place", [0, 7, -1])
def test_a_body_or_a_signature_with_one_bit_changed_is_not_authentic(place):
    answer = headers_of(OFFICIAL_BODY, "orders/create")
    wrong = flipped(OFFICIAL_SIGNATURE.encode(), place).decode()
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(flipped(OFFICIAL_BODY, place), answer), SOURCE)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(
            a_delivery(OFFICIAL_BODY, {**answer, "X-Shopify-Hmac-Sha256": wrong}), SOURCE
        )


def test_the_old_secret_signs_on_after_a_rotation():
    rotated = a_source("shopify", secrets={"client_secret": ("newer", SECRET)})
    ADAPTER.verify(sent(OFFICIAL_BODY), rotated)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(OFFICIAL_BODY), a_source("shopify", secrets={"client_secret": "newer"}))


def test_only_the_shop_that_the_source_is_pinned_to_may_post():
    pinned = a_source(
        "shopify", secrets={"client_secret": SECRET}, options={"shop_domain": "Parts.myshopify.com"}
    )
    ADAPTER.verify(sent(OFFICIAL_BODY), pinned)
    other = headers_of(OFFICIAL_BODY, "orders/create") | {"X-Shopify-Shop-Domain": "x.example"}
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(OFFICIAL_BODY, other), pinned)


def test_a_repetition_is_known_by_the_webhook_id():
    assert ADAPTER.once(sent(OFFICIAL_BODY), SOURCE) == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"


def test_a_new_order_is_a_self_order_with_its_articles():
    assert ADAPTER.read(sent(payload("shopify/orders_create.json")), SOURCE) == [
        ClientMessage(
            Signal(
                queue="main",
                channel=Channel.SITE_ORDER,
                received_at=datetime(2026, 6, 10, 8, 40, tzinfo=UTC),
                source="shop",
                external_id="order:5940139491234",
                customer=Customer(
                    name="John Doe",
                    phone="+16505551234",
                    email="john.doe@example.com",
                    messengers={"shopify": "6789012345678"},
                ),
                text="Please call before shipping",
                items=(
                    Item("Brake pads - front", Decimal(2), Decimal("59.95")),
                    Item("Brake cleaner", Decimal(1), Decimal("70.00")),
                ),
                budget=Decimal("189.90"),
                currency="USD",
                attributes={
                    "order": "#1001",
                    "status": "pending",
                    "currency": "USD",
                    "company": "Doe Garage",
                    "city": "Palo Alto",
                    "page": "/products/brake-pads?utm_source=google",
                    "referrer": "https://www.google.com/",
                },
            )
        )
    ]


def test_a_payment_corrects_the_order():
    word = inbound(payload("shopify/orders_paid.json"), "orders/paid")
    assert (word.corrects, word.opens, word.signal.paid) == (True, True, True)
    assert word.signal.external_id == "order:5940139491234"
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 58, tzinfo=UTC)


def test_a_change_corrects_the_order_and_keeps_what_is_unpaid_unpaid():
    word = inbound(payload("shopify/orders_create.json"), "orders/updated")
    assert (word.corrects, word.opens, word.signal.paid) == (True, True, False)


@pytest.mark.parametrize("topic", ["orders/updated", "orders/cancelled"])
def test_a_cancelled_order_opens_no_lead(topic):
    word = inbound(payload("shopify/orders_cancelled.json"), topic)
    assert (word.corrects, word.opens) == (True, False)
    assert word.signal.budget == Decimal("199.90")


@pytest.mark.parametrize(
    "fields",
    [
        {"fulfillment_status": "fulfilled"},
        {"closed_at": "2026-06-10T11:00:00Z"},
        {"financial_status": "refunded"},
    ],
)
def test_an_order_that_is_over_opens_no_lead(fields):
    assert not inbound(changed(**fields), "orders/updated").opens


@pytest.mark.parametrize(
    "fields", [{"test": True}, {"source_name": "pos"}, {"source_name": "shopify_draft_order"}]
)
def test_orders_of_staff_and_test_orders_are_no_leads(fields):
    assert is_ignored(ADAPTER.read(sent(changed(**fields)), SOURCE))


def test_a_new_customer_is_a_registration():
    word = inbound(payload("shopify/customers_create.json"), "customers/create")
    assert word.signal.channel is Channel.REGISTRATION
    assert word.signal.external_id == "customer:706405506930370084"
    assert word.signal.customer == Customer(
        None, "Bob Biller", "+16505550100", "bob@biller.com", {"shopify": "706405506930370084"}
    )
    assert word.signal.received_at == datetime(2026, 6, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("topic", ["products/update", "orders/fulfilled", "app/uninstalled"])
def test_other_topics_are_no_leads(topic):
    assert is_ignored(ADAPTER.read(sent(b'{"id":7}', topic), SOURCE))


@pytest.mark.parametrize("body", [b"[]", b"{", b"{}", b'{"id":null}', b'{"id":{}}'])
@pytest.mark.parametrize("topic", ["orders/create", "customers/create"])
def test_what_has_no_id_is_unreadable(body, topic):
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body, topic), SOURCE)


@pytest.mark.parametrize(
    ("left", "pieces"),
    [({}, ["3"]), ({"current_quantity": 2}, ["2"]), ({"current_quantity": 0}, [])],
)
def test_what_was_taken_out_of_an_order_is_ordered_no_more(left, pieces):
    line = {"title": "Колодки", "quantity": 3, "price": "2500.00", **left}
    items = inbound(changed(line_items=[line]), "orders/updated").signal.items
    assert [str(item.quantity) for item in items] == pieces


def test_the_address_for_contacts_counts_where_the_order_has_no_other():
    sent_to = inbound(changed(email="", contact_email="Petr@example.com"))
    assert sent_to.signal.customer.email == "petr@example.com"

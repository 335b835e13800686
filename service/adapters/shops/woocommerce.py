"""WooCommerce: orders that clients place themselves, and registrations (the plugin's WC_Webhook).

A new order is a lead. So is one whose payment failed, because its client is at the till. Changes of
an order correct it. An order that is first reported when it is over (completed, cancelled,
refunded, in the bin) opens nothing. Orders made by staff in the shop's administration, or by a
subscription, are not a client's. Drafts of a checkout are no orders yet.

The plugin never repeats a delivery, and switches the webhook off after five failures in a row. Its
delivery ids are new each time. It signs with the secret after decoding HTML entities, so a secret
with `&` differs from the one on the screen: both spellings are tried. Times named gmt have no zone.
Cash on delivery makes an order `processing` before it is paid.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    ContactPhones,
    contact_phones,
    currency,
    customer,
    email,
    identifier,
    iso_time,
    money,
    name,
    signal,
    text,
)
from service.adapters.payload import facts, needed, part, parts
from service.adapters.shops.goods import article, articles, vin
from service.adapters.signatures import check_body
from service.adapters.source import UTC, Source
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel

SIGNATURE = "x-wc-webhook-signature"
TOPIC = "x-wc-webhook-topic"
CREATION_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
DRAFTS = ("auto-draft", "checkout-draft", "draft", "new")
OVER = ("completed", "cancelled", "refunded", "trash")
PAID = ("processing", "completed")
CASH_ON_DELIVERY = "cod"
NOT_BY_CLIENTS = ("admin", "subscription")
CLIENTS = ("customer", "subscriber")
GUEST = "0"
VIN_FIELD = re.compile(r"(?:^|_)vin(?:_?(?:code|number))?$")
CAMPAIGN = "_wc_order_attribution_utm_"


def _greet(delivery: Delivery, _source: Source) -> Reply | None:
    unsigned = all(existing != SIGNATURE for existing, _ in delivery.headers)
    return Reply() if unsigned and CREATION_PING.fullmatch(delivery.body) else None


def _verify(delivery: Delivery, source: Source) -> None:
    secrets = [way for item in source.secret("secret") for way in (item, html.unescape(item))]
    check_body(delivery, secrets, SIGNATURE, encoding="base64")


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    topic = delivery.header(TOPIC)
    if not topic:
        raise Unreadable("The topic is missing.")
    match topic:
        case "order.created" | "order.updated" | "order.restored":
            return _order(json_object(delivery), topic != "order.created", delivery, source)
        case "customer.created":
            return _registration(json_object(delivery), delivery, source)
    return ignored(IgnoredReason.OTHER_EVENT, topic)


def _order(
    order: dict[str, Any], changed: bool, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    status, number = order.get("status"), needed("order's id", order.get("id"))
    if status in DRAFTS:
        return ignored(IgnoredReason.DRAFT)
    if order.get("created_via") in NOT_BY_CLIENTS:
        return ignored(IgnoredReason.BY_STAFF)
    lines, phones = parts(order, "line_items"), _phones(part(order, "billing"), source)
    placed = signal(
        source,
        delivery,
        Channel.SITE_ORDER,
        f"order:{number}",
        at=iso_time(order.get("date_modified_gmt" if changed else "date_created_gmt"), UTC),
        customer=_client(part(order, "billing"), phones, order.get("customer_id"), source),
        text=phones.beside(text(order.get("customer_note"))),
        items=articles(
            article(line.get("name"), line.get("quantity"), line.get("price")) for line in lines
        ),
        budget=money(order.get("total")),
        currency=currency(order.get("currency")),
        vin=next(_vins(order), None),
        paid=_is_paid(order),
        attributes=_about(order),
    )
    return [ClientMessage(placed, opens=status not in OVER, corrects=changed)]


def _registration(
    client: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    if client.get("role") not in (None, *CLIENTS):
        return ignored(IgnoredReason.BY_STAFF)
    number = needed("customer's id", client.get("id"))
    called = _called(client)
    phones = _phones(called, source)
    registered = signal(
        source,
        delivery,
        Channel.REGISTRATION,
        f"customer:{number}",
        at=iso_time(client.get("date_created_gmt"), UTC),
        customer=_client(called, phones, number, source),
        text=phones.beside(None),
        attributes=facts({"username": client.get("username")}),
    )
    return [ClientMessage(registered)]


def _called(client: dict[str, Any]) -> dict[str, Any]:
    """A registered client in the shape of an order's billing."""
    own: dict[str, Any] = {
        field: client[field] for field in ("first_name", "last_name", "email") if client.get(field)
    }
    return {**part(client, "billing"), **own}


def _phones(billing: dict[str, Any], source: Source) -> ContactPhones:
    country = billing.get("country")
    return contact_phones(billing.get("phone"), region=source.region, country=country)


def _client(
    billing: dict[str, Any], phones: ContactPhones, number: object, source: Source
) -> Customer | None:
    account = identifier(number)
    account = None if account == GUEST else account
    is_the_shops = source.options.get("customer_ids") == "shop"
    return customer(
        typed_name=name(billing.get("first_name"), billing.get("last_name")),
        typed_phone=phones.first,
        further_phones=phones.others,
        typed_email=email(billing.get("email")),
        messengers=None if is_the_shops else {"woocommerce": account},
        external_id=account if is_the_shops else None,
    )


def _is_paid(order: dict[str, Any]) -> bool:
    if text(order.get("date_paid_gmt")):
        return True
    return order.get("status") in PAID and order.get("payment_method") != CASH_ON_DELIVERY


def _vins(order: dict[str, Any]) -> Iterator[str]:
    for field in parts(order, "meta_data"):
        named = text(field.get("key"), 100)
        found = vin(field.get("value")) if named and VIN_FIELD.search(named.lower()) else None
        if found:
            yield found


def _about(order: dict[str, Any]) -> dict[str, object] | None:
    billing = part(order, "billing")
    raw = {
        "order": order.get("number"),
        "status": order.get("status"),
        "currency": order.get("currency"),
        "payment": order.get("payment_method_title"),
        "company": billing.get("company"),
        "city": billing.get("city"),
    }
    campaign = {
        key.removeprefix("_wc_order_attribution_"): field.get("value")
        for field in parts(order, "meta_data")
        if (key := text(field.get("key"), 100) or "").startswith(CAMPAIGN)
    }
    return facts({**raw, **dict(list(campaign.items())[:5])})


ADAPTER = Adapter(
    name="woocommerce",
    title="WooCommerce",
    verify=_verify,
    read=_read,
    greet=_greet,
    secrets={"secret": Setting("The webhook's secret: letters and digits only.", required=True)},
    options={
        "customer_ids": Setting(
            "`shop` when the site's customer numbers are those of the shop's own system.",
            default="site",
            choices=("site", "shop"),
        )
    },
    stored_headers=frozenset({TOPIC}),
)

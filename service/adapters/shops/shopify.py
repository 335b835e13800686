"""Shopify: orders that clients place themselves, and their registrations (shopify.dev).

A new order is a lead. Later changes and the payment correct it. An order that is first reported
when it is over (cancelled, closed, refunded, sent) opens nothing. Orders made by staff, at a till
or from a draft, and the shop's test orders are no leads.

All headers of the contract must be present, in the old or the new spelling, and a body, too. A
failed delivery is repeated eight times in 4 hours, under one webhook id. Then the subscription is
deleted. After a rotation the old secret may sign for another hour.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
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
from service.adapters.shops.goods import article, articles
from service.adapters.signatures import check_any, check_body
from service.adapters.source import UTC, Source
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic
from service.leads.lead import Channel

SIGNATURE = "hmac-sha256"
TOPIC = "topic"
SHOP = "shop-domain"
WEBHOOK_ID = "webhook-id"
NEEDED = (SIGNATURE, TOPIC, SHOP, "api-version", WEBHOOK_ID)
SPELLINGS = ("x-shopify-", "shopify-")
BY_STAFF = ("pos", "shopify_draft_order")
OVER = ("refunded", "voided")
CHANGES = ("orders/updated", "orders/paid", "orders/cancelled")


def _header(delivery: Delivery, what: str) -> str | None:
    raw = (delivery.header(spelling + what) for spelling in SPELLINGS)
    return next((item for item in raw if item), None)


def _verify(delivery: Delivery, source: Source) -> None:
    if not delivery.body or not all(_header(delivery, item) for item in NEEDED):
        raise NotAuthentic("The body is empty, or a header of Shopify is missing.")
    spelling = next(item for item in SPELLINGS if delivery.header(item + SIGNATURE))
    check_body(delivery, source.secret("client_secret"), spelling + SIGNATURE, encoding="base64")
    shop = source.options.get("shop_domain")
    if shop:
        check_any((_header(delivery, SHOP) or "").lower(), [shop.lower()], "shop's domain")


def _once(delivery: Delivery, _source: Source) -> str | None:
    return identifier(_header(delivery, WEBHOOK_ID))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    topic = needed("topic", _header(delivery, TOPIC))
    if topic == "orders/create" or topic in CHANGES:
        return _order(json_object(delivery), topic, delivery, source)
    if topic == "customers/create":
        return _registration(json_object(delivery), delivery, source)
    return ignored(IgnoredReason.OTHER_EVENT, topic)


def _order(
    order: dict[str, Any], topic: str, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    number = needed("order's id", order.get("id"))
    if order.get("test") is True:
        return ignored(IgnoredReason.TEST)
    if order.get("source_name") in BY_STAFF:
        return ignored(IgnoredReason.BY_STAFF)
    changed = topic in CHANGES
    phones = _phones(order, source)
    placed = signal(
        source,
        delivery,
        Channel.SITE_ORDER,
        f"order:{number}",
        at=iso_time(order.get("updated_at" if changed else "created_at"), UTC),
        customer=_buyer(order, phones),
        text=phones.beside(text(order.get("note"))),
        items=articles(
            article(line.get("name") or line.get("title"), _pieces(line), line.get("price"))
            for line in parts(order, "line_items")
        ),
        budget=money(order.get("current_total_price")) or money(order.get("total_price")),
        currency=currency(order.get("currency")),
        paid=topic == "orders/paid" or order.get("financial_status") == "paid",
        attributes=_about(order),
    )
    return [ClientMessage(placed, opens=not _is_over(order), corrects=changed)]


def _pieces(line: dict[str, Any]) -> object:
    """The pieces that are still ordered; a line that was taken out stays, with none of them."""
    existing = line.get("current_quantity")
    return line.get("quantity") if existing is None else existing


def _is_over(order: dict[str, Any]) -> bool:
    dates = (order.get("cancelled_at"), order.get("closed_at"))
    is_sent = order.get("fulfillment_status") == "fulfilled"
    return any(dates) or is_sent or order.get("financial_status") in OVER


def _addresses(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [part(order, item) for item in ("billing_address", "shipping_address")]


def _phones(order: dict[str, Any], source: Source) -> ContactPhones:
    """The client's numbers, else the recipient's, who may be another person.

    Without a country code the numbers belong to the country of the address.
    """
    addresses = _addresses(order)
    countries = (item.get("country_code") or item.get("country") for item in addresses)
    country = next((item for item in countries if item), None)
    places = (order, part(order, "customer"), *addresses)
    read = [
        contact_phones(item.get("phone"), region=source.region, country=country) for item in places
    ]
    best = next((item for item in read if item.first and item.first.startswith("+")), None)
    best = best or next((item for item in read if item.first), ContactPhones())
    return replace(best, left=tuple(dict.fromkeys(line for item in read for line in item.left)))


def _buyer(order: dict[str, Any], phones: ContactPhones) -> Customer | None:
    account, addresses = part(order, "customer"), _addresses(order)
    called = [name(item.get("first_name"), item.get("last_name")) for item in (account, *addresses)]
    mails = (order.get("email"), order.get("contact_email"), account.get("email"))
    return customer(
        typed_name=next((item for item in called if item), None),
        typed_phone=phones.first,
        further_phones=phones.others,
        typed_email=next(filter(None, map(email, mails)), None),
        messengers={"shopify": identifier(account.get("id"))},
    )


def _registration(
    client: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    number = needed("customer's id", client.get("id"))
    account = {"customer": client, "billing_address": client.get("default_address")}
    phones = _phones(account, source)
    registered = signal(
        source,
        delivery,
        Channel.REGISTRATION,
        f"customer:{number}",
        at=iso_time(client.get("created_at"), UTC),
        customer=_buyer(account, phones),
        text=phones.beside(text(client.get("note"))),
        attributes=facts({"city": part(client, "default_address").get("city")}),
    )
    return [ClientMessage(registered)]


def _about(order: dict[str, Any]) -> dict[str, object] | None:
    return facts(
        {
            "order": order.get("name"),
            "status": order.get("financial_status"),
            "cancelled": order.get("cancel_reason"),
            "currency": order.get("currency"),
            "company": part(order, "billing_address").get("company"),
            "city": part(order, "shipping_address").get("city"),
            "page": order.get("landing_site"),
            "referrer": order.get("referring_site"),
        }
    )


ADAPTER = Adapter(
    name="shopify",
    title="Shopify",
    verify=_verify,
    read=_read,
    once=_once,
    secrets={
        "client_secret": Setting("The client secret of the app, or of the shop's webhooks.", True)
    },
    options={
        "shop_domain": Setting("The only shop that may post, as example.myshopify.com; or any.")
    },
    stored_headers=frozenset(spelling + TOPIC for spelling in SPELLINGS),
)

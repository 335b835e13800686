"""Customers as JSON, in the shapes of `customer_answers.py`."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from service.flows.customers.find_clients import FoundClient
from service.flows.leads.update_customer import ViewedCard
from service.leads.card import Card
from service.leads.lead import Lead
from service.storage.customers.clients import Client
from service.storage.customers.listed_marks import BlockedMark
from service.storage.customers.merges import ClientMerge


def card(item: Card) -> dict[str, Any]:
    """A customer's card."""
    customer, context = item.customer, item.context
    return {
        "external_id": customer.external_id,
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "messengers": customer.messengers,
        "class": context.client_class,
        "blocked_since": context.blocked_since,
        "call_on": context.call_on,
        "orders": context.orders,
        "tasks": context.tasks,
        "contacts": context.contacts,
        "cars": context.cars,
        "notes": context.notes,
        "owner": context.owner,
        "selections": [{**asdict(item), "price": money(item.price)} for item in context.selections],
        "merged_into": item.merged_into,
        "bought_before": context.bought_before,
        "changed_at": item.changed_at,
    }


def money(value: Decimal | None) -> str | None:
    """A sum as text with two decimals."""
    return None if value is None else f"{value:.2f}"


def viewed_card(viewed: ViewedCard) -> dict[str, Any]:
    """A customer's card with its marks."""
    marks = [{"mark": item.identity, "strength": item.strength} for item in viewed.marks]
    return {**card(viewed.card), "marks": marks}


def found_client(item: FoundClient) -> dict[str, Any]:
    """A client who was found: their contacts, the class of their card, and their leads."""
    customer = item.customer
    return {
        "external_id": None if item.card is None else customer.external_id,
        "name": customer.name,
        "phone": customer.phone,
        "phones": customer.phones,
        "email": customer.email,
        "messengers": customer.messengers,
        "class": None if item.card is None else item.card.context.client_class,
        "leads": item.leads,
    }


def merge(item: ClientMerge, leads: Sequence[Lead]) -> dict[str, Any]:
    """A merge and the leads that it changed."""
    return {
        "merge": item.id,
        "into": item.into_client,
        "from": item.from_client,
        "reason": item.reason,
        "by": item.by,
        "at": item.at,
        "undone_at": item.undone_at,
        "leads": list(dict.fromkeys(str(lead.id) for lead in leads)),
    }


def blocked_mark(item: BlockedMark) -> dict[str, Any]:
    """A mark that is blocked."""
    return asdict(item)


def client(item: Client | None) -> dict[str, Any] | None:
    """A customer with their other leads, for the operator who is about to speak with them."""
    if item is None:
        return None
    return {**card(item.card), "promised": item.promised, "earlier": item.earlier}

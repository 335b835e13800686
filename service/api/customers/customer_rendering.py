"""Customers as JSON; the shapes are those of `customer_answers.py`."""

from typing import Any

from service.leads.card import Card
from service.storage.customers.clients import Client


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
        "changed_at": item.changed_at,
    }


def client(item: Client | None) -> dict[str, Any] | None:
    """A customer with his other leads, for who is about to speak with him."""
    if item is None:
        return None
    return {**card(item.card), "promised": item.promised, "earlier": item.earlier}

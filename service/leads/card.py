"""A customer's card: who he is, and what the shop knows of him; how new word changes it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.leads.context import CallTask, Contact, CustomerContext
from service.leads.customer import Customer

MAX_ORDERS = 50
MAX_TASKS = 50
MAX_CONTACTS = 20
MAX_CARS = 20
MAX_NOTES = 20


@dataclass(frozen=True, slots=True)
class Card:
    """A customer and his context; `changed_at` is None before it was ever written down."""

    customer: Customer
    context: CustomerContext = field(default_factory=CustomerContext)
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardChange:
    """Fields of a card and what they are from now on; what is not named stays as it is known.

    A `task` comes to the others, or in place of the one of the same id.
    """

    customer: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    task: CallTask | None = None


def changed_card(existing: Card, change: CardChange) -> Card:
    """The card after a change."""
    customer = replace(existing.customer, **change.customer)
    context = changed_context(existing.context, change.context)
    if change.task is not None:
        context = with_task(context, change.task)
    return replace(existing, customer=customer, context=context)


def changed_context(existing: CustomerContext, fields: Mapping[str, Any]) -> CustomerContext:
    """The context after a change; talks are added to those known, which claims write down, too."""
    context: CustomerContext = replace(existing, **fields)
    return replace(context, contacts=newest_contacts((*existing.contacts, *context.contacts)))


def newest_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """The last talks, the newest first, each once."""
    newest = sorted({*contacts}, key=lambda item: (item.at, item.operator), reverse=True)
    return tuple(newest[:MAX_CONTACTS])


def with_task(existing: CustomerContext, task: CallTask) -> CustomerContext:
    """The context with a task in place of the one of the same id; the newest ones are kept."""
    others = [item for item in existing.tasks if item.external_id != task.external_id]
    newest = sorted((*others, task), key=lambda item: (item.is_open, item.opened_at), reverse=True)
    return replace(existing, tasks=tuple(newest[:MAX_TASKS]))


def with_task_closed(existing: CustomerContext, external_id: str, at: datetime) -> CustomerContext:
    """The context with one task closed, unless it was before."""
    tasks = [
        replace(task, closed_at=task.closed_at or at) if task.external_id == external_id else task
        for task in existing.tasks
    ]
    return replace(existing, tasks=tuple(tasks))


def with_existing_operators(context: CustomerContext, existing: Container[str]) -> CustomerContext:
    """The context without operators that only the sender knows: they lead the client to nobody."""
    return replace(
        context,
        orders=tuple(order for order in context.orders if order.operator in existing),
        tasks=tuple(task for task in context.tasks if task.operator in existing),
        contacts=tuple(contact for contact in context.contacts if contact.operator in existing),
    )

"""A customer's card: who he is, and what the shop knows of him; how new word changes it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.leads.context import CallTask, Contact, CustomerContext
from service.leads.customer import Customer

MOST_ORDERS = 50
MOST_TASKS = 50
MOST_CONTACTS = 20
MOST_CARS = 20
MOST_NOTES = 20


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


def changed_card(known: Card, change: CardChange) -> Card:
    """The card after a change."""
    customer = replace(known.customer, **change.customer)
    context = changed_context(known.context, change.context)
    if change.task is not None:
        context = with_task(context, change.task)
    return replace(known, customer=customer, context=context)


def changed_context(known: CustomerContext, fields: Mapping[str, Any]) -> CustomerContext:
    """The context after a change; talks are added to those known, which claims write down, too."""
    context: CustomerContext = replace(known, **fields)
    return replace(context, contacts=newest_contacts((*known.contacts, *context.contacts)))


def newest_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """The last talks, the newest first, each once."""
    newest = sorted({*contacts}, key=lambda one: (one.at, one.operator), reverse=True)
    return tuple(newest[:MOST_CONTACTS])


def with_task(known: CustomerContext, task: CallTask) -> CustomerContext:
    """The context with a task in place of the one of the same id; the newest ones are kept."""
    others = [one for one in known.tasks if one.external_id != task.external_id]
    newest = sorted((*others, task), key=lambda one: (one.is_open, one.opened_at), reverse=True)
    return replace(known, tasks=tuple(newest[:MOST_TASKS]))


def with_task_closed(known: CustomerContext, external_id: str, at: datetime) -> CustomerContext:
    """The context with one task closed, unless it was before."""
    tasks = [
        replace(one, closed_at=one.closed_at or at) if one.external_id == external_id else one
        for one in known.tasks
    ]
    return replace(known, tasks=tuple(tasks))


def of_known_operators(context: CustomerContext, known: Container[str]) -> CustomerContext:
    """The context without operators that only the sender knows: they lead the client to nobody."""
    return replace(
        context,
        orders=tuple(one for one in context.orders if one.operator in known),
        tasks=tuple(one for one in context.tasks if one.operator in known),
        contacts=tuple(one for one in context.contacts if one.operator in known),
    )

"""A customer's card: their marks, what the shop knows of them, and how changes are applied."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from service.leads.context import CallTask, ClientClass, Contact, CustomerContext, SelectedPart
from service.leads.customer import Customer

T = TypeVar("T")

OWN_CARD = "nl-"  # the prefix of a card number that nextlead made
MAX_ORDERS = 50
MAX_TASKS = 50
MAX_CONTACTS = 20
MAX_CARS = 20
MAX_NOTES = 20
MAX_SELECTIONS = 50
GUARDED_FIRST = (
    ClientClass.SUPER_VIP,
    ClientClass.WHOLESALE,
    ClientClass.VIP,
    ClientClass.ORDINARY,
)


@dataclass(frozen=True, slots=True)
class Card:
    """A customer and their context; `changed_at` is None for a card that is not stored yet."""

    customer: Customer
    context: CustomerContext = field(default_factory=CustomerContext)
    changed_at: datetime | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class CardChange:
    """The new values of some fields of a card; all other fields stay.

    A `task` is added to the others, or replaces the task with the same id.
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
    """The context after a change; new talks and selections are added to the existing ones."""
    context: CustomerContext = replace(existing, **fields)
    return replace(
        context,
        contacts=newest_contacts((*existing.contacts, *context.contacts)),
        selections=newest_selections((*existing.selections, *context.selections)),
    )


def newest_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """The last talks, the newest first, without repetitions."""
    newest = sorted({*contacts}, key=lambda item: (item.at, item.operator), reverse=True)
    return tuple(newest[:MAX_CONTACTS])


def with_task(existing: CustomerContext, task: CallTask) -> CustomerContext:
    """The context with a task that replaces the one of the same id; the newest tasks are kept."""
    others = [item for item in existing.tasks if item.external_id != task.external_id]
    newest = sorted((*others, task), key=lambda item: (item.is_open, item.opened_at), reverse=True)
    return replace(existing, tasks=tuple(newest[:MAX_TASKS]))


def with_task_closed(existing: CustomerContext, external_id: str, at: datetime) -> CustomerContext:
    """The context with one task closed; an earlier time of closing stays."""
    tasks = [
        replace(task, closed_at=task.closed_at or at) if task.external_id == external_id else task
        for task in existing.tasks
    ]
    return replace(existing, tasks=tuple(tasks))


def merged_contexts(contexts: Sequence[CustomerContext]) -> CustomerContext:
    """One client's context from several cards; the first card is the one that remains.

    Of single values the first known one counts, in the order of the cards. The class that protects
    the client most wins.
    """
    first, *others = contexts
    if not others:
        return first
    classes = {item.client_class for item in contexts}
    return CustomerContext(
        client_class=next(item for item in GUARDED_FIRST if item in classes),
        blocked_since=_first(item.blocked_since for item in contexts),
        call_on=_first(item.call_on for item in contexts),
        orders=tuple(chain.from_iterable(item.orders for item in contexts))[:MAX_ORDERS],
        tasks=tuple(chain.from_iterable(item.tasks for item in contexts))[:MAX_TASKS],
        contacts=newest_contacts(chain.from_iterable(item.contacts for item in contexts)),
        cars=tuple(dict.fromkeys(chain.from_iterable(item.cars for item in contexts)))[:MAX_CARS],
        notes=tuple(chain.from_iterable(item.notes for item in contexts))[:MAX_NOTES],
        owner=_first(item.owner for item in contexts),
        selections=newest_selections(chain.from_iterable(item.selections for item in contexts)),
    )


def newest_selections(selections: Iterable[SelectedPart]) -> tuple[SelectedPart, ...]:
    """The last selected parts, the newest first, without repetitions."""
    newest = sorted({*selections}, key=lambda item: (item.at, item.number), reverse=True)
    return tuple(newest[:MAX_SELECTIONS])


def _first(found: Iterable[T | None]) -> T | None:
    return next((item for item in found if item is not None), None)


def with_task_activated(
    existing: CustomerContext, external_id: str, at: datetime
) -> CustomerContext:
    """The context with one task activated; an earlier time of activation stays (rule B17)."""
    tasks = [
        replace(task, activated_at=task.activated_at or at)
        if task.external_id == external_id
        else task
        for task in existing.tasks
    ]
    return replace(existing, tasks=tuple(tasks))


def with_task_open(
    existing: CustomerContext, external_id: str, closed_at: datetime
) -> CustomerContext:
    """The context with one task open again, if it was closed at `closed_at`."""
    tasks = [
        replace(task, closed_at=None)
        if task.external_id == external_id and task.closed_at == closed_at
        else task
        for task in existing.tasks
    ]
    return replace(existing, tasks=tuple(tasks))


def with_existing_operators(context: CustomerContext, existing: Container[str]) -> CustomerContext:
    """The context without operators that do not exist here: nobody could serve the client."""
    owner = context.owner
    return replace(
        context,
        orders=tuple(order for order in context.orders if order.operator in existing),
        tasks=tuple(task for task in context.tasks if task.operator in existing),
        contacts=tuple(contact for contact in context.contacts if contact.operator in existing),
        owner=owner if owner is not None and owner.operator in existing else None,
    )

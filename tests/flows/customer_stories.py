"""Short ways to say what the shop knows of a customer."""

from datetime import timedelta
from typing import Any

from driven_clock import NOON

from service.flows.leads.update_customer import Changed, update_customer
from service.leads.card import CardChange
from service.leads.context import CallTask, Campaign, Contact, OrderInWork, TaskTerms
from service.leads.customer import Customer
from service.leads.operator import Operator
from service.resources import Resources
from service.rules.lane_names import lane_of
from service.storage.operators.operators import put_operator

IRINA = Customer("c-1")
LONG_AGO = NOON - timedelta(days=60)


async def know(resources: Resources, **context: Any) -> Changed:
    """The shop's own system says something of Irina."""
    return await update_customer(resources, "c-1", CardChange(context=context), "crm")


def orders(operator: str = "anna", **sent: Any) -> tuple[OrderInWork, ...]:
    """One order of an operator's."""
    return (OrderInWork(**{"number": "1", "operator": operator, "opened_at": LONG_AGO, **sent}),)


def tasks(operator: str = "anna", **sent: Any) -> tuple[CallTask, ...]:
    """One call task of an operator's, open and in date."""
    usual = {
        **{"external_id": "t-1", "campaign": Campaign.NEW_YEAR, "operator": operator},
        **{"opened_at": LONG_AGO, "expires_at": NOON + timedelta(days=1)},
    }
    return (CallTask(**{**usual, **sent}),)


def contacts(operator: str = "anna", *, days_ago: float = 1) -> tuple[Contact, ...]:
    """One talk with an operator."""
    return (Contact(operator, NOON - timedelta(days=days_ago)),)


def a_task(operator: str = "anna", **sent: Any) -> TaskTerms:
    """The terms of a call task that comes as a lead."""
    usual = {
        **{"campaign": Campaign.NEW_YEAR, "operator": operator, "opened_at": NOON},
        "expires_at": NOON + timedelta(days=7),
    }
    return TaskTerms(**{**usual, **sent})


async def employ(resources: Resources, name: str, *skills: str, capacity: int = 1) -> None:
    """An operator with skills."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        hired = Operator(name, ("main",), frozenset(skills), capacity)
        await put_operator(connection, hired, now)
    resources.stores.directory.forget()


def owner_of(lane: str) -> str | None:
    """Whose lane that is."""
    return lane_of(lane).owner

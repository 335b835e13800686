"""The shop's own system, or a claim that ends, changes a customer's card; their leads are rerouted.

One transaction writes Postgres only. It locks the open leads first, then the card, in the same
order as the end of a claim. Then the line shows the leads whose routing changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from service.flows.leads.check_reporter import HeldTo
from service.flows.leads.merge_client import merge_client
from service.flows.leads.route_lead import route_open_leads
from service.flows.line.show_in_line import show_all_in_line
from service.leads.card import (
    Card,
    CardChange,
    changed_card,
    newest_contacts,
    with_task_closed,
    with_task_open,
)
from service.leads.context import Contact, CustomerContext
from service.leads.customer import Customer
from service.leads.errors import CustomerNotFound, NextleadError
from service.leads.identity import Evidence
from service.leads.lead import Lead, State
from service.leads.settlement import Outcome
from service.matching.marks import Mark, own_marks
from service.resources import Resources
from service.storage.customers.customers import find_card, locked_card, locked_open_leads, put_card
from service.storage.customers.marks import marks_of_card, put_shops_marks
from service.storage.customers.merges import whole_context, whole_of
from service.storage.database import Connection
from service.storage.leads.identities import note_talk

BESIDES_THE_NUMBER = (Evidence.PHONE, Evidence.MESSENGER, Evidence.EMAIL)
IDENTIFYING = {"phone", "email", "messengers"}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Changed:
    """A card after a change, whether it is new, and how many leads were rerouted."""

    card: Card
    created: bool
    rerouted: int


async def update_customer(
    resources: Resources,
    external_id: str,
    change: CardChange,
    author: str,
    held_to: HeldTo | None = None,
) -> Changed:
    """Store a change of a customer's card; their waiting, held and parked leads are rerouted.

    `held_to` reduces the change to what its sender may change of the card, or raises.
    """
    now = resources.clock.now()
    regions = await regions_of_shop(resources)
    async with resources.stores.database.transaction() as connection:
        whole = await whole_of(connection, external_id)
        leads = await locked_open_leads(connection, whole)
        existing = await locked_card(connection, external_id)
        if existing is not None and held_to is not None:
            change = held_to(existing, change, regions)
        card = changed_card(existing or Card(Customer(external_id)), change)
        created = existing is None
        if card != existing:
            card = replace(card, changed_at=now)
            await put_card(connection, card, now)
        if created or {*change.customer} & IDENTIFYING:
            marks = card_marks(card.customer, regions)
            await put_shops_marks(connection, external_id, marks, now)
        context = await whole_context(connection, whole) or card.context
        rerouted = await route_open_leads(connection, resources, leads, context, author)
    await show_all_in_line(resources, rerouted)
    if {*change.customer} & IDENTIFYING:
        await merge_client(resources, replace(card.customer, external_id=whole), author)
    rerouted += await reroute_client(resources, whole, author)  # leads that came meanwhile
    return Changed(card, created, len(rerouted))


async def regions_of_shop(resources: Resources) -> list[str]:
    """The regions of the queues; a telephone number without a + may belong to any of them."""
    bases = (await resources.stores.bases.all()).values()
    return sorted({basis.policy.region for basis in bases})


def card_marks(customer: Customer, regions: Iterable[str]) -> list[Mark]:
    """A card's own marks; its numbers are read for each region."""
    marks = {
        mark.identity: mark
        for region in regions
        for mark in own_marks(customer, region, BESIDES_THE_NUMBER)
    }
    return [*marks.values()]


@dataclass(frozen=True, slots=True)
class ViewedCard:
    """A card, and the marks by which its client is recognised."""

    card: Card
    marks: tuple[Mark, ...]


async def view_card(resources: Resources, external_id: str) -> ViewedCard:
    """A card with its marks; raises CustomerNotFound."""
    card = await view_customer(resources, external_id)
    async with resources.stores.database.transaction() as connection:
        return ViewedCard(card, tuple(await marks_of_card(connection, external_id)))


async def view_customer(resources: Resources, external_id: str) -> Card:
    """A customer's card; raises CustomerNotFound."""
    async with resources.stores.database.transaction() as connection:
        card = await find_card(connection, external_id)
    if card is None:
        raise CustomerNotFound(
            f"No customer is `{external_id}`; PUT /v1/customers/{external_id} makes one."
        )
    return card


async def store_on_card(
    resources: Resources,
    lead: Lead,
    requested: Mapping[str, Any],
    author: str,
    held_to: HeldTo | None = None,
) -> None:
    """Write what came with a lead on its client's card, with the lead's call task (B14)."""
    external_id, task = number_of_client(lead), lead.signal.task
    if external_id and (requested or task):
        call = task.as_call_task(task_id(lead)) if task else None
        change = CardChange(context=requested, task=call)
        await update_customer(resources, external_id, change, author, held_to)


async def note_end(
    connection: Connection, lead: Lead, operator: str, now: datetime, *, talked: bool
) -> None:
    """Note the end of a claim of a locked lead on the client's card.

    A talk is a contact of the operator (A9); without a card it is stored by the lead's marks. A
    call task is closed with its lead (B14). A sale marks the client as a buyer.
    """
    external_id = number_of_client(lead)
    card = await locked_card(connection, external_id) if external_id else None
    if card is None:
        if talked:
            await note_talk(connection, lead.id, operator, now)
        return
    context = context_after_end(card, lead, Contact(operator, now), talked=talked)
    if context != card.context:
        await put_card(connection, replace(card, context=context), now)


def context_after_end(
    card: Card, ended: Lead, contact: Contact, *, talked: bool
) -> CustomerContext:
    """The card's context after a claim of a lead of its client ended."""
    context = card.context
    if talked:
        context = replace(context, contacts=newest_contacts((contact, *context.contacts)))
    if ended.outcome == Outcome.WON:
        context = replace(context, bought_before=True)
    if ended.signal.task is not None and ended.state is State.SETTLED:
        context = with_task_closed(context, task_id(ended), contact.at)
    return context


async def close_task(connection: Connection, lead: Lead, now: datetime) -> None:
    """Close a call task on the card together with its lead, without a talk with the client."""
    await note_end(connection, lead, "nextlead", now, talked=False)


async def reopen_task(
    connection: Connection, lead: Lead, settled_at: datetime, now: datetime
) -> None:
    """Reopen a call task on the card that was closed with its lead (rule B14)."""
    external_id = number_of_client(lead)
    if external_id is None or lead.signal.task is None:
        return
    card = await locked_card(connection, external_id)
    if card is not None:
        context = with_task_open(card.context, task_id(lead), settled_at)
        await put_card(connection, replace(card, context=context), now)


async def follow_card(resources: Resources, lead: Lead, author: str) -> None:
    """Reroute a client's open leads by their card; a failure is only logged.

    It runs after the end of a claim changed the card, or while one of the leads came in.
    """
    external_id = number_of_client(lead)
    if external_id is None:
        return
    try:
        await reroute_client(resources, external_id, author)
    except NextleadError as error:
        log.warning("card.not_followed", lead_id=str(lead.id), why=str(error))


async def reroute_client(resources: Resources, external_id: str, author: str) -> list[Lead]:
    """Reroute a client's open leads by their card; return those whose routing changed."""
    async with resources.stores.database.transaction() as connection:
        leads = await locked_open_leads(connection, external_id)
        context = await whole_context(connection, external_id) if leads else None
        if context is None:
            return []
        rerouted = await route_open_leads(connection, resources, leads, context, author)
    await show_all_in_line(resources, rerouted)
    return rerouted


def number_of_client(lead: Lead) -> str | None:
    """The client's number in the shop's own system; None when the lead does not contain it."""
    return None if lead.signal.customer is None else lead.signal.customer.external_id


def task_id(lead: Lead) -> str:
    """The id of a lead's task on the client's card."""
    return lead.signal.external_id or str(lead.id)

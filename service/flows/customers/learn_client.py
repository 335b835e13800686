"""An operator learns who a client is while they hold the lead; the lead is then joined again.

One transaction writes Postgres only. It locks the lead and the client's other open leads together,
then their cards, then their marks, in the same order as incoming leads. What an operator says is
sure: the client's card learns every mark of the lead (A20).
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from service.flows.leads.marks_of_signal import joining_marks, marks_of_customer
from service.flows.leads.merge_leads import merge_leads
from service.flows.leads.store_change import store_change
from service.flows.leads.update_lead import check_known
from service.flows.line.show_in_line import show_all_in_line
from service.leads.customer import MAX_PHONES, Customer
from service.leads.errors import MoveNotAllowed, Overloaded, ScopeMissing
from service.leads.identity import Evidence
from service.leads.lead import MOVES, Lead, State
from service.matching.contacts import with_read_numbers
from service.matching.marks import Mark, read_phone
from service.resources import Resources
from service.storage.customer_columns import customer_column
from service.storage.customers.customers import locked_card
from service.storage.customers.marked_cards import lock_cards
from service.storage.customers.marks import learn_marks
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks, leads_of_marks
from service.storage.leads.leads import find_many
from service.storage.leads.merge_target import lock_merge_target, merge_target_id

MAX_TRIES = 5  # while further leads of the client come in
LEARNT = "the operator learnt who the client is"


async def learn_client(
    resources: Resources, lead_id: UUID, named: Customer, sender: Sender, *, held_only: bool
) -> Lead:
    """Store the number, name or address that a client gave, and return the lead.

    Raises LeadNotFound, and MoveNotAllowed when the lead is over. With `held_only`, raises
    ScopeMissing when nobody holds the lead.
    """
    for _ in range(MAX_TRIES):
        async with resources.stores.database.transaction() as connection:
            locked = await _locked(connection, resources, lead_id, named)
            if locked is None:
                continue
            await check_known(connection, locked[0], sender)
            _check(locked[0], held_only=held_only)
            changed = await _learn(connection, resources, *locked, named, sender)
        await show_all_in_line(resources, changed)
        return changed[0]
    raise Overloaded("Leads of the client come in all the time; ask again in a moment.")


async def _learn(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    others: list[Lead],
    named: Customer,
    sender: Sender,
) -> list[Lead]:
    basis = await resources.stores.bases.of(lead.signal.queue)
    customer = with_named(lead.signal.customer, named, basis.policy.region)
    lead = await _store(connection, resources, lead, customer, sender)
    clients = [item.signal.customer for item in (lead, *others)]
    await lock_cards(connection, [client.external_id for client in clients if client])
    marks = marks_of_customer(lead.signal.customer, basis)
    await add_marks(connection, lead, joining_marks(marks, basis))
    changed = await merge_leads(connection, resources, lead, others, sender.name)
    await _teach(connection, resources, changed[0], marks)
    return changed


def with_named(existing: Customer | None, named: Customer, region: str) -> Customer:
    """The client as the operator says; numbers that were known before stay as further ones."""
    client, named = existing or Customer(), with_read_numbers(named, region)
    phones = [named.phone, *named.phones, client.phone, *client.phones]
    each: dict[str, str] = {}
    for item in phones:
        if item:
            each.setdefault(read_phone(item, region) or item, item)
    numbers = tuple(each.values())[:MAX_PHONES]
    return replace(
        client,
        name=named.name or client.name,
        email=named.email or client.email,
        messengers={**(client.messengers or {}), **(named.messengers or {})} or None,
        phone=numbers[0] if numbers else None,
        phones=numbers[1:],
    )


async def _locked(
    connection: Connection, resources: Resources, lead_id: UUID, named: Customer
) -> tuple[Lead, list[Lead]] | None:
    """Lock the lead and the other open leads with the same marks, all in one order.

    None when another lead of the client came before the lock was taken.
    """
    (lead,) = await find_many(connection, [await merge_target_id(connection, lead_id)])
    basis = await resources.stores.bases.of(lead.signal.queue)
    read = with_read_numbers(named, basis.policy.region)
    marks = joining_marks(marks_of_customer(read, basis), basis)
    found = await leads_of_marks(connection, lead.signal.queue, marks)
    lead, others = await lock_merge_target(connection, lead.id, {*found})
    again = await leads_of_marks(connection, lead.signal.queue, marks)
    return None if {*again} - {*found, lead.id} else (lead, others)


def _check(lead: Lead, *, held_only: bool) -> None:
    if not MOVES[lead.state]:
        raise MoveNotAllowed(f"The lead is {lead.state}; a new signal opens a new one.")
    if held_only and lead.state is not State.CLAIMED:
        raise ScopeMissing("Without the scope `intake` only a lead that is held is changed.")


async def _store(
    connection: Connection, resources: Resources, lead: Lead, customer: Customer, sender: Sender
) -> Lead:
    if customer == lead.signal.customer:
        return lead
    situation = replace(lead.situation, signal=replace(lead.signal, customer=customer))
    event = LeadEvent("lead.changed", resources.clock.now(), sender.name, LEARNT)
    facts: dict[str, Any] = {"customer": customer_column(customer)}
    return await store_change(connection, resources, lead, situation, event, reported=facts)


async def _teach(
    connection: Connection, resources: Resources, lead: Lead, marks: tuple[Mark, ...]
) -> None:
    """Add all marks of the lead to the client's card."""
    client = lead.signal.customer
    if client is None or client.external_id is None:
        return
    if await locked_card(connection, client.external_id) is None:
        return
    besides = [mark for mark in marks if mark.evidence is not Evidence.CUSTOMER]
    await learn_marks(connection, client.external_id, besides, resources.clock.now())

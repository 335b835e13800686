"""A client becomes known: their open leads are merged (rule A20).

The shop's own system or an operator names a messenger id, a telephone number or an address; it
shows that other leads belong to the client. Each queue has its own transaction. After an
interruption, the same call finds what is left to do.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.flows.leads.marks_of_signal import joining_marks, marks_of_customer
from service.flows.leads.merge_leads import merge_leads, target_of
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_all_in_line
from service.leads.customer import Customer
from service.leads.lead import MOVES, Lead
from service.matching.accounts import same_client
from service.matching.marks import Mark
from service.matching.recognition import recognise
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.customer_columns import customer_column
from service.storage.customers.marks import marks_of_card
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import (
    add_marks,
    leads_of_marks,
    lock_leads,
    marks_of_leads,
)
from service.storage.policies.queue_context import QueueContext

KNOWN_NOW = "the client is known now"


async def merge_client(resources: Resources, customer: Customer, actor: str) -> None:
    """Give a customer all their open leads, and merge them to one in each queue."""
    changed: list[Lead] = []
    for queue in await resources.stores.directory.queue_names():
        changed += await _merge_in(resources, queue, customer, actor)
    await show_all_in_line(resources, changed)


async def _merge_in(resources: Resources, queue: str, customer: Customer, actor: str) -> list[Lead]:
    basis = await resources.stores.bases.of(queue)
    async with resources.stores.database.transaction() as connection:
        marks = await _marks(connection, customer, basis)
        found = await leads_of_marks(connection, queue, marks)
        leads = [lead for lead in await lock_leads(connection, found) if MOVES[lead.state]]
        theirs = await marks_of_leads(connection, [lead.id for lead in leads])
        leads = [
            lead
            for lead in leads
            if await _is_of(resources, queue, theirs[lead.id], customer)
            and are_one_client(theirs[lead.id], marks)
        ]
        if not leads:
            return []
        target, others = target_of(leads, found)
        existing = await _know(connection, resources, target, customer, actor)
        await add_marks(connection, existing, marks)
        merged = await merge_leads(connection, resources, existing, others, actor)
    return merged if merged != [target] else []


async def _marks(connection: Connection, customer: Customer, basis: QueueContext) -> Sequence[Mark]:
    """The marks that were sent now, and all that the card had before."""
    marks = {mark.identity: mark for mark in marks_of_customer(customer, basis)}
    if customer.external_id is not None:
        for mark in await marks_of_card(connection, customer.external_id):
            if mark.identity not in basis.nobodys:
                marks.setdefault(mark.identity, mark)
    return joining_marks(marks.values(), basis)


async def _is_of(
    resources: Resources, queue: str, marks: Sequence[Mark], customer: Customer
) -> bool:
    """Whether a lead's marks belong to this client's card or to no card."""
    known = await resources.stores.marked_cards.of(queue, tuple(mark.identity for mark in marks))
    found = recognise(marks, known.cards)
    return found.how is None or (
        found.card is not None and found.card.external_id == customer.external_id
    )


async def _know(
    connection: Connection, resources: Resources, lead: Lead, customer: Customer, actor: str
) -> Lead:
    region = (await resources.stores.bases.of(lead.signal.queue)).policy.region
    reported = same_client(lead.signal.customer, customer, region)
    if reported == lead.signal.customer:
        return lead
    situation = replace(lead.situation, signal=replace(lead.signal, customer=reported))
    event = LeadEvent("lead.changed", resources.clock.now(), actor, KNOWN_NOW)
    facts = {"customer": customer_column(customer)}
    return await store_change(connection, resources, lead, situation, event, reported=facts)

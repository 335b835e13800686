"""A client who was known only by a nickname is known now: his open leads are one (rule A20).

What the shop's own system says of a customer shows that other leads are his: a messenger's id, a
telephone number, an address. One queue, one transaction; stopping in between loses nothing, for
whoever says it again finds what is left to do.
"""

from dataclasses import asdict, replace

from service.flows.leads.merge_leads import merge_leads, target_of
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_all_in_line
from service.leads.customer import Customer
from service.leads.lead import MOVES, Lead
from service.matching.find_identities import find_identities
from service.matching.joining import are_two_clients, same_client
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_identities, leads_of_identities, lock_leads

KNOWN_NOW = "the client is known now"


async def merge_client(resources: Resources, customer: Customer, actor: str) -> None:
    """Let all open leads of a customer be his, and one in each queue."""
    changed: list[Lead] = []
    for queue in await resources.stores.directory.queue_names():
        changed += await _merge_in(resources, queue, customer, actor)
    await show_all_in_line(resources, changed)


async def _merge_in(resources: Resources, queue: str, customer: Customer, actor: str) -> list[Lead]:
    policy = (await resources.stores.bases.of(queue)).policy
    identities = find_identities(customer, policy.region, policy.joins_by)
    if not identities:
        return []
    async with resources.stores.database.transaction() as connection:
        found = await leads_of_identities(connection, queue, identities)
        leads = [
            lead
            for lead in await lock_leads(connection, found.values())
            if MOVES[lead.state] and not are_two_clients(lead.signal.customer, customer)
        ]
        if not leads:
            return []
        target, others = target_of(leads, found)
        existing = await _know(connection, resources, target, customer, actor)
        await add_identities(connection, existing, identities)
        merged = await merge_leads(connection, resources, existing, others, actor)
    return merged if merged != [target] else []


async def _know(
    connection: Connection, resources: Resources, lead: Lead, customer: Customer, actor: str
) -> Lead:
    reported = same_client(lead.signal.customer, customer)
    if reported == lead.signal.customer:
        return lead
    situation = replace(lead.situation, signal=replace(lead.signal, customer=reported))
    event = LeadEvent("lead.changed", resources.clock.now(), actor, KNOWN_NOW)
    facts = {"customer": asdict(customer)}
    return await store_change(connection, resources, lead, situation, event, reported=facts)

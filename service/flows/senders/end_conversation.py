"""A client left a conversation with a sender before anybody worked on it.

A client who can be reached is worked on later, without hurry; otherwise the lead is lost. Postgres
first, then the line. The departure may come before the client's message, so it is stored.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.adapters.inbound_event import ConversationEnded
from service.adapters.source import Source
from service.flows.claims.end_live_leads import is_reachable
from service.flows.leads.settle_unheld import settle_unheld
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_all_in_line
from service.leads.identity import Evidence
from service.leads.lead import FREE, Kind, Lead, Signal
from service.leads.settlement import Outcome
from service.matching.marks import PROVEN, mark_of
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import leads_of_marks, lock_leads
from service.storage.senders.ended_conversations import departures_of, note_departure

LEFT = "the client left the conversation"


async def end_conversation(
    resources: Resources, source: Source, left: ConversationEnded
) -> UUID | None:
    """Note the departure and return the client's open lead, if any; later messages stay."""
    identity = messenger_identity(left.messenger, left.client)
    async with resources.stores.database.transaction() as connection:
        await note_departure(connection, source.name, identity, left.at)
    return await _follow(resources, source, left.messenger, identity, left.at)


async def follow_departure(resources: Resources, source: Source, signal: Signal) -> None:
    """Apply a departure that came before the client's message."""
    messengers = (signal.customer and signal.customer.messengers) or {}
    of_identity = {messenger_identity(*messenger): messenger[0] for messenger in messengers.items()}
    if of_identity:
        left = await departures_of(resources.stores.database, source.name, [*of_identity])
        for identity, at in left.items():
            await _follow(resources, source, of_identity[identity], identity, at)


def messenger_identity(messenger: str, client: str) -> str:
    """The identity of a client by their id at a messenger."""
    return f"{Evidence.MESSENGER}:{messenger}:{client}"


async def _follow(
    resources: Resources, source: Source, messenger: str, identity: str, at: datetime
) -> UUID | None:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        found: set[UUID] = set()
        for queue in source.queues:
            found |= {*await leads_of_marks(connection, queue, [mark_of(identity, PROVEN)])}
        leads = await lock_leads(connection, found)
        event = LeadEvent("lead.changed", now, source.name, LEFT)
        left = [
            await _leave(connection, resources, lead, messenger, event)
            for lead in leads
            if _waits_in_chat(lead) and lead.situation.asked_at <= at
        ]
    await show_all_in_line(resources, left)
    return leads[0].id if leads else None


def _waits_in_chat(lead: Lead) -> bool:
    return lead.state in FREE and lead.ranking.kind is Kind.CHAT


async def _leave(
    connection: Connection, resources: Resources, lead: Lead, messenger: str, event: LeadEvent
) -> Lead:
    region = (await resources.stores.bases.of(lead.signal.queue)).policy.region
    if is_reachable(lead.signal, region, messenger):
        later = replace(lead.signal, kind=Kind.OFFLINE)
        situation = replace(lead.situation, signal=later)
        return await store_change(connection, resources, lead, situation, event)
    details = {"outcome": Outcome.LOST.value}
    gone = replace(event, type="lead.settled", details=details)
    return await settle_unheld(connection, lead, Outcome.LOST, gone)

"""Calls and visits whose end nobody reports end after the policy's minutes (A8, A3).

Without an answer, a call becomes a missed call. A visitor waits as one who left if they can be
reached, else the lead is lost. After an answer, the talk is over. Each lead has its own
transaction: Postgres first, then the line.
"""

from uuid import UUID

import structlog

from service.flows.claims.end_talk import end_talk, show_end_of_talk, was_answered
from service.flows.leads.settle_unheld import settle_unheld
from service.leads.lead import Kind, Lead, Signal, State
from service.leads.settlement import Outcome
from service.resources import Resources
from service.rules.policy import Policy
from service.storage.database import Connection
from service.storage.leads.calls import live_over
from service.storage.leads.claim_events import CHANGED
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import locked_if_free
from service.text.recognition import recognise

log = structlog.get_logger()

BATCH = 200
NO_END = "nobody told of the end"
GONE = "the visitor left and cannot be reached"


async def end_live_leads(resources: Resources) -> None:
    """End what was live for too long, in every queue."""
    for queue, basis in (await resources.stores.bases.all()).items():
        now, database = resources.clock.now(), resources.stores.database
        for lead_id in await live_over(database, queue, basis.policy, now, BATCH):
            await _end(resources, lead_id, basis.policy)


async def _end(resources: Resources, lead_id: UUID, policy: Policy) -> None:
    async with resources.stores.database.transaction() as connection:
        lead = await locked_if_free(connection, lead_id)
        if lead is None or not lead.signal.live:
            return  # another process is changing it
        ended = await _end_locked(connection, resources, lead, policy)
    log.info("lead.live_ended", lead_id=str(lead_id), state=ended.state.value)
    await show_end_of_talk(resources, ended)


async def _end_locked(
    connection: Connection, resources: Resources, lead: Lead, policy: Policy
) -> Lead:
    now = resources.clock.now()
    visits = lead.ranking.kind is Kind.OFFICE and lead.state is State.WAITING
    if visits and not was_answered(lead) and not is_reachable(lead.signal, policy.region):
        event = LeadEvent("lead.settled", now, "nextlead", GONE, {"outcome": Outcome.LOST.value})
        return await settle_unheld(connection, lead, Outcome.LOST, event)
    event = LeadEvent(CHANGED, now, "nextlead", NO_END)
    return await end_talk(connection, resources, lead, event, missed=False)


def is_reachable(signal: Signal, region: str, without: str | None = None) -> bool:
    """Whether the client can be reached: by phone, e-mail, card, messenger, or a number in text.

    The messenger `without` does not count: the client has just left it.
    """
    client = signal.customer
    if signal.text and recognise(signal.text, region, None).phones:
        return True
    if client is None:
        return False
    others = {*(client.messengers or ())} - {without}
    return bool(client.phone or client.email or client.external_id or others)

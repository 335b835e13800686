"""All operators who could take a lead declined it: report that, and offer it again later.

It is offered to the operator who declined first: after the policy's minutes, or when the client
writes more. An operator who comes on shift meanwhile gets it as usual. Postgres first; then the
line.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from service.flows.line.find_staff import find_staff
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead, RankingInput, State
from service.leads.routing import Routing
from service.resources import Resources
from service.rules.audience import is_declined_by_all
from service.rules.lane_names import lane_of
from service.rules.staff import HEAD_OF_SALES
from service.storage.database import Connection
from service.storage.leads.claims import waiting_lanes
from service.storage.leads.declined import due_offers, waiting_in_lane
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, change, locked_if_free

DECLINED_BY_ALL, OFFERED_AGAIN = "lead.declined_by_all", "lead.routed"
BATCH = 200


async def note_declined_by_all(connection: Connection, resources: Resources, lead: Lead) -> Lead:
    """Report that nobody on shift is left for a locked, waiting lead; else it stays unchanged."""
    staff = await find_staff(resources, lead.signal.queue)
    if lead.offer_again_at is not None or not is_declined_by_all(lane_of(lead.ranking.lane), staff):
        return lead
    now, policy = resources.clock.now(), (await resources.stores.bases.of(lead.signal.queue)).policy
    again_at = now + timedelta(minutes=policy.declined_again_minutes)
    details = {"declined_by": list(lead.situation.routing.declined_by), "again_at": again_at}
    event = LeadEvent(DECLINED_BY_ALL, now, "nextlead", "all who could take it declined", details)
    return await alter(connection, lead, event, {"offer_again_at": again_at})


async def watch_declined(resources: Resources) -> None:
    """Report leads whose last possible operators went off shift."""
    for queue in await resources.stores.bases.all():
        staff = await find_staff(resources, queue)
        for name in await waiting_lanes(resources.stores.database, queue):
            if is_declined_by_all(lane_of(name), staff):
                await _tell_in_lane(resources, queue, name)


async def _tell_in_lane(resources: Resources, queue: str, lane: str) -> None:
    for lead_id in await waiting_in_lane(resources.stores.database, queue, lane, BATCH):
        async with resources.stores.database.transaction() as connection:
            lead = await locked_if_free(connection, lead_id)
            if lead is None or lead.state is not State.WAITING or lead.ranking.lane != lane:
                continue
            lead = await note_declined_by_all(connection, resources, lead)
        await show_in_line(resources, lead)


async def offer_declined_again(resources: Resources) -> None:
    """Offer leads to the operator on shift who declined first; wait while there is none."""
    for lead_id in await due_offers(resources.stores.database, resources.clock.now(), BATCH):
        async with resources.stores.database.transaction() as connection:
            lead = await locked_if_free(connection, lead_id)
            if lead is None or lead.state is not State.WAITING or lead.offer_again_at is None:
                continue
            lead = await _offer(connection, resources, lead, resources.clock.now())
        await show_in_line(resources, lead)


async def _offer(connection: Connection, resources: Resources, lead: Lead, now: datetime) -> Lead:
    basis = await resources.stores.bases.of(lead.signal.queue)
    names = await _to_ask_again(resources, lead)
    if not names:
        later = now + timedelta(minutes=basis.policy.declined_again_minutes)
        return await change(connection, lead, {"offer_again_at": later}, now)
    routing = _asked_again(lead.situation.routing, names)
    changes = place_in_line(lead, routing, basis, now) | {"offer_again_at": None}
    details = {"operator": names[0], "offered_to": names}
    event = LeadEvent(OFFERED_AGAIN, now, "nextlead", "offered again to who declined", details)
    return await alter(connection, lead, event, changes)


async def with_offer(resources: Resources, lead: Lead, situation: RankingInput) -> RankingInput:
    """Offer a lead that all declined again, because its client wrote more; return the situation."""
    if lead.offer_again_at is None:
        return situation
    names = await _to_ask_again(resources, lead)
    return replace(situation, routing=_asked_again(situation.routing, names))


async def _to_ask_again(resources: Resources, lead: Lead) -> list[str]:
    """The operator on shift who declined first, and the heads of sales who declined."""
    staff = await find_staff(resources, lead.signal.queue)
    declined = [name for name in lead.situation.routing.declined_by if name in staff.at_work]
    heads = [name for name in declined if HEAD_OF_SALES in staff.at_work[name].skills]
    return list(dict.fromkeys((*declined[:1], *heads)))


def _asked_again(routing: Routing, names: Iterable[str]) -> Routing:
    for name in names:
        routing = routing.offered_again(name)
    return routing

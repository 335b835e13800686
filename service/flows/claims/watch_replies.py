"""An unanswered chat goes back to the line; its holder is warned a minute before (A19).

Only where the source reports our side's answers, and never during a call. Each chat has its own
transaction: Postgres first, then the line.
"""

from datetime import datetime, timedelta

from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.find_staff import find_staff
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead, State
from service.leads.routing import MAX_DECLINERS
from service.resources import Resources
from service.rules.audience import is_declined_by_all
from service.rules.lane_names import lane_of
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move
from service.storage.leads.replies import (
    UnansweredChat,
    list_unanswered,
    locked_unanswered,
    unanswered_since,
    warn_holder,
)

BATCH = 200


async def watch_replies(resources: Resources) -> None:
    """Warn silent holders, and take back chats that stay unanswered."""
    for queue, basis in (await resources.stores.bases.all()).items():
        within = basis.policy.reply_within
        if within is None:
            continue
        now, database = resources.clock.now(), resources.stores.database
        for found in await list_unanswered(database, queue, now, within, BATCH):
            if found.since + within <= now:
                await _take_back(resources, found)
            elif not found.warned:
                await _warn(resources, found, within)


async def view_reply_due(resources: Resources, lead: Lead) -> datetime | None:
    """When the holder of a chat must answer at the latest; None when no answer is awaited."""
    within = (await resources.stores.bases.of(lead.signal.queue)).policy.reply_within
    if within is None or lead.claim is None:
        return None
    now = resources.clock.now()
    since = await unanswered_since(resources.stores.database, lead.id, now)
    return None if since is None else since + within


async def _warn(resources: Resources, found: UnansweredChat, within: timedelta) -> None:
    async with resources.stores.database.transaction() as connection:
        lead = await locked_unanswered(connection, found)
        if lead is not None:
            now = resources.clock.now()
            await warn_holder(connection, lead, found, found.since + within, now)


async def _take_back(resources: Resources, found: UnansweredChat) -> None:
    """Put the chat back in its place with its age, for others if there are any.

    The silent holder is asked again later, like an operator who declined.
    """
    async with resources.stores.database.transaction() as connection:
        lead = await locked_unanswered(connection, found)
        if lead is None or lead.claim is None:
            return
        claim, details = lead.claim, {"operator": found.operator}
        now, reason = resources.clock.now(), "the client was not answered in time"
        event = LeadEvent("lead.lease_ended", now, "nextlead", reason, details)
        changes = await _for_others(resources, lead, found.operator)
        lead = await move(connection, lead, State.WAITING, event, changes)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)


async def _for_others(resources: Resources, lead: Lead, silent: str) -> dict[str, object]:
    """Keep the lead from the silent holder for now; no change if no other operator may take it."""
    if len(lead.situation.routing.declined_by) >= MAX_DECLINERS:
        return {}
    basis = await resources.stores.bases.of(lead.signal.queue)
    routing, now = lead.situation.routing.declined(silent), resources.clock.now()
    changes = place_in_line(lead, routing, basis, now)
    staff = await find_staff(resources, lead.signal.queue)
    nobody = is_declined_by_all(lane_of(str(changes["lane"])), staff)
    return {} if nobody else changes

"""What an operator holds stands still while a live client is on top of it (rule A7).

The lease of a paused lead does not end: it begins again when the one on top has ended, however it
ended. Who ends it lets the others go on at once; what that misses, `keep_in_step` repeats.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import Claim, Lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import all_paused, locked_with_held
from service.storage.leads.leads import alter, count_held

# Should even the repair fail, a client is not forgotten for ever.
AT_MOST = timedelta(days=1)


async def pause_held(
    connection: Connection, held: Sequence[Lead], operator: str, now: datetime
) -> list[Lead]:
    """Let what an operator holds stand still; the leads must be locked, under their own lock."""
    event = LeadEvent("lead.paused", now, operator, "a live client came on top (A7)")
    still = {"paused_since": now, "on_top": False, "lease_until": now + AT_MOST}
    return [await alter(connection, item, event, still) for item in held if not _is_paused(item)]


async def let_held_go_on(resources: Resources, ended: Claim) -> None:
    """After a claim has ended: what it was on top of goes on, with a fresh lease."""
    if ended.on_top:
        await _go_on(resources, ended.operator)


async def let_paused_go_on(resources: Resources) -> None:
    """Whatever was on top ended without anybody who let the others go on: do it now."""
    async with resources.stores.database.transaction() as connection:
        operators = await all_paused(connection)
    for name in operators:
        await _go_on(resources, name)


async def _go_on(resources: Resources, operator: str) -> None:
    now, bases = resources.clock.now(), resources.stores.bases
    event = LeadEvent("lead.resumed", now, operator, "nobody is on top any more")
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, operator)  # nobody else comes on top meanwhile
        _, held = await locked_with_held(connection, operator)
        if not all(_is_paused(item) for item in held):
            return
        going = []
        for item in held:
            lease = (await bases.of(item.signal.queue)).policy.lease
            again = {"paused_since": None, "lease_until": now + lease}
            going.append(await alter(connection, item, event, again))
    await show_all_in_line(resources, going)


def _is_paused(lead: Lead) -> bool:
    return lead.claim is not None and lead.claim.paused_since is not None

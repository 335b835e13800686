"""The leads that an operator holds are paused while a live client is on top of them (rule A7).

The lease of a paused lead does not end. It starts again when the lead on top has ended in any way.
The flow that ends it resumes the others at once; if it fails, `keep_in_step` does it.
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

# Even if that repair fails, a client is not forgotten for ever.
AT_MOST = timedelta(days=1)


async def pause_held(
    connection: Connection, held: Sequence[Lead], operator: str, now: datetime
) -> list[Lead]:
    """Pause the leads that an operator holds; the operator and the leads must be locked."""
    event = LeadEvent("lead.paused", now, operator, "a live client came on top (A7)")
    still = {"paused_since": now, "on_top": False, "lease_until": now + AT_MOST}
    return [await alter(connection, item, event, still) for item in held if not _is_paused(item)]


async def let_held_go_on(resources: Resources, ended: Claim) -> None:
    """After a claim ended, resume the leads that it was on top of, with a new lease."""
    if ended.on_top:
        await _go_on(resources, ended.operator)


async def let_paused_go_on(resources: Resources) -> None:
    """Resume paused leads whose lead on top ended without resuming them."""
    for name in await all_paused(resources.stores.database):
        await _go_on(resources, name)


async def _go_on(resources: Resources, operator: str) -> None:
    now, bases = resources.clock.now(), resources.stores.bases
    event = LeadEvent("lead.resumed", now, operator, "nobody is on top any more")
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, operator)  # no other lead comes on top meanwhile
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

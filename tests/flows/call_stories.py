"""Short ways to say what the telephony and who is on the line do."""

import asyncio
from typing import Any

from stories import Receive, on_shift

from service.flows.claims.report_call_event import report_call_event
from service.flows.leads.view_leads import view_held
from service.leads.call import CallEvent, CallNews
from service.leads.lead import Channel, Lead
from service.resources import Resources
from service.storage.leads.duplicates import Sender

TELEPHONY = Sender("telephony", may_read=True)
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def at_work(resources: Resources, *operators: str) -> None:
    """The operators are online, and everybody knows it."""
    await on_shift(resources, *operators)
    resources.stores.directory.forget()


async def report(
    resources: Resources, lead: Lead, event: str, operator: str | None = None, **sent: Any
) -> Lead:
    """The telephony tells of a call; now, unless another time is said."""
    at = sent.get("at", resources.clock.now())
    news = CallNews(CallEvent(event), at, operator)
    return await report_call_event(resources, lead.id, news, TELEPHONY)


async def a_call(receive: Receive, **sent: Any) -> Lead:
    """A client who is on the line."""
    return await receive(channel=Channel.PHONE, live=True, **sent)


async def on_hand(resources: Resources, operator: str) -> dict[str, str]:
    """What an operator holds: the lead's id and whether it is on top, paused, or neither."""
    found = {}
    for item in await view_held(resources, operator):
        assert item.claim is not None
        state = "on top" if item.claim.on_top else "held"
        found[str(item.id)] = "paused" if item.claim.paused_since else state
    return found


async def in_the_way(resources: Resources, work: "asyncio.Task[Any]") -> None:
    """Let somebody go on until he has to wait for another's transaction, or has finished."""
    async with asyncio.timeout(10):
        while not work.done():
            if (await resources.stores.database.fetch(WAITING))[0]["count"]:
                return

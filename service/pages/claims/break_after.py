"""A break that begins when a lead in hand ends, kept with the person's settings."""

from dataclasses import dataclass

from service.flows.leads.view_leads import view_held
from service.flows.operators.change_presence import change_presence
from service.flows.operators.reader_settings import change_settings, view_settings
from service.flows.operators.view_operators import view_operator
from service.leads.errors import ClaimGone
from service.leads.operator import Presence
from service.pages.reader import PageCall

KEY = "break_after"


@dataclass(frozen=True, slots=True)
class PlannedBreak:
    """The id of the lead after which a break begins, and the reason of the break."""

    lead: str
    reason: str | None


async def plan_break(call: PageCall, lead: str, reason: str | None) -> None:
    """Plan a break after a lead in hand; raises ClaimGone when the operator does not hold it."""
    if not await _is_held(call, lead):
        raise ClaimGone("The lead is not in your hands any more.")
    planned = {"operator": call.operator, "lead": lead, "reason": reason}
    await change_settings(call.resources, call.session.person, {KEY: planned})


async def drop_break(call: PageCall) -> None:
    """Drop the plan, if there is one."""
    if await _planned(call) is not None:
        await change_settings(call.resources, call.session.person, {KEY: None})


async def break_ahead(call: PageCall) -> PlannedBreak | None:
    """The break that is still ahead. If its lead is over, however that came, it begins now.

    Who has gone off shift meanwhile, or has a break already, gets none.
    """
    planned = await _planned(call)
    if planned is None or await _is_held(call, planned.lead):
        return planned
    await drop_break(call)
    at_work = await view_operator(call.resources, call.operator)
    gone = at_work.operator.status in (Presence.BREAK, Presence.AWAY)
    if not gone and at_work.presence is not Presence.OFFLINE:
        await change_presence(call.resources, call.operator, Presence.BREAK, planned.reason)
    return None


async def _planned(call: PageCall) -> PlannedBreak | None:
    kept = (await view_settings(call.resources, call.session.person)).get(KEY)
    if not kept or kept["operator"] != call.operator:
        return None
    return PlannedBreak(kept["lead"], kept["reason"])


async def _is_held(call: PageCall, lead: str) -> bool:
    held = await view_held(call.resources, call.operator)
    return any(str(item.id) == lead for item in held)

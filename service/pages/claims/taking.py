"""An operator comes, goes, and takes leads. Tokens of claims never leave the server."""

from starlette.responses import Response

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.claims.take_on_top import take_on_top
from service.flows.operators.change_presence import change_presence
from service.leads.operator import Presence
from service.pages.catalogue import translator
from service.pages.claims.acting import lead_id_of, tried
from service.pages.claims.break_after import drop_break, plan_break
from service.pages.names import NAMES
from service.pages.reader import PageCall


async def take_next(call: PageCall) -> Response:
    """Take the lead that is worth most now."""

    async def take() -> str:
        served = await claim_next(call.resources, call.operator)
        say = translator(call.reader.language)
        return say("Taken") if served.lead else say("Nothing for you now")

    return await tried(call, take)


async def take_live(call: PageCall) -> Response:
    """Take a live client on top of the leads held (A7)."""

    async def take() -> str:
        served = await take_on_top(call.resources, call.operator)
        say = translator(call.reader.language)
        return say("Taken") if served.lead else say("Answered elsewhere")

    return await tried(call, take)


async def take_lead(call: PageCall) -> Response:
    """Take a lead out of turn, or one back that was lost while it was worked on."""

    async def take() -> str:
        await claim_lead(call.resources, lead_id_of(call), call.operator)
        return translator(call.reader.language)("Taken")

    return await tried(call, take)


async def change_status(call: PageCall) -> Response:
    """Change presence: come, take a break, go.

    With `after`, a break begins when that lead ends; an empty `after` drops such a plan.
    """

    async def change() -> str:
        if "after" in call.form:
            return await _plan(call)
        await drop_break(call)
        status = call.text("status")
        allowed = {item.value for item in Presence}
        presence = Presence(status if status in allowed else "online")
        reason = _reason(call) if presence is Presence.BREAK else None
        await change_presence(call.resources, call.operator, presence, reason)
        say = translator(call.reader.language)
        return say(NAMES["presence"][presence.value])

    return await tried(call, change)


async def _plan(call: PageCall) -> str:
    say = translator(call.reader.language)
    if lead := call.text("after"):
        await plan_break(call, lead, _reason(call))
        return say("Break after this one")
    await drop_break(call)
    return say("No break after this one")


def _reason(call: PageCall) -> str | None:
    reason = call.text("reason")
    return reason if reason in NAMES["break"] else None

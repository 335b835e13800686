"""Ends claims at the desk. Tokens of claims never leave the server."""

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from service.flows.claims.check_handover import Handover
from service.flows.claims.claim_next import claim_next
from service.flows.claims.decline_claim import decline_claim
from service.flows.claims.park_claim import Parking, park_claim
from service.flows.claims.release_claim import release_claim
from service.flows.claims.renew_claim import renew_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.transfer_claim import transfer_claim
from service.flows.claims.undo_at_desk import remember_end, undo_at_desk
from service.flows.leads.view_leads import view_lead
from service.leads import errors
from service.leads.errors import ClaimGone, InvalidRequest
from service.leads.lead import Claim, Lead, State
from service.leads.settlement import Outcome
from service.leads.show import SHOW_TEAM
from service.pages.catalogue import translator
from service.pages.claims.acting import (
    MAX_WORDS,
    guarded_act,
    lead_id_of,
    on_held,
    required_words,
    tried,
)
from service.pages.claims.callbacks import chosen_moment
from service.pages.claims.desk import done
from service.pages.claims.settle_form import settlement_of
from service.pages.claims.show_form import show_of_form
from service.pages.names import NAMES
from service.pages.reader import PageCall


async def settle(call: PageCall) -> Response:
    """Settle the lead; `next` takes the next one at once. Sent twice, it is done once."""

    async def end(call: PageCall, lead: Lead, claim: Claim) -> str:
        basis = await call.resources.stores.bases.of(lead.signal.queue)
        queue = await call.resources.stores.directory.queue(lead.signal.queue)
        now, zone = call.resources.clock.now(), ZoneInfo(queue.time_zone)
        prefix = "later_" if call.text("outcome") == Outcome.WILL_THINK else ""
        at = chosen_moment(call, basis.policy.hours, zone, now, prefix)
        ending = settlement_of(call, at)
        ended = await settle_claim(call.resources, lead.id, claim.token, ending)
        await remember_end(call.resources, ended, claim, ending.outcome)
        return translator(call.reader.language)(NAMES["outcome"][ending.outcome.value])

    try:
        answer = await on_held(call, end)
    except ClaimGone:
        if not await _is_ended_so(call):
            raise
        answer = translator(call.reader.language)("Done")
    if call.text("then") == "next":
        await claim_next(call.resources, call.operator)
    return done(call, answer)


async def undo(call: PageCall) -> Response:
    """Undo the last settlement, for half a minute."""

    async def take_back() -> str:
        await undo_at_desk(call.resources, call.operator)
        return translator(call.reader.language)("It is yours again")

    return await tried(call, take_back)


async def park(call: PageCall) -> Response:
    """Put the lead aside until a time."""

    async def put_off(call: PageCall, lead: Lead, claim: Claim) -> str:
        until = await _moment(call, lead)
        parking = Parking(until, required_words(call, "note"))
        await park_claim(call.resources, lead.id, claim.token, parking)
        return translator(call.reader.language)("Put off")

    return done(call, await on_held(call, put_off))


async def transfer(call: PageCall) -> Response:
    """Hand the lead over with a note: to a person, a skill or another queue."""

    async def hand(call: PageCall, lead: Lead, claim: Claim) -> str:
        await transfer_claim(call.resources, lead.id, claim.token, _handover_of(call))
        return translator(call.reader.language)("Handed over")

    return done(call, await on_held(call, hand))


def _handover_of(call: PageCall) -> Handover:
    kind, _, name = call.text("to").partition(":")
    target = {kind: name} if kind in ("operator", "skill", "queue") and name else {}
    note = call.text("note")[:MAX_WORDS] or None
    show = show_of_form(call) if target.get("skill") == SHOW_TEAM else None
    return Handover(**target, note=note, show=show)


async def decline(call: PageCall) -> Response:
    """Decline the lead with a reason. It waits for others."""

    async def refuse(call: PageCall, lead: Lead, claim: Claim) -> str:
        await decline_claim(call.resources, lead.id, claim.token, required_words(call, "reason"))
        return translator(call.reader.language)("Declined")

    return done(call, await on_held(call, refuse))


async def release(call: PageCall) -> Response:
    """Give the lead back to the line."""

    async def give_back(call: PageCall, lead: Lead, claim: Claim) -> str:
        reason = call.text("reason")[:MAX_WORDS] or None
        await release_claim(call.resources, lead.id, claim.token, reason)
        return translator(call.reader.language)("Given back")

    return done(call, await on_held(call, give_back))


async def stay(call: PageCall) -> Response:
    """Renew the claim: the operator still works on the lead."""

    async def renew(call: PageCall, lead: Lead, claim: Claim) -> str:
        await renew_claim(call.resources, lead.id, claim.token)
        return translator(call.reader.language)("It stays with you")

    return done(call, await on_held(call, renew))


async def _is_ended_so(call: PageCall) -> bool:
    """Whether this operator has already ended the lead in this way, because an answer was lost."""
    lead = await view_lead(call.resources, lead_id_of(call))
    outcome = call.text("outcome")
    ended = lead.state is State.SETTLED and lead.settled_by == call.operator
    parked = lead.state is State.PARKED and lead.parked_by == call.operator
    return (ended and lead.outcome == outcome) or (
        parked and outcome not in (Outcome.WON, Outcome.LOST, Outcome.CANCELLED)
    )


async def _moment(call: PageCall, lead: Lead) -> datetime:
    basis = await call.resources.stores.bases.of(lead.signal.queue)
    queue = await call.resources.stores.directory.queue(lead.signal.queue)
    now = call.resources.clock.now()
    at = chosen_moment(call, basis.policy.hours, ZoneInfo(queue.time_zone), now)
    if at is None:
        mistake = errors.FieldMistake("until", "it is missing", "Say when.")
        raise InvalidRequest([mistake])
    return at


settle_lead = guarded_act(settle)
park_lead = guarded_act(park)
transfer_lead = guarded_act(transfer)
decline_lead = guarded_act(decline)
release_lead = guarded_act(release)
stay_with_lead = guarded_act(stay)

"""What an operator does at the desk; tokens of claims never leave the server."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from service.flows.claims.check_handover import Handover
from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.claims.decline_claim import decline_claim
from service.flows.claims.park_claim import Parking, park_claim
from service.flows.claims.release_claim import release_claim
from service.flows.claims.renew_claim import renew_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.take_on_top import take_on_top
from service.flows.claims.transfer_claim import transfer_claim
from service.flows.claims.undo_at_desk import remember_end, undo_at_desk
from service.flows.customers.learn_client import learn_client
from service.flows.leads.add_note import add_note
from service.flows.leads.split_lead import split_lead
from service.flows.leads.view_leads import view_held, view_lead
from service.flows.operators.change_presence import change_presence
from service.leads import errors
from service.leads.customer import Customer
from service.leads.errors import ClaimGone, InvalidRequest, LeadNotFound, NextleadError
from service.leads.lead import Claim, Lead, State
from service.leads.operator import Presence
from service.leads.settlement import Outcome
from service.matching.marks import read_phone
from service.pages.catalogue import translator
from service.pages.claims.callbacks import chosen_moment
from service.pages.claims.desk import desk_page, done
from service.pages.claims.settle_form import settlement_of, words_of_mistakes
from service.pages.names import NAMES
from service.pages.reader import PageCall
from service.storage.leads.duplicates import Sender

MAX_WORDS = 2000
Act = Callable[[PageCall, Lead, Claim], Awaitable[str]]


async def take_next(call: PageCall) -> Response:
    """The lead that is worth most to take now."""

    async def take() -> str:
        served = await claim_next(call.resources, call.operator)
        say = translator(call.reader.language)
        return say("Taken") if served.lead else say("Nothing for you now")

    return await _tried(call, take)


async def take_live(call: PageCall) -> Response:
    """A live client, on top of what is held (A7)."""

    async def take() -> str:
        served = await take_on_top(call.resources, call.operator)
        say = translator(call.reader.language)
        return say("Taken") if served.lead else say("Answered elsewhere")

    return await _tried(call, take)


async def take_again(call: PageCall) -> Response:
    """A lead that was lost while it was worked on."""

    async def take() -> str:
        await claim_lead(call.resources, _lead_id(call), call.operator)
        return translator(call.reader.language)("Taken")

    return await _tried(call, take)


async def change_status(call: PageCall) -> Response:
    """Come, take a break, go."""

    async def change() -> str:
        status = call.text("status")
        allowed = {item.value for item in Presence}
        presence = Presence(status if status in allowed else "online")
        reason = call.text("reason") if presence is Presence.BREAK else ""
        reason = reason if reason in NAMES["break"] else ""
        await change_presence(call.resources, call.operator, presence, reason or None)
        say = translator(call.reader.language)
        return say(NAMES["presence"][presence.value])

    return await _tried(call, change)


async def settle(call: PageCall) -> Response:
    """End the lead in hand; `next` takes the next one at once. Sent twice, it is done once."""

    async def end(call: PageCall, lead: Lead, claim: Claim) -> str:
        basis = await call.resources.stores.bases.of(lead.signal.queue)
        queue = await call.resources.stores.directory.queue(lead.signal.queue)
        at = chosen_moment(
            call, basis.policy.hours, ZoneInfo(queue.time_zone), call.resources.clock.now()
        )
        ending = settlement_of(call, at)
        ended = await settle_claim(call.resources, lead.id, claim.token, ending)
        await remember_end(call.resources, ended, claim, ending.outcome)
        return translator(call.reader.language)(NAMES["outcome"][ending.outcome.value])

    try:
        answer = await _on_held(call, end)
    except ClaimGone:
        if not await _is_ended_so(call):
            raise
        answer = translator(call.reader.language)("Done")
    if call.text("then") == "next":
        await claim_next(call.resources, call.operator)
    return done(call, answer)


async def undo(call: PageCall) -> Response:
    """Take the last settlement back, for half a minute."""

    async def take_back() -> str:
        await undo_at_desk(call.resources, call.operator)
        return translator(call.reader.language)("It is yours again")

    return await _tried(call, take_back)


async def add_words(call: PageCall) -> Response:
    """What was typed for a lead that went away becomes a note of it."""

    async def note() -> str:
        words = _words(call, "note")
        name = call.operator
        await add_note(call.resources, _lead_id(call), words, call.session.person, name)
        return translator(call.reader.language)("Noted")

    return await _tried(call, note)


async def park(call: PageCall) -> Response:
    """Put the lead aside until a time."""

    async def put_off(call: PageCall, lead: Lead, claim: Claim) -> str:
        until = await _moment(call, lead)
        parking = Parking(until, _words(call, "note"))
        await park_claim(call.resources, lead.id, claim.token, parking)
        return translator(call.reader.language)("Put off")

    return done(call, await _on_held(call, put_off))


async def transfer(call: PageCall) -> Response:
    """Hand the lead over, in writing."""

    async def hand(call: PageCall, lead: Lead, claim: Claim) -> str:
        to = call.text("to")
        kind, _, name = to.partition(":")
        operator, skill = (name, None) if kind == "operator" else (None, name or None)
        handover = Handover(operator or None, skill, call.text("note")[:MAX_WORDS] or None)
        await transfer_claim(call.resources, lead.id, claim.token, handover)
        return translator(call.reader.language)("Handed over")

    return done(call, await _on_held(call, hand))


async def decline(call: PageCall) -> Response:
    """Not want the lead, with a reason: it waits for others."""

    async def refuse(call: PageCall, lead: Lead, claim: Claim) -> str:
        await decline_claim(call.resources, lead.id, claim.token, _words(call, "reason"))
        return translator(call.reader.language)("Declined")

    return done(call, await _on_held(call, refuse))


async def release(call: PageCall) -> Response:
    """Give the lead back to the line."""

    async def give_back(call: PageCall, lead: Lead, claim: Claim) -> str:
        reason = call.text("reason")[:MAX_WORDS] or None
        await release_claim(call.resources, lead.id, claim.token, reason)
        return translator(call.reader.language)("Given back")

    return done(call, await _on_held(call, give_back))


async def stay(call: PageCall) -> Response:
    """Still working: the lease begins again."""

    async def renew(call: PageCall, lead: Lead, claim: Claim) -> str:
        await renew_claim(call.resources, lead.id, claim.token)
        return translator(call.reader.language)("It stays with you")

    return done(call, await _on_held(call, renew))


async def split(call: PageCall) -> Response:
    """Make a lead of its own of some signals that were joined by mistake."""

    async def part(call: PageCall, lead: Lead, _claim: Claim) -> str:
        wanted = [UUID(item) for item in call.form.get("signal", []) if _is_id(item)]
        await split_lead(call.resources, lead.id, wanted, call.operator, _words(call, "reason"))
        return translator(call.reader.language)("Split")

    return done(call, await _on_held(call, part))


async def name_client(call: PageCall) -> Response:
    """A number or a name that the client said: they are recognised and joined again."""

    async def learn(call: PageCall, lead: Lead, _claim: Claim) -> str:
        region = (await call.resources.stores.bases.of(lead.signal.queue)).policy.region
        name, typed = call.text("name")[:200] or None, call.text("phone")[:40]
        phone = read_phone(typed, region) if typed else None
        if phone is None and (typed or name is None):
            raise InvalidRequest([errors.FieldMistake("number", "it is missing", "Send one.")])
        named, sender = Customer(None, name, phone), Sender(call.operator, may_read=True)
        await learn_client(call.resources, lead.id, named, sender, held_only=True)
        return translator(call.reader.language)("Noted")

    return done(call, await _on_held(call, learn))


async def _tried(call: PageCall, doing: Callable[[], Awaitable[str]]) -> Response:
    """Do it; what cannot be done is said on the desk."""
    try:
        answer = await doing()
    except InvalidRequest as error:
        return await desk_page(call, words_of_mistakes(call, error), status=422)
    except (errors.StorageUnavailable, errors.Overloaded, errors.OperatorNotFound):
        raise
    except NextleadError as error:
        return await desk_page(call, notice=_words_of(call, error), status=409)
    return done(call, answer)


async def _on_held(call: PageCall, act: Act) -> str:
    """Do it with a lead that this operator holds; raises ClaimGone when they do not."""
    lead_id = _lead_id(call)
    for lead in await view_held(call.resources, call.operator):
        if lead.id == lead_id and lead.claim is not None:
            return await act(call, lead, lead.claim)
    raise ClaimGone("The lead is not in your hands any more.")


def guarded_act(answer: Callable[[PageCall], Awaitable[Response]]) -> Callable[..., object]:
    """An action whose mistakes are said on the desk, beside what was typed."""

    async def guarded(call: PageCall) -> Response:
        try:
            return await answer(call)
        except InvalidRequest as error:
            return await desk_page(call, words_of_mistakes(call, error), status=422)
        except (ClaimGone, errors.MoveNotAllowed, errors.AtCapacity, LeadNotFound) as error:
            return await desk_page(call, notice=_words_of(call, error), status=409)

    return guarded


async def _is_ended_so(call: PageCall) -> bool:
    """Whether this operator has ended the lead like this already: the first answer was lost."""
    lead = await view_lead(call.resources, _lead_id(call))
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


def _words(call: PageCall, name: str) -> str:
    words = call.text(name)[:MAX_WORDS]
    if not words:
        raise InvalidRequest([errors.FieldMistake(name, "it is missing", "Write it down.")])
    return words


def _words_of(call: PageCall, error: NextleadError) -> str:
    say = translator(call.reader.language)
    if isinstance(error, errors.ClaimGone | errors.LeadNotFound):
        return say("The lead is not in your hands any more. What you typed is still here.")
    if isinstance(error, errors.AtCapacity):
        return say("You hold as many leads as you may; finish one first.")
    if isinstance(error, errors.OffShift):
        return say("You are off shift; start it first.")
    if isinstance(error, errors.OperatorFree):
        return say("A colleague is free and can take it; you go on with yours.")
    if isinstance(error, errors.MoveNotAllowed):
        return say("Somebody was faster: the lead cannot be taken any more.")
    return str(error)


def _lead_id(call: PageCall) -> UUID:
    if not _is_id(call.path("lead_id")):
        raise LeadNotFound("There is no such lead.")
    return UUID(call.path("lead_id"))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


settle_lead = guarded_act(settle)
park_lead = guarded_act(park)
transfer_lead = guarded_act(transfer)
decline_lead = guarded_act(decline)
release_lead = guarded_act(release)
stay_with_lead = guarded_act(stay)
split_lead_in_hand = guarded_act(split)
name_client_in_hand = guarded_act(name_client)

"""Runs the actions of the desk. Failures are shown on the desk, beside the typed text."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.responses import Response

from service.flows.leads.view_leads import view_held
from service.leads import errors
from service.leads.errors import ClaimGone, InvalidRequest, LeadNotFound, NextleadError
from service.leads.lead import Claim, Lead
from service.pages.catalogue import translator
from service.pages.claims.break_after import break_ahead
from service.pages.claims.desk import desk_page, done
from service.pages.claims.settle_form import words_of_mistakes
from service.pages.names import NAMES
from service.pages.reader import PageCall

MAX_WORDS = 2000
Act = Callable[[PageCall, Lead, Claim], Awaitable[str]]


async def tried(call: PageCall, doing: Callable[[], Awaitable[str]]) -> Response:
    """Run an action. If it fails, the desk says why."""
    try:
        answer = await doing()
    except InvalidRequest as error:
        return await desk_page(call, words_of_mistakes(call, error), status=422)
    except (errors.StorageUnavailable, errors.Overloaded, errors.OperatorNotFound):
        raise
    except NextleadError as error:
        return await desk_page(call, notice=words_of_error(call, error), status=409)
    return done(call, answer)


async def on_held(call: PageCall, act: Act) -> str:
    """Run an action on a lead that this operator holds; raises ClaimGone when they do not.

    If the action ended the lead, a break that was planned after it begins.
    """
    lead_id = lead_id_of(call)
    for lead in await view_held(call.resources, call.operator):
        if lead.id == lead_id and lead.claim is not None:
            answer = await act(call, lead, lead.claim)
            await break_ahead(call)
            return answer
    raise ClaimGone("The lead is not in your hands any more.")


def guarded_act(answer: Callable[[PageCall], Awaitable[Response]]) -> Callable[..., object]:
    """An action whose failures are shown on the desk, beside the typed text."""

    async def guarded(call: PageCall) -> Response:
        try:
            return await answer(call)
        except InvalidRequest as error:
            return await desk_page(call, words_of_mistakes(call, error), status=422)
        except (ClaimGone, errors.MoveNotAllowed, errors.AtCapacity, LeadNotFound) as error:
            return await desk_page(call, notice=words_of_error(call, error), status=409)

    return guarded


def required_words(call: PageCall, name: str) -> str:
    """The text of a field; raises InvalidRequest when it is empty."""
    words = call.text(name)[:MAX_WORDS]
    if not words:
        raise InvalidRequest([errors.FieldMistake(name, "it is missing", "Write it down.")])
    return words


def words_of_error(call: PageCall, error: NextleadError) -> str:
    """An error in the reader's language."""
    say = translator(call.reader.language)
    if isinstance(error, errors.ClaimGone | errors.LeadNotFound):
        return say("The lead is not in your hands any more. What you typed is still here.")
    if isinstance(error, errors.NotEligible):
        return _words_of_refusal(call, error)
    if isinstance(error, errors.AtCapacity) and error.kind is not None:
        kind = say(NAMES["kind"][error.kind])
        return say("You hold as many of “{kind}” as you may; finish one first.", kind=kind)
    if isinstance(error, errors.AtCapacity):
        return say("You hold as many leads as you may; finish one first.")
    if isinstance(error, errors.OffShift):
        return say("You are off shift; start it first.")
    if isinstance(error, errors.OperatorFree):
        return say("A colleague is free and can take it; you go on with yours.")
    if isinstance(error, errors.MoveNotAllowed):
        return say("Somebody was faster: the lead cannot be taken any more.")
    return str(error)


def _words_of_refusal(call: PageCall, error: errors.NotEligible) -> str:
    say = translator(call.reader.language)
    if error.owner is not None:
        return say("It is kept for {person}.", person=error.owner)
    if error.skills:
        return say("It needs somebody who knows: {skills}.", skills=", ".join(error.skills))
    return say("It waits in a queue that you do not serve.")


def lead_id_of(call: PageCall) -> UUID:
    """The lead's id in the address; raises LeadNotFound."""
    if not is_id(call.path("lead_id")):
        raise LeadNotFound("There is no such lead.")
    return UUID(call.path("lead_id"))


def is_id(text: str) -> bool:
    """Whether a text is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True

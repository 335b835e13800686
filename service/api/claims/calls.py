"""Calls: events of the telephony, and details taken from a live client who is called back."""

from uuid import UUID

from fastapi import Response
from pydantic import Field

from service.api.claims.ending_rendering import answer_ended
from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import EndedLeadOut, LeadOut
from service.api.leads.redaction import redact_for
from service.api.schemas import TokenIn
from service.flows.claims.report_call_event import report_call_event
from service.flows.claims.settle_claim import settle_claim
from service.leads.call import CallEvent, CallNews
from service.leads.errors import ClaimGone, LeadNotFound, OperatorNotFound
from service.leads.settlement import Outcome, Settlement
from service.schemas.fields import Moment, OperatorName, Sent, Words
from service.storage.leads.duplicates import Sender

router = strict_router("calls", "/leads")


class CallIn(Sent):
    """What happened to a call."""

    event: CallEvent
    operator: OperatorName | None = Field(
        None, description="the operator who answered, or to whom it was transferred"
    )
    at: Moment | None = Field(
        None, description="when it happened; unset: now. A late or repeated report changes nothing"
    )


class DetailsIn(TokenIn):
    """The details that a live client gave (A7). The client is called back later."""

    note: Words
    until: Moment | None = Field(None, description="when to call back; unset: in half an hour")


@router.post(
    "/{lead_id}/call",
    name="report_call_event",
    response_model=LeadOut,
    openapi_extra=needs("intake", raises=(LeadNotFound, OperatorNotFound)),
)
async def report_call(resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: CallIn) -> Response:
    """Report that a call was answered, hung up or transferred, and by or to which operator.

    An answered call belongs to that operator, whatever the line says. If the caller hangs up while
    waiting, the lead becomes a callback that is due now. If they hang up while the lead is held,
    its holder settles it. For a merged lead, the event applies to the lead it was merged into, and
    that lead is answered.
    """
    news = CallNews(sent.event, sent.at or resources.clock.now(), sent.operator)
    sender = Sender(key.name, may_read="read" in key.scopes)
    lead = await report_call_event(resources, lead_id, news, sender)
    return lead_rendering.answer(await redact_for(resources, lead, key))


@router.post(
    "/{lead_id}/details",
    response_model=EndedLeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def add_call_details(resources: ResourcesOf, lead_id: UUID, sent: DetailsIn) -> Response:
    """End the call with the client's details. They are called back; the lead before it goes on."""
    settlement = Settlement(Outcome.CALLBACK, note=sent.note, until=sent.until)
    lead = await settle_claim(resources, lead_id, sent.token, settlement)
    return await answer_ended(resources, lead, sent.until)

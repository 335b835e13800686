"""The ways to end a claim: settle, park, transfer, decline."""

from uuid import UUID

from fastapi import Response

from service.api.claims.ending_body import DeclineIn, ParkIn, SettleIn, TransferIn
from service.api.claims.ending_rendering import answer_ended
from service.api.dependencies import ResourcesOf, needs, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import EndedLeadOut, LeadOut
from service.api.schemas import TokenIn
from service.flows.claims.activate_task import activate_task
from service.flows.claims.decline_claim import decline_claim
from service.flows.claims.park_claim import park_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.transfer_claim import transfer_claim
from service.flows.claims.undo_settle import undo_settle
from service.leads.errors import ClaimGone, LeadNotFound, MoveNotAllowed

router = strict_router("leads")


@router.post(
    "/{lead_id}/settle",
    response_model=EndedLeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def settle_lead(resources: ResourcesOf, lead_id: UUID, sent: SettleIn) -> Response:
    """End a claim. When the client is to be called again, the lead is parked until then.

    `callback` parks it until the time given, `no_answer` until the next try, `awaiting_payment` and
    `wholesale` for the policy's days. All other outcomes settle the lead.
    """
    lead = await settle_claim(resources, lead_id, sent.token, sent.to_settlement())
    return await answer_ended(resources, lead, sent.until)


@router.post(
    "/{lead_id}/undo",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound, MoveNotAllowed)),
)
async def undo_settlement(resources: ResourcesOf, lead_id: UUID, sent: TokenIn) -> Response:
    """Undo a settlement of the last 30 seconds. The lead is claimed again under the same token.

    409 when it has led to a follow-up, was corrected, or the client has a newer lead. At capacity
    the lead goes on top of what the operator took since.
    """
    lead = await undo_settle(resources, lead_id, sent.token)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=True))


@router.post(
    "/{lead_id}/activate",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(LeadNotFound, MoveNotAllowed)),
)
async def activate_call_task(resources: ResourcesOf, lead_id: UUID, sent: TokenIn) -> Response:
    """Activate a call task before closing it (B17).

    Its operator is then credited with the client's orders, however the client orders.
    """
    lead = await activate_task(resources, lead_id, sent.token)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=True))


@router.post(
    "/{lead_id}/park",
    response_model=EndedLeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def park_lead(resources: ResourcesOf, lead_id: UUID, sent: ParkIn) -> Response:
    """Put a lead aside until a time. Then it waits as a callback that is due."""
    lead = await park_claim(resources, lead_id, sent.token, sent.to_parking())
    return await answer_ended(resources, lead, sent.until)


@router.post(
    "/{lead_id}/transfer",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def transfer_lead(resources: ResourcesOf, lead_id: UUID, sent: TransferIn) -> Response:
    """Hand a lead with a note to an operator or to operators with a skill. Its age stays.

    While the operator is off shift, the operator on duty is served it.
    """
    lead = await transfer_claim(resources, lead_id, sent.token, sent.to_handover())
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=False))


@router.post(
    "/{lead_id}/decline",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def decline_lead(resources: ResourcesOf, lead_id: UUID, sent: DeclineIn) -> Response:
    """Give a lead back for good. It is offered to others, and never to this operator again."""
    lead = await decline_claim(resources, lead_id, sent.token, sent.reason)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=False))

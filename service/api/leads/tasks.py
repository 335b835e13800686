"""Call tasks: the actions of a supervisor."""

from uuid import UUID

from fastapi import Response

from service.api.dependencies import KeyOf, ResourcesOf, needs, sees_token, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import LeadOut
from service.flows.leads.extend_task import extend_task
from service.leads.errors import LeadNotFound, MoveNotAllowed
from service.schemas.customers import ExtendIn

router = strict_router("leads")


@router.post(
    "/{lead_id}/extend",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def extend_call_task(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: ExtendIn
) -> Response:
    """Change when a call task expires. The reason stays in its history."""
    lead = await extend_task(resources, lead_id, sent.expires_at, sent.reason, key.name)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=sees_token(key, lead)))

"""Leads that were not done in time, until they are settled (B10, B11)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from service.api.dependencies import KeyOf, ResourcesOf, needs, sees_token, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import AnswerModel, LeadOut
from service.flows.line.view_late import Place, view_late
from service.leads.errors import FieldMistake, InvalidRequest, QueueNotFound
from service.schemas.fields import QueueName
from service.storage.leads.lateness import Late

router = strict_router("queues")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BEFORE_ALL = f"{-(10**16)}.{UUID(int=0)}"
CURSOR = r"^-?[0-9]{1,17}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class LateLeadOut(LeadOut):
    """A late lead, and why it is late."""

    late_since: datetime
    late_seconds: float
    late_for: Literal["waiting", "callback", "held"] = Field(
        description="waiting: nobody took it; callback: nobody made the promised call; held: taken"
        " and not settled"
    )


class LateLeadsOut(AnswerModel):
    """A page of late leads, the latest first."""

    at: datetime
    leads: list[LateLeadOut]
    next: str | None


@router.get(
    "/{queue}/late",
    response_model=LateLeadsOut,
    openapi_extra=needs("read", raises=(QueueNotFound,), dear="lists"),
)
async def list_late_leads(
    resources: ResourcesOf,
    key: KeyOf,
    queue: Annotated[QueueName, Path()],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(pattern=CURSOR)] = BEFORE_ALL,
) -> Response:
    """List leads that were not taken in time, or not settled in time after they were taken.

    A late lead stays in this list until it is settled.
    """
    page = await view_late(resources, queue, _place_of(cursor), limit)

    def shown(item: Late) -> object:
        return _late(item, page.at, tokens=sees_token(key, item.lead))

    rendered = await lead_rendering.each(shown, page.late)
    more = _cursor_of(page.late[-1]) if len(page.late) == limit else None
    return lead_rendering.answer({"at": page.at, "leads": rendered, "next": more})


def _late(late: Late, now: datetime, *, tokens: bool) -> dict[str, Any]:
    return {
        **lead_rendering.lead(late.lead, tokens=tokens),
        "late_since": late.since,
        "late_seconds": round((now - late.since).total_seconds(), 3),
        "late_for": _why(late),
    }


def _why(late: Late) -> str:
    claim = late.lead.claim
    if claim is not None and late.since > claim.since:
        return "held"
    return "callback" if late.lead.situation.callback_due else "waiting"


def _cursor_of(late: Late) -> str:
    return f"{(late.since - EPOCH) // MICROSECOND}.{late.lead.id}"


def _place_of(cursor: str) -> Place:
    since, _, lead_id = cursor.partition(".")
    try:
        return EPOCH + int(since) * MICROSECOND, UUID(lead_id)
    except OverflowError as error:
        remedy = "Send the `next` of the last page."
        raise InvalidRequest(
            [FieldMistake("cursor", "it is no cursor of this list", remedy)]
        ) from error

"""The signals of a lead, and the split of a wrong join."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from service.api.dependencies import KeyOf, ResourcesOf, needs, sees_token, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import AnswerModel, CustomerOut, ItemOut, LeadOut
from service.api.leads.listed_fields import Made, rendering_of
from service.flows.leads.split_lead import split_lead
from service.flows.leads.view_signals import view_signals
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, Signal
from service.schemas.fields import Sent, Words
from service.storage.leads.signals import Sort, StoredSignal

router = strict_router("signals", "/leads")


class SignalOut(AnswerModel):
    """One signal of a lead."""

    id: UUID
    at: datetime = Field(description="when it opened or joined the lead")
    opened: bool = Field(description="true: it opened a lead; false: it joined this one")
    evidence: list[str] = Field(description="the evidence by which it joined")
    channel: Channel
    source: str
    external_id: str | None
    received_at: datetime
    customer: CustomerOut | None
    text: str | None
    items: list[ItemOut]


class SignalsOut(AnswerModel):
    """The signals of a lead, the first one first; empty when the lead has a single signal.

    Of more than 500, the last 500.
    """

    signals: list[SignalOut]


class SplitIn(Sent):
    """The signals that belong to another client, and the reason."""

    signals: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    reason: Words


class SplitOut(AnswerModel):
    """Both leads, ranked again."""

    lead: LeadOut
    other: LeadOut


@router.get(
    "/{lead_id}/signals",
    response_model=SignalsOut,
    openapi_extra=needs("read", raises=(LeadNotFound,)),
)
async def list_signals(resources: ResourcesOf, lead_id: UUID) -> Response:
    """List the signals of a lead, each with the evidence by which it joined."""
    signals = await view_signals(resources, lead_id)
    return lead_rendering.answer({"signals": [_signal(signal) for signal in signals]})


@router.post(
    "/{lead_id}/split",
    name="split_lead",
    response_model=SplitOut,
    openapi_extra=needs("operate", raises=(LeadNotFound,)),
)
async def split_wrong_join(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: SplitIn
) -> Response:
    """Undo a wrong join. The signals become a lead of their own; both leads are ranked again."""
    done = await split_lead(resources, lead_id, {*sent.signals}, key.name, sent.reason)
    body = {
        "lead": lead_rendering.lead(done.lead, tokens=sees_token(key, done.lead)),
        "other": lead_rendering.lead(done.other, tokens=sees_token(key, done.other)),
    }
    return lead_rendering.answer(body)


_MADE: Made = {
    "opened": lambda stored: stored.sort is Sort.OPENING,
    "customer": lambda stored: lead_rendering.customer(stored.signal.customer),
    "items": lambda stored: [lead_rendering.article(item) for item in stored.signal.items],
}
_signal = rendering_of(SignalOut, {"": StoredSignal, "signal": Signal}, _MADE)

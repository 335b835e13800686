"""Notes on leads, and wishes whose goods have arrived."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import AnswerModel, LeadOut
from service.flows.leads.add_note import add_note
from service.flows.leads.bring_back_wishes import bring_back_wishes
from service.leads.errors import LeadNotFound, OperatorNotFound, QueueNotFound
from service.schemas.fields import Name, OperatorName, QueueName, Sent, Words

router = strict_router("leads", below="")


class LeadNoteIn(Sent):
    """A note for the next operator of the lead."""

    note: Words
    operator: OperatorName | None = Field(None, description="the author; unset: the key's name")


class ArrivedIn(Sent):
    """Goods that are on sale now."""

    goods: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] = Field(
        description="signals of the lexicon, words, or article numbers",
        examples=[["brake_pads", "салют Фантом", "1K0 615 301 AA"]],
    )
    queue: QueueName | None = Field(None, description="unset: wishes of all queues")


class ReturnedWishOut(AnswerModel):
    """A lead that waits again, and the goods that its client wished for."""

    id: UUID
    queue: str
    goods: str


class ArrivedOut(AnswerModel):
    """The wishes that wait again, at most the oldest 1 000."""

    wishes: list[ReturnedWishOut]


@router.post(
    "/leads/{lead_id}/notes",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(LeadNotFound, OperatorNotFound)),
)
async def add_lead_note(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: LeadNoteIn
) -> Response:
    """Write a note on a lead in any state, with or without a claim (A22).

    A note on a merged lead goes to the lead that it was merged into.
    """
    lead = await add_note(resources, lead_id, sent.note, key.name, sent.operator)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=False))


@router.post(
    "/wishes/arrived",
    response_model=ArrivedOut,
    openapi_extra=needs("crm", raises=(QueueNotFound,)),
)
async def bring_wishes_back(resources: ResourcesOf, key: KeyOf, sent: ArrivedIn) -> Response:
    """Report that goods arrived. Settled wishes for them wait again, to be answered (B12)."""
    returned = await bring_back_wishes(resources, sent.goods, key.name, sent.queue)
    wishes = [
        {"id": item.lead.id, "queue": item.lead.signal.queue, "goods": item.goods}
        for item in returned
    ]
    return lead_rendering.answer({"wishes": wishes})

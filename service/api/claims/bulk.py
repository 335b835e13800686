"""Supervision of many leads at once."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from service.api.claims.supervision import InstructionIn
from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import AnswerModel
from service.flows.claims.change_in_bulk import BulkAction, BulkOrder, change_in_bulk
from service.flows.claims.check_handover import Handover
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel, Kind
from service.leads.lead import State as LeadState
from service.leads.settlement import Outcome
from service.schemas.fields import Id, Moment, OperatorName, QueueName, Sent, Skill
from service.storage.leads.bulk import BulkFilter

router = strict_router("supervision", "/leads")


class BulkFilterIn(Sent):
    """Chooses open leads by their queue or ids, and narrows them by other fields."""

    queue: QueueName | None = None
    ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)] | None = None
    state: Literal["waiting", "claimed", "parked"] | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    operator: OperatorName | None = Field(None, description="the operator who holds or owns them")
    customer: Id | None = None
    since: Moment | None = Field(None, description="received then or later")
    until: Moment | None = Field(None, description="received before")

    def to_filter(self) -> BulkFilter:
        """The filter as the service's own type; raises InvalidRequest without `queue` and `ids`."""
        if self.queue is None and self.ids is None:
            mistake = FieldMistake("filter", "it names no leads", "Send `queue` or `ids`.")
            raise InvalidRequest([mistake])
        state = None if self.state is None else LeadState(self.state)
        return BulkFilter(**{**dict(self), "state": state})


class BulkIn(InstructionIn):
    """An action for many leads, and its reason."""

    filter: BulkFilterIn
    action: BulkAction
    operator: OperatorName | None = Field(
        None, description="needed by `assign`; the receiver of a `transfer`"
    )
    skill: Skill | None = Field(
        None, description="the receiver of a `transfer`: operators with this skill"
    )
    queue: QueueName | None = Field(None, description="the receiver of a `transfer`: another queue")
    outcome: Literal["lost", "cancelled", "withdrawn_by_client", "spam", "duplicate"] | None = (
        Field(None, description="needed by `withdraw`")
    )

    def to_order(self) -> BulkOrder:
        """The action as the service's own type."""
        to = Handover(self.operator, self.skill, None, self.queue)
        return BulkOrder(self.action, to, None if self.outcome is None else Outcome(self.outcome))


class BulkResultOut(AnswerModel):
    """What happened to one lead."""

    id: UUID
    result: Literal["changed", "unchanged", "refused"]
    why: str | None = Field(description="why it was refused")


class BulkOut(AnswerModel):
    """What happened to each lead, the oldest first."""

    changed: int
    unchanged: int
    refused: int
    complete: bool = Field(
        description="false when more than 1 000 leads match: send the request again"
    )
    results: list[BulkResultOut]


@router.post("/bulk", response_model=BulkOut, openapi_extra=needs("supervise", dear="bulk"))
async def change_leads_in_bulk(resources: ResourcesOf, key: KeyOf, sent: BulkIn) -> Response:
    """Assign, transfer, withdraw or unassign up to 1 000 open leads, each by itself.

    A refused lead does not stop the others. A claimed lead must be taken away first, except for
    `withdraw`.
    """
    wanted, word = sent.filter.to_filter(), sent.to_word(key)
    report = await change_in_bulk(resources, wanted, sent.to_order(), word)
    names = [item.result for item in report.results]
    counts = {name: names.count(name) for name in ("changed", "unchanged", "refused")}
    results = [
        {"id": item.lead_id, "result": item.result, "why": item.why} for item in report.results
    ]
    return lead_rendering.answer({**counts, "complete": report.complete, "results": results})

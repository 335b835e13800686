"""The query of `GET /v1/leads`, and how it becomes a filter."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.flows.leads.view_leads import phones_as_identities
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel, Kind, State
from service.leads.settlement import Outcome
from service.resources import Resources
from service.schemas.fields import Moment, QueueName
from service.storage.leads.lead_search import LeadFilter

LONGEST_TEXT_SEARCH = timedelta(days=31)

Name = Annotated[str, Field(min_length=1, max_length=200)]


class LeadQuery(BaseModel):
    """The filters of a list of leads. A filter left out matches every lead."""

    model_config = ConfigDict(extra="forbid")

    queue: QueueName | None = None
    state: State | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    outcome: Outcome | None = Field(default=None, description="how the lead was settled")
    customer: Name | None = Field(default=None, description="the client's number in the shop")
    phone: Annotated[str, Field(min_length=3, max_length=40)] | None = Field(
        default=None,
        description="the client's telephone number, in the notation of the queue's region",
    )
    operator: Name | None = Field(
        default=None, description="the operator who holds the lead or settled it"
    )
    source: Name | None = Field(default=None, description="the sending system")
    external_id: Name | None = Field(
        default=None,
        description="the source's own id of a signal that opened or joined the lead",
    )
    since: Moment | None = Field(default=None, description="created then or later")
    until: Moment | None = Field(default=None, description="created before")
    text: Annotated[str, Field(min_length=3, max_length=100)] | None = Field(
        default=None,
        description="words in the opening text; needs `queue`, `since` and at most 31 days",
    )
    limit: int = Field(default=50, ge=1, le=200)
    cursor: UUID | None = Field(default=None, description="`next` of the page before")


async def lead_filter(resources: Resources, query: LeadQuery) -> LeadFilter:
    """The filter of a query; raises InvalidRequest for each field that needs another field."""
    if mistakes := [*_mistakes_in(query)]:
        raise InvalidRequest(mistakes)
    phones = None
    if query.phone is not None:
        phones = await phones_as_identities(resources, query.phone, query.queue)
    return LeadFilter(
        queue=query.queue,
        state=query.state,
        kind=query.kind,
        channel=query.channel,
        outcome=query.outcome,
        customer=query.customer,
        sender=None if query.source is None else (query.source, query.external_id),
        phones=phones,
        operator=query.operator,
        since=query.since,
        until=_until(query),
        text=query.text,
        before=query.cursor,
    )


def _until(query: LeadQuery) -> datetime | None:
    if query.text is not None and query.since is not None and query.until is None:
        return query.since + LONGEST_TEXT_SEARCH
    return query.until


def _mistakes_in(query: LeadQuery) -> list[FieldMistake]:
    found = []
    if query.external_id is not None and query.source is None:
        found.append(
            FieldMistake("source", "an `external_id` belongs to a source", "Name the source, too.")
        )
    if query.text is not None and query.queue is None:
        found.append(FieldMistake("queue", "a search for text needs a queue", "Name the queue."))
    if query.text is not None and query.since is None:
        found.append(
            FieldMistake(
                "since", "a search for text needs a beginning", "Send the first of at most 31 days."
            )
        )
    if (
        query.text is not None
        and query.since is not None
        and query.until is not None
        and query.until - query.since > LONGEST_TEXT_SEARCH
    ):
        found.append(
            FieldMistake(
                "until", "a search for text covers at most 31 days", "Send an earlier time."
            )
        )
    return found

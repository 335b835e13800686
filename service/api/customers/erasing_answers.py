"""The answers about erased and exported clients, for openapi.yaml."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel


class ErasureOut(AnswerModel):
    """An erasure. It does not say who the client was."""

    id: UUID
    at: datetime = Field(description="data dated before this are dropped when they arrive again")
    by: str
    reason: str
    counts: dict[str, int] = Field(
        description="rows by sort: cards, marks, leads, signals, events, deliveries, calls,"
        " messages, ends, merges, blocked_marks, words; `taken_away` counts leads that"
        " an operator held"
    )
    finished_at: datetime | None = Field(
        description="when it was complete; null: a last check of data under way follows within a"
        " minute"
    )


class ErasuresOut(AnswerModel):
    """A page of erasures, the newest first."""

    erasures: list[ErasureOut] = Field(description="the erasures of this page")
    dropped: int = Field(
        description="how many arrivals dated before an erasure were dropped, in all"
    )
    next: str | None


class KeptRowsOut(AnswerModel):
    """A table, and its rows about the client."""

    name: str
    rows: list[dict[str, Any]] = Field(description="the rows as stored, without digests")


class ClientDataOut(AnswerModel):
    """All data kept of a client."""

    at: datetime
    cards: list[str] = Field(description="the numbers of the client's cards")
    marks: list[str] = Field(
        description="the marks that recognise the client, such as `phone:+79161234567`"
    )
    places: list[KeptRowsOut] = Field(description="their rows, table by table")

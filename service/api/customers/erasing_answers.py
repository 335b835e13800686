"""The answers about erased and exported clients, for openapi.yaml."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel


class ErasureOut(AnswerModel):
    """An erasure. It does not say who the client was."""

    id: UUID
    at: datetime = Field(description="what is dated before is dropped when it comes again")
    by: str
    reason: str
    counts: dict[str, int] = Field(
        description="rows by sort: cards, marks, leads, signals, events, deliveries, calls,"
        " messages, ends, merges, blocked_marks, words; `taken_away` are leads that somebody held"
    )
    finished_at: datetime | None = Field(
        description="null: a last look at what was on its way follows within a minute"
    )


class ErasuresOut(AnswerModel):
    """A page of erasures, the newest first."""

    erasures: list[ErasureOut] = Field(description="a page of them")
    dropped: int = Field(description="how much came that was dated before an erasure, in all")
    next: str | None


class KeptRowsOut(AnswerModel):
    """A table, and its rows about the client."""

    name: str
    rows: list[dict[str, Any]] = Field(description="as they are stored, without digests")


class ClientDataOut(AnswerModel):
    """All data kept of a client."""

    at: datetime
    cards: list[str] = Field(description="the numbers of their cards")
    marks: list[str] = Field(description="by what they are recognised, `phone:+79161234567`")
    places: list[KeptRowsOut] = Field(description="table by table")

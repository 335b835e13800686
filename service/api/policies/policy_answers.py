"""The answers about policies, for openapi.yaml. `policy_rendering.py` writes them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel, Sum
from service.leads.lead import Kind


class VersionOut(AnswerModel):
    """A version of a queue's policy: its author, its time and its note."""

    queue: str
    version: int
    author: str = Field(description="the name of a key, or `nextlead`")
    at: datetime
    note: str | None


class PolicyOut(VersionOut):
    """A version of a queue's policy with its document."""

    policy: dict[str, Any] = Field(description="the document; GET /v1/policy/schema describes it")


class ExampleMissOut(AnswerModel):
    """An example of the policy that fails: the policy reads or orders it in another way."""

    field: str = Field(examples=["examples.3.intent"])
    reason: str = Field(examples=["it is read as sale, not return"])
    why: list[str] = Field(description="sentences on chance, bill and urgency")


class ChangedPolicyOut(PolicyOut):
    """A version that came into force, and its examples that fail."""

    examples: list[ExampleMissOut] = Field(
        description="the examples that fail, the first 100; empty when all pass"
    )


class VersionsOut(AnswerModel):
    """A page of versions, the newest first."""

    versions: list[VersionOut]
    next: str | None


class WhyOut(AnswerModel):
    """A part of a lead's explanation that would change."""

    what: str = Field(examples=["urgency"])
    before: dict[str, Any]
    after: dict[str, Any]


class MoveOut(AnswerModel):
    """A lead that would change its place in the line. The first place is 1."""

    lead_id: UUID
    kind: Kind
    place_before: int
    place_after: int
    stage_before: int
    stage_after: int
    score_before: float
    score_after: float
    why: list[WhyOut] = Field(
        description="empty when only other leads pass it, or when it was taken meanwhile"
    )


class KindTotalsOut(AnswerModel):
    """The leads whose kind would change from the one to the other."""

    kind_before: Kind
    kind_after: Kind
    leads: int
    moved_up: int
    moved_down: int
    cost_per_minute_before: Sum
    cost_per_minute_after: Sum


class OtherModeOut(AnswerModel):
    """The same line in the other mode of both policies, rush or calm."""

    leads: int = Field(description="how many leads wait")
    moved: int = Field(description="how many leads would change their place")
    likely_lost_before: Sum = Field(description="money probably lost in the present order")
    likely_lost_after: Sum = Field(description="money probably lost in the candidate's order")
    first_before: list[UUID] = Field(description="the first ten in line")
    first_after: list[UUID] = Field(description="the first ten afterwards")


class PreviewOut(AnswerModel):
    """How a candidate would reorder the present line. Nothing was moved."""

    queue: str
    at: datetime
    policy_version: int = Field(
        description="the version in force, with which the candidate is compared"
    )
    complete: bool = Field(
        description="false when more than 100 000 leads wait: the newest are left out"
    )
    leads: int
    moved: int = Field(description="how many leads would change their place")
    cost_per_minute_before: Sum = Field(description="money lost per minute while the leads wait")
    cost_per_minute_after: Sum
    likely_lost_before: Sum = Field(
        description="money probably lost while this line is worked off in its present order, by the"
        " candidate's chances, bills, patience and minutes, without new leads"
    )
    likely_lost_after: Sum = Field(description="money probably lost in the candidate's order")
    operators: float = Field(description="operators on shift; 1 when nobody is")
    mode: Literal["calm", "rush"] = Field(description="the mode in force, used for this preview")
    other_mode: OtherModeOut | None = Field(
        description="the same line in the other mode; null when neither policy has a `rush`"
    )
    first_before: list[UUID] = Field(description="the first ten in line")
    first_after: list[UUID]
    top: list[MoveOut] = Field(description="the fifty greatest moves, in places")
    by_kind: list[KindTotalsOut]
    examples: list[ExampleMissOut] = Field(
        description="the candidate's examples that fail, the first 100"
    )

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
    why: list[str] = Field(description="chance, bill and urgency in sentences")


class ChangedPolicyOut(PolicyOut):
    """A version that came into force, and its examples that fail."""

    examples: list[ExampleMissOut] = Field(description="the first 100; empty when all hold")


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
        description="empty when only others pass it, or it was taken meanwhile"
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

    leads: int = Field(description="that wait")
    moved: int = Field(description="leads whose place would change")
    likely_lost_before: Sum = Field(description="money that likely leaves in the order in force")
    likely_lost_after: Sum = Field(description="the same in the candidate's order")
    first_before: list[UUID] = Field(description="the first ten in line")
    first_after: list[UUID] = Field(description="the first ten afterwards")


class PreviewOut(AnswerModel):
    """How a candidate would reorder the present line. Nothing was moved."""

    queue: str
    at: datetime
    policy_version: int = Field(description="the version in force, that the candidate is held to")
    complete: bool = Field(description="false when more than 100 000 leads wait: those came later")
    leads: int
    moved: int = Field(description="leads whose place would change")
    cost_per_minute_before: Sum = Field(description="money at risk in every minute of waiting")
    cost_per_minute_after: Sum
    likely_lost_before: Sum = Field(
        description="money that likely leaves while this line is worked off in its present order,"
        " by what the candidate says of chances, bills, patience and minutes; nothing comes in"
    )
    likely_lost_after: Sum = Field(description="the same in the candidate's order")
    operators: float = Field(description="on shift, who work it off; 1 while nobody is")
    mode: Literal["calm", "rush"] = Field(description="the numbers in force, that it is made with")
    other_mode: OtherModeOut | None = Field(
        description="the same line in the other mode; null where neither policy has a `rush`"
    )
    first_before: list[UUID] = Field(description="the first ten in line")
    first_after: list[UUID]
    top: list[MoveOut] = Field(description="the fifty greatest moves, by places")
    by_kind: list[KindTotalsOut]
    examples: list[ExampleMissOut] = Field(
        description="examples of the candidate that come out otherwise, the first 100"
    )

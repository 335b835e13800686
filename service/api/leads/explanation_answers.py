"""Answers that explain why a lead was served, in numbers and in words."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from service.api.customers.customer_answers import ClientOut
from service.api.leads.lead_answers import (
    TITLE,
    AnswerModel,
    ExplainedLeadOut,
    ExplanationOut,
    LeadOut,
)
from service.leads.lead import Kind
from service.ranking.decision import ServedVia


class SecondOut(AnswerModel):
    """The lead that stood second when a lead was served, and how far behind it was."""

    lead_id: UUID
    rank: int
    stage: int
    score: float
    behind_by: str | None = Field(
        description="stage, score or turn; null: it was first, but the guarantee passed it",
        examples=["score"],
    )
    by: float = Field(description="by how much; negative when it had more")
    rule: str
    title: str | None = Field(description=TITLE)


class NotEligibleOut(AnswerModel):
    """A lead that stood ahead, but that a rule kept from this operator."""

    lane: str
    lead_id: UUID
    rank: int
    rule: str
    title: str | None = Field(description=TITLE)


class GuaranteeOut(AnswerModel):
    """One in `every` claims takes the longest-late lead. This was number `count` since the last."""

    every: int
    count: int


class DecisionOut(AnswerModel):
    """Why a lead was served: its place then, the second lead, and the leads not eligible."""

    way: ServedVia = Field(
        description="served by the line, by storage without the line, or claimed by id"
    )
    rank: int
    stage: int
    score: float
    second: SecondOut | None
    guarantee: GuaranteeOut | None = None
    not_eligible: list[NotEligibleOut]


class SentencesOut(AnswerModel):
    """The same explanation in sentences."""

    en: list[str]
    ru: list[str]


class WholeExplanationOut(ExplanationOut):
    """Why a lead stands where it stands, and why it was served at its last claim."""

    decision: DecisionOut | None
    sentences: SentencesOut


class HintOut(AnswerModel):
    """A text of the policy for the operator who takes such a lead."""

    text: str
    rule: str
    title: str | None = Field(description=TITLE)


class ServedLeadOut(ExplainedLeadOut):
    """A claimed lead, why it was served, and its client's history."""

    decision: DecisionOut | None
    client: ClientOut | None = Field(description="the client; null when they are unknown")
    details_only: bool = Field(
        description="true: taken on top of another lead (A7); take the details and promise a"
        " callback"
    )
    hints: list[HintOut] = Field(description="the policy's hints for such leads (A12, B13)")


class PlaceStageOut(AnswerModel):
    """A stage without its reason."""

    value: int


class PlaceStepOut(AnswerModel):
    """A future change of place, without its reason."""

    at: datetime
    stage: int
    score: float


class PlaceOut(AnswerModel):
    """A lead's place without reasons, for a key that sent only a part of the lead."""

    kind: Kind
    score: float
    stage: PlaceStageOut
    rank: int
    policy_version: int
    next_steps: list[PlaceStepOut]


class LeadWithClientOut(LeadOut):
    """A lead that a signal joined, now or before.

    When others sent signals of it, too, a key that may not read sees only its place.
    """

    explanation: ExplanationOut | PlaceOut

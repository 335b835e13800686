"""The answers about queues, for openapi.yaml. `queue_rendering.py` writes them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel, Sum
from service.leads.lead import Intent, Kind
from service.rules.targets import Figure

Chance = Annotated[float, Field(ge=0, le=1)]


class QueueOut(AnswerModel):
    """A queue."""

    name: str
    title: str
    currency: str
    time_zone: str
    closed_at: datetime | None = Field(
        description="when it was closed to new leads; null while open"
    )


class QueuesOut(AnswerModel):
    """All queues."""

    queues: list[QueueOut]


class DepthOut(AnswerModel):
    """How many leads of a kind and stage wait."""

    kind: Kind
    stage: int
    depth: int
    oldest_wait_seconds: float
    cost_per_minute: Sum


class WaitingOut(AnswerModel):
    """The leads that wait now."""

    depth: int
    oldest_wait_seconds: float | None
    cost_per_minute: Sum = Field(description="money lost per minute while these leads wait")
    by_kind: list[DepthOut]


class ReasonOut(AnswerModel):
    """The number of leads that ended for one reason."""

    outcome: Literal["lost", "cancelled"]
    name: str | None = Field(description="its name in the policy's `reasons`; null: free words")
    leads: int


class DayOut(AnswerModel):
    """The figures of the last 24 hours. Times to first answer are in seconds."""

    served: int
    won: int
    lost: int
    cancelled: int
    no_answer: int
    answered: int = Field(description="questions and similar leads, neither won nor lost")
    amount: Sum
    reasons: list[ReasonOut] = Field(
        description="why leads were `lost` or `cancelled`, the most frequent first (B8)"
    )
    first_answers_known: int = Field(
        description="how many have an answer time from a sender; for the others the first claim"
        " counts"
    )
    first_answer_median_seconds: float | None
    first_answer_90_percent_seconds: float | None
    first_answer_95_percent_seconds: float | None


class HoldingOut(AnswerModel):
    """How many leads an operator holds."""

    name: str
    holding: int


class CutoffOut(AnswerModel):
    """Whether the leads before the next cut-off can be done in time. Minutes are of open hours."""

    at: datetime
    waiting: int = Field(description="waiting leads of kinds with an escalation before the cut-off")
    operators_on_shift: int = Field(description="seen in the last 15 minutes, or holding a lead")
    handling_minutes: float = Field(description="minutes that one operator needs for one lead")
    needed_minutes: float = Field(
        description="minutes until these operators (at least one) have done all"
    )
    left_minutes: float
    will_miss: int = Field(description="how many leads these operators cannot do in time")


class UnstaffedOut(AnswerModel):
    """Skills that waiting leads need and nobody on shift has, nor is a head of sales there."""

    skills: list[str]
    rules: list[str]
    served_by: Literal["nobody", "everybody"] = Field(
        description="who is served these leads, by the policy's `unstaffed`"
    )
    waiting: int


class KeptOut(AnswerModel):
    """How long one sort of data is kept, by the policy's `retention`."""

    what: Literal["leads", "events", "texts", "deliveries"]
    days: int = Field(
        description="how many days after the settlement, or after receipt of a request"
    )
    next_at: datetime | None = Field(description="when the oldest is deleted; null: there is none")


class LiveOut(AnswerModel):
    """Clients who are on the phone or at the counter, and whom nobody has answered."""

    waiting: int
    longest_wait_seconds: float | None = Field(description="null: none waits")


class PresenceOut(AnswerModel):
    """How many operators of the queue are there."""

    on_shift: int = Field(description="all but those off shift")
    free: int = Field(description="on shift, and hold fewer leads than they may")
    on_break: int = Field(description="on a break, or silent")


class TargetOut(AnswerModel):
    """A figure beside its target."""

    figure: Figure = Field(description="its name in the policy's `targets`")
    bound: Literal["at_most", "at_least"] = Field(description="on which side it is met")
    target: float = Field(description="what it should be")
    value: float | None = Field(description="what it is; null: nothing can be judged")
    met: bool | None = Field(description="null: nothing can be judged")


class StatsOut(AnswerModel):
    """The present state of a queue."""

    queue: str
    at: datetime
    currency: str
    waiting: WaitingOut
    claimed: int
    parked: int
    late: int = Field(description="not taken, or not settled, in time (B11)")
    served_last_hour: int = Field(description="leads first taken in the last 60 minutes")
    live: LiveOut = Field(description="live clients without an answer")
    presence: PresenceOut = Field(description="who is there")
    targets: list[TargetOut] = Field(
        description="the figures that have a target in the policy, in the order of the board"
    )
    last_24_hours: DayOut
    operators: list[HoldingOut]
    cutoff: CutoffOut | None = Field(description="the next cut-off; null when the policy has none")
    unstaffed: list[UnstaffedOut]
    retention: list[KeptOut] = Field(description="how long data are kept")


class ObservedOut(AnswerModel):
    """How claims ended."""

    won: int
    lost: int = Field(description="claims that ended in another way than won")


class PosteriorOut(AnswerModel):
    """The chance after the outcomes. The true share lies in the interval 9 times in 10."""

    mean: Chance
    low: Chance
    high: Chance


class EstimateOut(AnswerModel):
    """How often leads of one kind and intent become orders."""

    kind: Kind
    intent: Intent
    prior: Chance = Field(description="the policy's chance of the kind times the intent's factor")
    prior_weight: float = Field(description="how many outcomes the prior weighs")
    observed: ObservedOut
    posterior: PosteriorOut
    chance: Chance = Field(
        description="the chance in use: the mean if the policy learns, else the prior"
    )


class BandOut(AnswerModel):
    """Settled leads with about the same predicted chance: the prediction and the result."""

    least: Chance
    most: Chance
    leads: int
    predicted: Chance
    won: Chance


class LearningOut(AnswerModel):
    """Whether outcomes correct the chances, and how much the policy's own chance weighs."""

    enabled: bool
    prior_weight: float


class ConversionOut(AnswerModel):
    """A queue's chances, what outcomes changed in them, and how well they predicted."""

    queue: str
    policy_version: int
    learning: LearningOut
    chances: list[EstimateOut]
    calibration: list[BandOut] = Field(
        description="the newest 20 000 settled leads, in tenths of the chance"
    )


class QueueEventOut(AnswerModel):
    """Something that happened to a queue as a whole."""

    id: int
    at: datetime
    type: str = Field(examples=["cutoff.at_risk"])
    actor: str
    details: dict[str, Any] | None


class QueueEventsOut(AnswerModel):
    """A page of events, the oldest first."""

    events: list[QueueEventOut]
    next: str | None

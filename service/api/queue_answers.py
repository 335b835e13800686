"""What is answered about queues, for openapi.yaml; `queue_rendering.py` writes it."""

from datetime import datetime

from pydantic import Field

from service.api.answers import Answered, Sum
from service.leads.lead import Kind


class QueueOut(Answered):
    """A queue."""

    name: str
    title: str
    currency: str
    time_zone: str


class QueuesOut(Answered):
    """All queues."""

    queues: list[QueueOut]


class DepthOut(Answered):
    """How many leads of a kind and stage wait."""

    kind: Kind
    stage: int
    depth: int
    oldest_wait_seconds: float
    cost_per_minute: Sum


class WaitingOut(Answered):
    """What waits now."""

    depth: int
    oldest_wait_seconds: float | None
    cost_per_minute: Sum = Field(description="money at risk in every minute of waiting")
    by_kind: list[DepthOut]


class DayOut(Answered):
    """What the last 24 hours brought; the time to first answer in seconds."""

    served: int
    won: int
    lost: int
    cancelled: int
    no_answer: int
    amount: Sum
    first_answer_median_seconds: float | None
    first_answer_95_percent_seconds: float | None


class HoldingOut(Answered):
    """How many leads an operator holds."""

    name: str
    holding: int


class StatsOut(Answered):
    """How a queue stands."""

    queue: str
    at: datetime
    currency: str
    waiting: WaitingOut
    claimed: int
    parked: int
    last_24_hours: DayOut
    operators: list[HoldingOut]

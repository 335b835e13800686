"""Request bodies about operators, and how they become the service's own types."""

from dataclasses import replace
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from service.leads.lead import Kind
from service.leads.operator import Operator, Presence
from service.schemas.fields import WHOLE, OperatorName, QueueName, Sent, Skill, Words

Capacity = Annotated[int, Field(ge=1, le=100), WHOLE]
OfKind = Annotated[int, Field(ge=0, le=100), WHOLE]


class OperatorIn(Sent):
    """An operator: queues, skills, and capacity."""

    name: OperatorName | None = Field(None, description="the name in the path, or left out")
    queues: Annotated[tuple[QueueName, ...], Field(min_length=1, max_length=100)] = ("main",)
    skills: Annotated[frozenset[Skill], Field(max_length=100)] = frozenset()
    capacity: Capacity = 1
    capacity_by_kind: dict[Kind, OfKind] = Field(
        {}, description="the greatest number for single kinds; in all no more than `capacity`"
    )
    shifts: dict[str, JsonValue] | None = Field(
        None,
        description="planned hours, written like a policy's business hours, in the time zone of"
        " their first queue",
        examples=[{"weekly": {"mon-fri": "09:00-18:00"}}],
    )

    def to_operator(self, name: str) -> Operator:
        """The operator as the service's own type."""
        return Operator(
            name=name,
            queues=tuple(dict.fromkeys(self.queues)),
            skills=self.skills,
            capacity=self.capacity,
            capacity_by_kind=self.capacity_by_kind,
            shifts=self.shifts,
        )

    def over(self, existing: Operator) -> Operator:
        """The operator with the fields that were sent. All other fields stay."""
        whole = self.to_operator(existing.name)
        sent = self.model_fields_set - {"name"}
        return replace(existing, **{name: getattr(whole, name) for name in sent})


class PresenceIn(Sent):
    """The presence that an operator chooses."""

    status: Presence
    reason: Annotated[Words, Field(max_length=200)] | None = Field(
        None, description="the reason of a break, shown to others"
    )

    @model_validator(mode="after")
    def _is_of_a_break(self) -> Self:
        if self.reason is not None and self.status is not Presence.BREAK:
            remedy = {"remedy": "Leave `reason` out."}
            raise PydanticCustomError("reason_of_break", "only a break has a reason", remedy)
        return self

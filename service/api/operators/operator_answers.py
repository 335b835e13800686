"""The answers about operators, and how they are written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from service.api.leads import lead_rendering
from service.api.leads.lead_answers import AnswerModel, LeadOut
from service.flows.operators.view_operators import AtWork
from service.leads.lead import Kind, Lead
from service.leads.operator import Presence


class OperatorOut(AnswerModel):
    """An operator with their presence."""

    name: str
    queues: list[str]
    skills: list[str]
    capacity: int
    capacity_by_kind: dict[Kind, int]
    shifts: dict[str, Any] | None
    presence: Presence = Field(
        description="their choice; without a heartbeat `away` after a minute, `offline` after half"
        " an hour"
    )
    reason: str | None = Field(description="the reason of their break, if they gave one")
    seen_at: datetime | None = Field(description="their last heartbeat")


class OperatorAtWorkOut(OperatorOut):
    """An operator and the number of leads that they hold."""

    holding: int


class OperatorsOut(AnswerModel):
    """All operators, sorted by name."""

    operators: list[OperatorAtWorkOut]


class OnShiftOut(OperatorOut):
    """An operator after a change of presence."""

    held: list[LeadOut] | None = Field(
        description="when off shift: the leads they still hold, to be handed over with a note"
    )


def operator(of: AtWork) -> dict[str, Any]:
    """An operator."""
    one = of.operator
    return {
        "name": one.name,
        "queues": one.queues,
        "skills": sorted(one.skills),
        "capacity": one.capacity,
        "capacity_by_kind": {kind.value: limit for kind, limit in one.capacity_by_kind.items()},
        "shifts": one.shifts,
        "presence": of.presence,
        "reason": one.reason,
        "seen_at": one.seen_at,
    }


def operators(all_of_them: Sequence[AtWork]) -> dict[str, Any]:
    """All operators."""
    return {"operators": [{**operator(item), "holding": item.holding} for item in all_of_them]}


def on_shift(of: AtWork, held: Sequence[Lead] | None, *, tokens: bool) -> dict[str, Any]:
    """An operator after a change of presence."""
    leads = None if held is None else [lead_rendering.lead(item, tokens=tokens) for item in held]
    return {**operator(of), "held": leads}

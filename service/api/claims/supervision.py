"""A supervisor's decisions on one lead. Each needs a reason and is signed with the key's name."""

from typing import Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from service.api.dependencies import KeyOf, ResourcesOf, needs, sees_token, strict_router
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import LeadOut
from service.flows.claims import supervise
from service.flows.claims.correct_settlement import Correction, correct_settlement
from service.flows.claims.supervise import Instruction
from service.leads.errors import LeadNotFound, MoveNotAllowed
from service.leads.lead import Lead
from service.leads.settlement import Outcome
from service.schemas.fields import Money, OperatorName, Sent, Words
from service.storage.api_keys import Key

router = strict_router("supervision", "/leads")


class InstructionIn(Sent):
    """The reason for a supervisor's decision."""

    reason: Words

    def to_word(self, key: Key) -> Instruction:
        """The instruction as the service's own type, signed with the key's name."""
        return Instruction(key.name, self.reason)


class AssignIn(InstructionIn):
    """The operator that a lead must wait for, and the reason."""

    operator: OperatorName


class WithdrawIn(InstructionIn):
    """How a lead ends without an operator, and the reason."""

    outcome: Literal["lost", "cancelled", "withdrawn_by_client", "spam", "duplicate"] = Field(
        description="how it ended (B8); the policy learns only from `lost` and `cancelled`"
    )


class CorrectIn(InstructionIn):
    """The true outcome of a settled lead, and the reason for the correction."""

    outcome: Literal[
        "won",
        "lost",
        "cancelled",
        "no_answer",
        "wish",
        "answered",
        "withdrawn_by_client",
        "spam",
        "duplicate",
    ]
    amount: Money | None = Field(None, description="needed for `won`, refused for all others")


@router.post(
    "/{lead_id}/pin",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def pin_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: InstructionIn
) -> Response:
    """Put a lead on the highest stage, that of visitors; a parked or held lead, once it waits."""
    return _answer(key, await supervise.pin_lead(resources, lead_id, sent.to_word(key)))


@router.post(
    "/{lead_id}/unpin",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def unpin_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: InstructionIn
) -> Response:
    """Undo a pin. The policy places the lead again."""
    return _answer(key, await supervise.unpin_lead(resources, lead_id, sent.to_word(key)))


@router.post(
    "/{lead_id}/assign",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def assign_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: AssignIn
) -> Response:
    """Let a lead wait for one operator; a parked lead, when it is due.

    While the operator is off shift, or once they decline it, the lead is served to everybody. A
    held lead must be taken away first.
    """
    word = sent.to_word(key)
    return _answer(key, await supervise.assign_lead(resources, lead_id, sent.operator, word))


@router.post(
    "/{lead_id}/unassign",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def unassign_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: InstructionIn
) -> Response:
    """Undo an assignment. The rules choose the lead's owner again."""
    return _answer(key, await supervise.unassign_lead(resources, lead_id, sent.to_word(key)))


@router.post(
    "/{lead_id}/take-away",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def take_lead_away(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: InstructionIn
) -> Response:
    """Put a held lead back in its place in the line. The holder's token becomes invalid."""
    return _answer(key, await supervise.take_away(resources, lead_id, sent.to_word(key)))


@router.post(
    "/{lead_id}/withdraw",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def withdraw_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: WithdrawIn
) -> Response:
    """Settle a lead that waits, is parked or is held."""
    outcome, word = Outcome(sent.outcome), sent.to_word(key)
    return _answer(key, await supervise.withdraw_lead(resources, lead_id, outcome, word))


@router.post(
    "/{lead_id}/correct",
    response_model=LeadOut,
    openapi_extra=needs("supervise", raises=(LeadNotFound, MoveNotAllowed)),
)
async def correct_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: CorrectIn
) -> Response:
    """Correct the outcome or amount of a settled lead, for example after a return.

    Figures and learning follow. The operator and the time of the settlement stay.
    """
    correction = Correction(Outcome(sent.outcome), sent.amount, sent.reason, key.name)
    return _answer(key, await correct_settlement(resources, lead_id, correction))


def _answer(key: Key, lead: Lead) -> Response:
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=sees_token(key, lead)))

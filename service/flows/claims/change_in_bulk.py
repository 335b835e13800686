"""A supervisor applies one action to many leads; each lead has its own result.

A refusal of one lead does not stop the others. Each lead has its own transaction, so finished leads
stay changed when the rest fails.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from service.flows.claims.check_handover import Handover
from service.flows.claims.supervise import (
    Instruction,
    assign_lead,
    hand_over_unheld,
    unassign_lead,
    withdraw_lead,
)
from service.leads.errors import FieldMistake, InvalidRequest, NextleadError, StorageUnavailable
from service.leads.lead import Lead
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.leads.bulk import BulkFilter, leads_of

MAX_LEADS = 1000


class BulkAction(StrEnum):
    """The actions on many leads at once."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    TRANSFER = "transfer"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """The action, with its operator, skill or queue, or its outcome."""

    action: BulkAction
    to: Handover
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The result of one lead: changed, unchanged, or refused with a reason."""

    lead_id: UUID
    result: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class BulkReport:
    """The results of a filter's leads; `complete` unless there are more than 1 000."""

    results: list[BulkResult]
    complete: bool


async def change_in_bulk(
    resources: Resources, wanted: BulkFilter, order: BulkOrder, word: Instruction
) -> BulkReport:
    """Apply an action to the leads of a filter, oldest first, at most 1 000.

    Raises InvalidRequest when the action lacks its target or outcome.
    """
    decide = _decision(resources, order, word)
    found = await leads_of(resources.stores.database, wanted, MAX_LEADS + 1)
    results = [await _one(lead, decide) for lead in found[:MAX_LEADS]]
    return BulkReport(results, complete=len(found) <= MAX_LEADS)


async def _one(lead: Lead, decide: Callable[[UUID], Awaitable[Lead]]) -> BulkResult:
    try:
        changed = await decide(lead.id)
    except StorageUnavailable:
        raise
    except NextleadError as error:
        return BulkResult(lead.id, "refused", str(error))
    return BulkResult(lead.id, "unchanged" if changed.version == lead.version else "changed")


def _decision(
    resources: Resources, order: BulkOrder, word: Instruction
) -> Callable[[UUID], Awaitable[Lead]]:
    to, outcome = order.to, order.outcome
    match order.action:
        case BulkAction.ASSIGN:
            if to.operator is None:
                raise _lacking("operator", "Name whom they are to wait for.")
            name = to.operator
            return lambda lead_id: assign_lead(resources, lead_id, name, word)
        case BulkAction.UNASSIGN:
            return lambda lead_id: unassign_lead(resources, lead_id, word)
        case BulkAction.TRANSFER:
            if len(to.target) != 1:
                raise _lacking("operator", "Name an operator, a skill, or a queue.")
            return lambda lead_id: hand_over_unheld(resources, lead_id, to, word)
        case BulkAction.WITHDRAW:
            if outcome is None:
                raise _lacking("outcome", "Say what became of them.")
            return lambda lead_id: withdraw_lead(resources, lead_id, outcome, word)


def _lacking(field: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(field, "the action needs it", remedy)])

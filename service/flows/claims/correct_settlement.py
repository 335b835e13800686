"""A supervisor corrects a settlement: a sale was returned, or a sum was wrong.

It writes Postgres only, under the lock of the lead: the outcome, its count for learning, and the
event. A settled lead is in no line.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from service.flows.line.show_in_line import show_in_line
from service.leads.errors import FieldMistake, InvalidRequest, MoveNotAllowed
from service.leads.lead import Lead, State
from service.leads.settlement import COUNTED, NEEDS_REASON, Outcome
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, locked
from service.storage.leads.reopening import last_settling
from service.storage.policies.conversions import count_outcome, uncount_outcome

CORRECTED = "lead.corrected"


@dataclass(frozen=True, slots=True)
class Correction:
    """The right outcome of a lead, and why it is corrected."""

    outcome: Outcome
    amount: Decimal | None
    reason: str
    author: str


async def correct_settlement(resources: Resources, lead_id: UUID, correction: Correction) -> Lead:
    """Correct a settlement and return the lead; statistics and learning follow.

    A repetition changes nothing. Raises MoveNotAllowed when the lead is not settled, and
    InvalidRequest for a sale without its sum.
    """
    _check(correction)
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        if lead.state is not State.SETTLED:
            raise MoveNotAllowed(f"The lead is {lead.state}; only a settled one is corrected.")
        if (lead.outcome, lead.amount) == (correction.outcome, correction.amount):
            return lead
        event = await _event(connection, resources, lead, correction)
        await uncount_outcome(connection, lead)
        if correction.outcome in COUNTED:
            await count_outcome(connection, lead, won=correction.outcome is Outcome.WON)
        lead = await alter(connection, lead, event, _columns(lead, correction))
    await show_in_line(resources, lead)
    return lead


def _check(correction: Correction) -> None:
    is_sale = correction.outcome is Outcome.WON
    if is_sale and correction.amount is None:
        mistake = FieldMistake("amount", "`won` needs the amount", "Give the order's sum.")
    elif not is_sale and correction.amount is not None:
        mistake = FieldMistake("amount", f"`{correction.outcome}` has none", "Leave it out.")
    else:
        return
    raise InvalidRequest([mistake])


def _columns(lead: Lead, correction: Correction) -> dict[str, object]:
    needed = correction.outcome in NEEDS_REASON
    return {
        "outcome": correction.outcome.value,
        "amount": correction.amount,
        "reason": correction.reason if needed else lead.reason,
        "counted": correction.outcome in COUNTED,
    }


async def _event(
    connection: Connection, resources: Resources, lead: Lead, correction: Correction
) -> LeadEvent:
    details = {
        "outcome_before": lead.outcome,
        "outcome": correction.outcome.value,
        "amount_before": _written(lead.amount),
        "amount": _written(correction.amount),
        "event": await last_settling(connection, lead),
    }
    now = resources.clock.now()
    return LeadEvent(CORRECTED, now, correction.author, correction.reason, details)


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"

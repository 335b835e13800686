"""An operator ends his claim: sold, lost, cancelled, nobody answered, call again at a time.

Postgres first, guarded by the token, with the event; then the line lets the lead go. What the
line does not hear, `keep_in_step` repeats.
"""

from datetime import datetime
from uuid import UUID

from service.flows.change_customer import follow_contact, note_contact
from service.flows.pause_held import let_held_go_on
from service.flows.show_in_line import show_in_line
from service.flows.token import locked_claim
from service.leads.lead import Lead, State
from service.leads.settlement import Outcome, Settlement, check_settlement
from service.ranking.again import stand_parked
from service.ranking.policy import Policy
from service.resources import Resources
from service.storage.bases import Basis
from service.storage.conversions import count_outcome
from service.storage.history import Event
from service.storage.leads import move
from service.storage.rows import standing_columns


async def settle_claim(
    resources: Resources, lead_id: UUID, token: str, settlement: Settlement
) -> Lead:
    """End a claim; a lead that is to be called again is parked until then.

    Raises ClaimGone when the token is not that of the present claim, and InvalidRequest naming
    what the outcome needs (rules A11, A15, A19, B8).
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        check_settlement(settlement, lead.standing.kind, now)
        basis = await resources.stores.bases.of(lead.signal.queue)
        until = call_again_at(settlement, lead, basis.policy, now)
        state = State.SETTLED if until is None else State.PARKED
        event = _event(settlement, claim.operator, now, until)
        changes = _changes(settlement, lead, claim.operator, now, until)
        if until is None:
            won = settlement.outcome is Outcome.WON
            await count_outcome(connection, lead, won=won)
        else:
            changes |= _place_when_due(lead, basis, until)
        lead = await move(connection, lead, state, event, changes)
        talked = settlement.outcome is not Outcome.NO_ANSWER
        if talked:
            await note_contact(connection, lead, claim.operator, now)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    if talked:
        await follow_contact(resources, lead, claim.operator)
    return lead


def call_again_at(
    settlement: Settlement, lead: Lead, policy: Policy, now: datetime
) -> datetime | None:
    """When the client is called again; None when he is not.

    A promised callback is half an hour off unless a time is given (rule A11). A client who does
    not answer is tried again by the policy's ladder, and given up after its last step (rule B6).
    """
    if settlement.outcome is Outcome.CALLBACK:
        return settlement.until or now + policy.callback_after
    retries = policy.no_answer_retries
    if settlement.outcome is Outcome.NO_ANSWER and lead.unanswered_calls < len(retries):
        return now + retries[lead.unanswered_calls]
    return None


def _changes(
    settlement: Settlement, lead: Lead, operator: str, now: datetime, until: datetime | None
) -> dict[str, object]:
    unanswered = lead.unanswered_calls + (settlement.outcome is Outcome.NO_ANSWER)
    said = {"note": settlement.note or lead.note, "unanswered_calls": unanswered}
    if until is not None:
        return {**said, "parked_until": until}
    return {
        **said,
        "outcome": settlement.outcome.value,
        "reason": settlement.reason,
        "amount": settlement.amount,
        "settled_at": now,
        "settled_by": operator,
    }


def _place_when_due(lead: Lead, basis: Basis, until: datetime) -> dict[str, object]:
    standing = stand_parked(lead.situation, basis.policy, until, basis.observed)
    return {"callback_due": True, **standing_columns(standing)}


def _event(settlement: Settlement, operator: str, now: datetime, until: datetime | None) -> Event:
    details: dict[str, object] = {"outcome": settlement.outcome.value, "note": settlement.note}
    if settlement.amount is not None:
        details["amount"] = f"{settlement.amount:.2f}"
    if until is not None:
        details["until"] = until
    kind = "lead.settled" if until is None else "lead.parked"
    return Event(kind, now, operator, settlement.reason, details)

"""An operator undoes a settlement of a moment ago: they hold the lead again.

Postgres first, in one transaction under the operator's lock: the lead, the count of its outcome,
and the event. Then the line.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from service.flows.claims.pause_held import pause_held
from service.flows.leads.follow_tasks import return_tasks
from service.flows.leads.update_customer import reopen_task
from service.flows.line.show_in_line import show_all_in_line
from service.leads.claim_end import REPEATABLE_FOR, UNDONE_WITHIN, EndVerb
from service.leads.errors import ClaimGone, MoveNotAllowed
from service.leads.lead import Claim, Lead, State
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.ended_claims import EndedClaim, drop_ended_claim, find_ended_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import locked_with_held
from service.storage.leads.leads import count_held, find
from service.storage.leads.reopening import has_newer_lead, reopen, settling_event
from service.storage.operators.operators import find_operator
from service.storage.policies.conversions import uncount_outcome

REOPENED = "lead.reopened"


@dataclass(frozen=True, slots=True)
class _Undoing:
    """The ended claim to undo, its token, and the time."""

    token: str
    ended: EndedClaim
    now: datetime


async def undo_settle(resources: Resources, lead_id: UUID, token: str) -> Lead:
    """Let the holder continue a lead that they settled at most 30 s ago.

    A repetition returns the lead that they hold. At capacity, the lead comes on top of the others.
    Raises ClaimGone when the token settled nothing. Raises MoveNotAllowed once the settlement had
    an effect.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead = await find(connection, lead_id)
        if lead.claim is not None and lead.claim.token == token:
            return lead
        ended = await find_ended_claim(connection, token, now - REPEATABLE_FOR)
        if ended is None or ended.lead_id != lead.id:
            raise ClaimGone("Nothing was settled with this token.")
        lead, still = await _undo(connection, resources, _Undoing(token, ended, now))
    resources.stores.attendance.seen(ended.operator, now)
    await show_all_in_line(resources, [lead, *still])
    await return_tasks(resources, lead)
    return lead


async def _undo(
    connection: Connection, resources: Resources, undoing: _Undoing
) -> tuple[Lead, list[Lead]]:
    """Return the lead with its new claim, and the leads that are paused for it."""
    ended, now = undoing.ended, undoing.now
    await count_held(connection, ended.operator)
    operator = await find_operator(connection, ended.operator)
    lead, held = await locked_with_held(connection, ended.operator, ended.lead_id)
    assert lead is not None, "it was asked for"
    event_id = await _check(connection, lead, undoing)
    on_top = len(held) >= operator.capacity
    still = await pause_held(connection, held, operator.name, now) if on_top else []
    lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
    claim = Claim(operator.name, undoing.token, ended.claimed_since, now + lease, on_top=on_top)
    await uncount_outcome(connection, lead)
    details = {"outcome": lead.outcome, "event": event_id}
    event = LeadEvent(REOPENED, now, operator.name, "undone", details)
    lead = await reopen(connection, lead, State.CLAIMED, event, _columns(ended, claim))
    await drop_ended_claim(connection, undoing.token)
    await reopen_task(connection, lead, ended.ended_at, now)
    return lead, still


async def _check(connection: Connection, lead: Lead, undoing: _Undoing) -> int:
    """Return the event of the settlement; raises MoveNotAllowed when it cannot be undone."""
    ended, now = undoing.ended, undoing.now
    if ended.verb is not EndVerb.SETTLE:
        raise MoveNotAllowed(f"The claim was ended with `{ended.verb}`; only `settle` is undone.")
    if lead.state is not State.SETTLED:
        raise MoveNotAllowed(f"The lead is {lead.state}: a follow-up came of the settlement.")
    if now > ended.ended_at + UNDONE_WITHIN:
        seconds = int(UNDONE_WITHIN.total_seconds())
        raise MoveNotAllowed(f"It was settled more than {seconds} seconds ago.")
    event_id = await settling_event(connection, lead)
    if event_id is None:
        raise MoveNotAllowed("The settlement was corrected meanwhile, or something came of it.")
    if await has_newer_lead(connection, lead):
        raise MoveNotAllowed("The client has a newer lead.")
    return event_id


def _columns(ended: EndedClaim, claim: Claim) -> dict[str, object]:
    """The values from before the settlement, and the claim."""
    amount = ended.before["amount"]
    return {
        **ended.before,
        "amount": None if amount is None else Decimal(amount),
        "claimed_by": claim.operator,
        "claim_token": claim.token,
        "claimed_since": claim.since,
        "lease_until": claim.lease_until,
        "on_top": claim.on_top,
    }

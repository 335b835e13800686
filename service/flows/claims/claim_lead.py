"""An operator claims a lead by its id, out of the order of the line.

Postgres first: only a waiting lead, and only below capacity. Then the line.
"""

import secrets
from uuid import UUID

from service.flows.claims.count_claim import count_claim, refusals_counted
from service.flows.line.find_staff import find_staff, find_staff_and_load
from service.flows.line.follow_time import follow_time
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import AtCapacity, MoveNotAllowed, NotEligible
from service.leads.lead import Claim, Kind, Lead, State
from service.leads.operator import Operator
from service.leads.unchanging import unchanging
from service.ranking.decision import Decision, ServedVia, decide
from service.resources import Resources
from service.rules.audience import OWNERS, why_not_by_id
from service.rules.lane_names import lane_of
from service.storage.database import Connection
from service.storage.leads.claim_events import BY_ID, CLAIMED, claim_details, last_decision
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import held_kinds
from service.storage.leads.leads import count_held, hold, locked
from service.storage.operators.operators import find_operator

REMEDY = "A key with the scope `supervise` may override it with a `reason`."


@unchanging
class Override:
    """A supervisor's permission to take a lead against the rules: its author and reason."""

    author: str
    reason: str


async def claim_lead(
    resources: Resources, lead_id: UUID, name: str, override: Override | None = None
) -> tuple[Lead, Decision | None]:
    """Claim a waiting lead by its id; if the operator already holds it, return it.

    Also returns the decision that is stored with the claim. Raises MoveNotAllowed when the lead
    does not wait. Raises NotEligible when the line would not serve the operator from its lane (B2,
    B3, B4, B18), unless overridden. Raises AtCapacity when they hold as many leads as they may.
    """
    with refusals_counted():
        return await _claim(resources, lead_id, name, override)


async def _claim(
    resources: Resources, lead_id: UUID, name: str, override: Override | None
) -> tuple[Lead, Decision | None]:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        held = await count_held(connection, name)
        operator = await find_operator(connection, name)
        lead = await locked(connection, lead_id)
        if lead.claim is not None and lead.claim.operator == name:
            return lead, await last_decision(connection, lead.id)
        if lead.state is not State.WAITING:
            raise MoveNotAllowed(f"The lead is {lead.state}; only a waiting one can be claimed.")
        lead = await follow_time(connection, resources, lead, now)
        why_not = await _why_not(resources, operator, lead)
        if why_not is not None and override is None:
            raise why_not
        if held >= operator.capacity:
            raise AtCapacity(f"{name} holds {operator.capacity} already; settle or release first.")
        await _check_kind(connection, operator, lead.ranking.kind)
        lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
        claim = Claim(name, secrets.token_urlsafe(16), now, now + lease)
        decision = decide(ServedVia.ASKED_FOR, lead.ranking.rank)
        why = claim_details(lead, decision)
        if why_not is not None and override is not None:
            why["override"] = {"by": override.author, "reason": override.reason, "of": str(why_not)}
        event = LeadEvent(CLAIMED, now, name, BY_ID, why)
        lead = await hold(connection, lead, claim, event)
    count_claim(lead, ServedVia.ASKED_FOR)
    resources.stores.attendance.seen(name, now)
    await show_in_line(resources, lead)
    return lead, decision


async def _why_not(resources: Resources, operator: Operator, lead: Lead) -> NotEligible | None:
    """Why the line would not serve the operator: another queue, an owner, or missing skills."""
    queue = lead.signal.queue
    if queue not in operator.queues:
        return NotEligible(f"{operator.name} is not served from `{queue}` (B18). {REMEDY}")
    lane = lane_of(lead.ranking.lane)
    staff = await (find_staff_and_load if lane.skills else find_staff)(resources, queue)
    rule = why_not_by_id(operator, lane, staff)
    if rule is None:
        return None
    if rule == OWNERS:
        return NotEligible(f"It waits for {lane.owner} ({rule}). {REMEDY}", owner=lane.owner)
    demands = f"It demands {', '.join(sorted(lane.skills))} ({rule}). {REMEDY}"
    return NotEligible(demands, skills=lane.skills - operator.skills)


async def _check_kind(connection: Connection, operator: Operator, kind: Kind) -> None:
    if kind in operator.full_kinds(await held_kinds(connection, operator.name)):
        limit = operator.capacity_by_kind[kind]
        detail = f"{operator.name} may hold {limit} of the kind {kind}; settle one first."
        raise AtCapacity(detail, kind=kind)

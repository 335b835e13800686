"""An operator gives a sign of life: their lease starts again.

Postgres first, guarded by the token; then the line. A lease whose time is over but that nobody
ended yet can still be renewed: the operator is there.
"""

from datetime import datetime
from uuid import UUID

from service.flows.claims.locked_claim import locked_claim
from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.leads import renew
from service.storage.leads.renewals import Renewal


async def renew_claim(resources: Resources, lead_id: UUID, token: str) -> Lead:
    """Let the lease end a whole lease from now; raises ClaimGone."""
    now = resources.clock.now()
    bases = await resources.stores.bases.all()
    leases = {queue: basis.policy.lease.total_seconds() for queue, basis in bases.items()}
    lead = await resources.stores.renewals.renew(Renewal(lead_id, token, now, leases))
    if lead is None:
        lead = await _renew(resources, lead_id, token, now)
    if lead.claim is not None:
        resources.stores.attendance.seen(lead.claim.operator, now)
    await show_in_line(resources, lead)
    return lead


async def _renew(resources: Resources, lead_id: UUID, token: str, now: datetime) -> Lead:
    """What the statement left alone: nobody's, somebody else's, paused, or locked just then."""
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
        if claim.paused_since is None:  # else it stands still until the call on top ends
            # a talk that goes on, and what follows from it, lasts longer than a lease
            lead = await renew(connection, lead, max(claim.lease_until, now + lease), now)
        return lead

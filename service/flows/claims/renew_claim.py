"""An operator gives a sign of life: their lease starts again.

Postgres first, guarded by the token; then the line. An expired lease can still be renewed until the
claim is ended, because the operator is present.
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
    """Start the lease again from now; raises ClaimGone."""
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
    """Handle what the fast statement skipped: no claim, another's claim, a pause or a lock."""
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
        if claim.paused_since is None:  # else paused until the call on top ends
            # a talk and its wrap-up last longer than a lease
            lead = await renew(connection, lead, max(claim.lease_until, now + lease), now)
        return lead

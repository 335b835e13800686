"""Check the token of a claim; only its holder may renew, release or settle it."""

import hmac
from uuid import UUID

from service.leads.errors import ClaimGone
from service.leads.lead import Claim, Lead
from service.storage.database import Connection
from service.storage.leads.leads import locked


async def locked_claim(connection: Connection, lead_id: UUID, token: str) -> tuple[Lead, Claim]:
    """Lock the lead until the transaction ends; return it with its claim.

    Raises LeadNotFound. Raises ClaimGone when the token is not that of the present claim: the lease
    ended, somebody else holds the lead, or it is settled.
    """
    lead = await locked(connection, lead_id)
    return lead, check_token(lead, token)


def check_token(lead: Lead, token: str) -> Claim:
    """Return the present claim of a lead; raises ClaimGone for another token."""
    if lead.claim is None:
        raise ClaimGone(f"Nobody holds the lead; it is {lead.state}.")
    if not hmac.compare_digest(lead.claim.token.encode(), token.encode()):
        raise ClaimGone("The lead is held under another token by now.")
    return lead.claim

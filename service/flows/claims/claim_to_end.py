"""Find the claim that its holder ends, or how it ended before.

A lost answer costs nothing. For a day the same token with the same content gets the same answer
again. With other content the answer says how the claim ended.
"""

from datetime import datetime
from uuid import UUID

from service.flows.claims.locked_claim import check_token
from service.leads.claim_end import REPEATABLE_FOR, ClaimEnd
from service.leads.errors import ClaimGone
from service.leads.lead import Claim, Lead
from service.storage.database import Connection
from service.storage.leads.ended_claims import EndedClaim, find_ended_claim
from service.storage.leads.leads import locked


async def claim_to_end(
    connection: Connection, lead_id: UUID, token: str, end: ClaimEnd, now: datetime
) -> tuple[Lead, Claim | None]:
    """Lock the lead; return it with its claim, or without one if the same request ended it before.

    Raises LeadNotFound, and ClaimGone when the claim ended in another way.
    """
    lead = await locked(connection, lead_id)
    try:
        return lead, check_token(lead, token)
    except ClaimGone as gone:
        before = await find_ended_claim(connection, token, now - REPEATABLE_FOR)
        check_repeated(lead, end, before, gone)
        return lead, None


def check_repeated(lead: Lead, end: ClaimEnd, before: EndedClaim | None, gone: ClaimGone) -> None:
    """Raise ClaimGone unless the same request ended the lead's claim before."""
    if before is None or before.lead_id != lead.id:
        raise gone
    if not before.is_repeated_by(end):
        raise ClaimGone(_told(before, lead)) from None


def _told(before: EndedClaim, lead: Lead) -> str:
    how = f"`{before.verb}`" + (f" as `{before.outcome}`" if before.outcome else "")
    when = before.ended_at.isoformat(timespec="seconds")
    return f"{before.operator} ended this claim with {how} at {when}; the lead is {lead.state}."

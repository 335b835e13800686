"""The claim that its holder ends; one that the same report ended before stays ended.

A lost answer costs nothing: for a day the same token with the same content is answered as the
first time, and with another content is told how the claim ended.
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
    """The lead, locked, and its claim; no claim when it was ended in this very way before.

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
    """Raise ClaimGone unless the claim of a lead was ended in this very way before."""
    if before is None or before.lead_id != lead.id:
        raise gone
    if not before.is_repeated_by(end):
        raise ClaimGone(_told(before, lead)) from None


def _told(before: EndedClaim, lead: Lead) -> str:
    how = f"`{before.verb}`" + (f" as `{before.outcome}`" if before.outcome else "")
    when = before.ended_at.isoformat(timespec="seconds")
    return f"{before.operator} ended this claim with {how} at {when}; the lead is {lead.state}."

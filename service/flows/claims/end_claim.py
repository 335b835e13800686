"""The holder ends a claim: read the lead, decide, and write.

Nothing is locked meanwhile. One guarded statement writes everything, or nothing if the lead or its
client's card changed since they were read. Then the flow reads and decides again.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from service.flows.claims.claim_to_end import check_repeated
from service.flows.claims.locked_claim import check_token
from service.leads.claim_end import REPEATABLE_FOR, ClaimEnd
from service.leads.errors import ClaimGone, Overloaded
from service.leads.lead import Claim, Lead
from service.resources import Resources
from service.storage.leads.ended_claims import find_ended_claim
from service.storage.leads.endings import EndOfClaim
from service.storage.leads.held_leads import HeldLead

MAX_TRIES = 5

Decide = Callable[[HeldLead, Claim], Awaitable[EndOfClaim]]


async def end_claim(
    resources: Resources, named: tuple[UUID, str], end: ClaimEnd, now: datetime, decide: Decide
) -> tuple[Lead, EndOfClaim | None, bool]:
    """End a claim, `named` by lead and token.

    Returns the lead afterwards, how the claim ended, and whether its client has another open lead.
    The end is None when the same request ended the claim before. Raises LeadNotFound, and ClaimGone
    when the claim ended in another way.
    """
    lead_id, token = named
    for tried in range(MAX_TRIES):
        held = await resources.stores.held.find(lead_id)
        try:
            claim = check_token(held.lead, token)
        except ClaimGone as gone:
            await _check_repeated(resources, held.lead, (token, end, now), gone)
            return held.lead, None, False
        ending = await decide(held, claim)
        more_open = await resources.stores.endings.end(ending, alone=tried > 0)
        if more_open is not None:
            return ending.lead, ending, more_open
    raise Overloaded("The lead changes all the time; send it again in a moment.")


async def _check_repeated(
    resources: Resources, lead: Lead, reported: tuple[str, ClaimEnd, datetime], gone: ClaimGone
) -> None:
    token, end, now = reported
    async with resources.stores.database.transaction() as connection:
        before = await find_ended_claim(connection, token, now - REPEATABLE_FOR)
    check_repeated(lead, end, before, gone)

"""How claims ended lately, found by the digests of their tokens."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.lead import Claim, Lead
from service.leads.unchanging import unchanging
from service.storage.database import Connection, Database
from service.storage.tables import ended_claims

PRUNE = """
DELETE FROM ended_claims WHERE token_digest IN (
    SELECT token_digest FROM ended_claims WHERE ended_at < $1 ORDER BY ended_at LIMIT $2
)
RETURNING 1
"""


@unchanging
class EndedClaim:
    """A claim that its holder ended; `before` are columns that the end overwrote."""

    lead_id: UUID
    operator: str
    claimed_since: datetime
    verb: EndVerb
    content_digest: bytes
    outcome: str | None
    ended_at: datetime
    before: Mapping[str, Any]

    def is_repeated_by(self, end: ClaimEnd) -> bool:
        """Whether this report repeats the one that ended the claim."""
        return self.content_digest == end.digest


async def put_ended_claim(
    connection: Connection, before: Lead, claim: Claim, end: ClaimEnd, now: datetime
) -> None:
    """Store how a claim ended, in the transaction that ends it."""
    row = {"lead_id": before.id, "operator": claim.operator, "ended_at": now}
    await connection.execute(insert(ended_claims).values(row | what_is_kept(before, claim, end)))


def what_is_kept(before: Lead, claim: Claim, end: ClaimEnd) -> dict[str, Any]:
    """The stored columns of an end besides lead, operator and time."""
    outcome = getattr(end.content, "outcome", None)
    return {
        "token_digest": _digest(claim.token),
        "claimed_since": claim.since,
        "verb": end.verb.value,
        "content_digest": end.digest,
        "outcome": None if outcome is None else outcome.value,
        "before": {
            "note": before.note,
            "amount": None if before.amount is None else str(before.amount),
            "unanswered_calls": before.unanswered_calls,
            "price_profile": before.price_profile,
        },
    }


async def find_ended_claim(
    connection: Connection, token: str, since: datetime
) -> EndedClaim | None:
    """How the claim of a token ended; None when it did not end since `since`."""
    rows = ended_claims.c
    statement = select(ended_claims).where(
        rows.token_digest == _digest(token), rows.ended_at >= since
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    return EndedClaim(
        lead_id=row["lead_id"],
        operator=row["operator"],
        claimed_since=row["claimed_since"],
        verb=EndVerb(row["verb"]),
        content_digest=row["content_digest"],
        outcome=row["outcome"],
        ended_at=row["ended_at"],
        before=row["before"],
    )


async def drop_ended_claim(connection: Connection, token: str) -> None:
    """Delete the record of a claim's end, because the claim goes on."""
    await connection.execute(
        delete(ended_claims).where(ended_claims.c.token_digest == _digest(token))
    )


async def prune_ended_claims(database: Database, before: datetime, limit: int) -> int:
    """Delete some records of claims that ended before a time; returns how many."""
    return len(await database.fetch(PRUNE, before, limit))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

"""Confirming claims: Postgres decides who holds a lead."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from service.batching import Batcher
from service.leads.errors import OffShift, OperatorNotFound
from service.leads.lead import Claim, Lead
from service.leads.operator import Operator
from service.leads.unchanging import replace, unchanging
from service.ranking.decision import Decision, ServedVia
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.leads.claim_events import DETAILS
from service.storage.rows import lead_of
from service.tracing.spans import traceparent

ROWS = 32

# What a claim changes in the rows of `free`, however they were found.
CLAIM = f"""
claimed AS (
    UPDATE leads SET
        state = 'claimed', version = leads.version + 1, changed_at = free.since,
        claimed_by = free.operator, claim_token = free.token,
        claimed_since = coalesce(leads.claimed_since, free.since),
        lease_until = CASE WHEN leads.paused_since IS NULL
            THEN greatest(leads.lease_until, free.until) ELSE leads.lease_until END,
        first_claimed_at = coalesce(leads.first_claimed_at, free.since)
    FROM free WHERE leads.id = free.id
    RETURNING leads.*
), told AS (
    INSERT INTO lead_events
        (lead_id, at, type, actor, state_before, state_after, details, traceparent)
    SELECT claimed.id, free.since, 'lead.claimed', free.operator, 'waiting', 'claimed',
        {DETAILS}, free.traceparent
    FROM claimed JOIN free USING (id) WHERE free.state = 'waiting'
)
SELECT * FROM claimed
"""

# The guard: the lead waits in the version that the line knew, and no due step is missing in
# Postgres (the explanation would be of the earlier place). Or it is held under this token: a
# repeated `next`, whose lease then starts again. Rows are locked in the order of their ids, and
# LATERAL keeps the planner from searching by state. A row that somebody else has locked counts as
# gone: thirty others must not wait for it. Postgres counts what the operator holds, because the
# line may not show a claim by id yet. `ahead` counts their other claims in this statement.
CONFIRM = f"""
WITH wanted AS (
    SELECT *, row_number() OVER (PARTITION BY operator ORDER BY id) - 1 AS ahead
    FROM json_to_recordset($1::text::json) AS one
        (id uuid, version int, operator text, token text, since timestamptz, until timestamptz,
        decision json, traceparent text)
    ORDER BY id
), free AS MATERIALIZED (
    SELECT found.id, found.state, wanted.operator, wanted.token, wanted.since, wanted.until,
        wanted.decision, wanted.traceparent
    FROM wanted, LATERAL (
        SELECT leads.id, leads.state, leads.version, leads.claim_token, leads.next_step_at,
            leads.kind
        FROM leads WHERE leads.id = wanted.id FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE found.state = 'waiting' AND found.version = wanted.version
        AND (found.next_step_at IS NULL OR found.next_step_at > wanted.since)
        AND may_take_one_more(wanted.operator, found.kind, wanted.ahead)
       OR found.state = 'claimed' AND found.claim_token = wanted.token
), {CLAIM}"""

# Without the line: the best head of all lanes, without leads that others are taking now, and
# without the kinds of which the operator holds enough.
CLAIM_FIRST = f"""
WITH free AS MATERIALIZED (
    SELECT head.id, head.state, $4::text AS operator, $5::text AS token,
        $6::timestamptz AS since, served.until, json_build_object(
            'way', $7::text, 'rank', head.rank, 'stage', head.stage, 'score', head.score,
            'second', NULL
        ) AS decision, $9::text AS traceparent
    FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS served (queue, lane, until),
    LATERAL (
        SELECT leads.id, leads.state, leads.rank, leads.stage, leads.score FROM leads
        WHERE leads.queue = served.queue AND leads.lane = served.lane
            AND leads.state = 'waiting' AND leads.kind <> ALL ($8::text[])
        ORDER BY leads.rank DESC, leads.id
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS head
    ORDER BY head.rank DESC, head.id
    LIMIT 1
), {CLAIM}"""

# Released at the end of the transaction; the next statements see what earlier requests did.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('operator ' || $1))"

IS_OFFLINE = "SELECT coalesce(status = 'offline', false) FROM operators WHERE name = $1"

# All lanes in which leads of a queue wait; it reads only the first row of each lane.
WAITING_LANES = """
WITH RECURSIVE lanes AS (
    (SELECT lane FROM leads WHERE queue = $1 AND state = 'waiting' ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (
        SELECT lane FROM leads WHERE queue = $1 AND state = 'waiting' AND lane > lanes.lane
        ORDER BY lane LIMIT 1
    ) FROM lanes WHERE lane IS NOT NULL
)
SELECT lane FROM lanes WHERE lane IS NOT NULL LIMIT 10000
"""

HELD = """
SELECT * FROM leads WHERE claimed_by = $1 AND state = 'claimed'
ORDER BY claimed_since, id LIMIT 100
"""


@unchanging
class ClaimRequest:
    """A claim that the line proposes: this lead in this version, with the reasons."""

    lead_id: UUID
    version: int
    claim: Claim
    decision: Decision | None = None
    traceparent: str | None = None


class Claims:
    """Decides on claims."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[ClaimRequest, Lead | None] = Batcher(
            self._confirm, name="claims", size=ROWS, max_in_flight=1
        )

    async def confirm(self, wanted: ClaimRequest) -> Lead | None:
        """Commit a claim; None when the lead cannot be claimed in that version."""
        return await self._batch.submit(wanted)

    async def held_by(self, operator: str) -> list[Lead]:
        """The leads that an operator holds, the longest held first; at most 100."""
        return [lead_of(row) for row in await self._database.fetch(HELD, operator)]

    async def claim_first(
        self,
        operator: Operator,
        claim: Claim,
        leases: Mapping[str, datetime],
        lanes: Mapping[str, Sequence[str]],
    ) -> Lead | None:
        """Claim the first lead for an operator directly from the rows, without the line.

        `leases` says for each queue when a lease that begins now ends, `lanes` the lanes that the
        operator is served from. At capacity the result is the lead that they have held longest,
        with a new lease. Requests of one operator run one after the other, so two at once do not
        give two leads. Raises OffShift when they have gone off shift, and OperatorNotFound when
        they were deleted.
        """
        async with self._database.lean_transaction() as connection:
            await connection.execute(ONE_AT_A_TIME, operator.name)
            offline = await connection.fetchval(IS_OFFLINE, operator.name)
            if offline is None:
                raise OperatorNotFound(f"{operator.name} has just been deleted.")
            if offline:
                raise OffShift(f"{operator.name} has just gone off shift.")
            held = [lead_of(row) for row in await connection.fetch(HELD, operator.name)]
            if len(held) >= operator.capacity:
                wanted = _again(at_hand(held), claim, leases)
                rows = await connection.fetch(CONFIRM, as_json([_row(wanted)]))
            else:
                heads = [(queue, lane) for queue, names in lanes.items() for lane in names]
                untils = [leases[queue] for queue, _ in heads]
                served = ([queue for queue, _ in heads], [lane for _, lane in heads], untils)
                taken = (claim.operator, claim.token, claim.since, ServedVia.STORAGE.value)
                full = operator.full_kinds(Counter(item.ranking.kind for item in held))
                more = ([*full], traceparent())
                rows = await connection.fetch(CLAIM_FIRST, *served, *taken, *more)
        return lead_of(rows[0]) if rows else None

    async def _confirm(self, wanted: Sequence[ClaimRequest]) -> Sequence[Lead | None]:
        first = {item.lead_id: item for item in reversed(wanted)}
        sent = as_json([_row(item) for item in first.values()])
        rows = await self._database.fetch(CONFIRM, sent)
        claimed = {row["id"]: lead_of(row) for row in rows}
        return [_if_his(claimed.get(item.lead_id), item) for item in wanted]


def at_hand(held: Sequence[Lead]) -> Lead:
    """The longest-held lead that is not paused by a call on top; else the longest-held one."""
    unpaused = (item for item in held if item.claim and item.claim.paused_since is None)
    return next(unpaused, held[0])


def _again(held: Lead, claim: Claim, leases: Mapping[str, datetime]) -> ClaimRequest:
    assert held.claim is not None, "it was read as held"
    until = leases.get(held.signal.queue, claim.lease_until)
    return ClaimRequest(
        held.id, held.version, replace(held.claim, since=claim.since, lease_until=until)
    )


def _row(wanted: ClaimRequest) -> dict[str, object]:
    claim = wanted.claim
    return {
        "id": str(wanted.lead_id),  # asyncpg's own ids have no JSON form
        "version": wanted.version,
        "operator": claim.operator,
        "token": claim.token,
        "since": claim.since,
        "until": claim.lease_until,
        "decision": wanted.decision,
        "traceparent": wanted.traceparent,
    }


def _if_his(lead: Lead | None, wanted: ClaimRequest) -> Lead | None:
    if lead is None or lead.claim is None or lead.claim.token != wanted.claim.token:
        return None
    return lead


async def waiting_lanes(database: Database, queue: str) -> list[str]:
    """The lanes in which leads of a queue wait."""
    return [row["lane"] for row in await database.fetch(WAITING_LANES, queue)]

"""The leads that wait in the service's tables, its own or the tuned floor's."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from bench.backlog import CLIENTS_AT_MOST, PATTERNS, UNDER_WAY, Moved
from bench.line_copy import LineCopy
from service.flows.line.rebuild_line import LOCK

# The service's own chores wait until it is done.
KEEP_CHORES_OUT = "SELECT pg_advisory_xact_lock(hashtext($1))"
DROP_ALL_BUT_PATTERNS = f"""
TRUNCATE lead_events, lead_identities, lead_signals;
DELETE FROM leads WHERE external_id LIKE 'waiting-%' OR id NOT IN
    (SELECT id FROM leads WHERE external_id NOT LIKE 'waiting-%' LIMIT {PATTERNS})
"""

# Each of another client, who has a card and marks of their own.
ADD_CARDS = f"""
INSERT INTO customers (external_id, name, phone, created_at, changed_at, marks_read_at)
SELECT 'waiting-' || n, 'Иван Петров', '+7901' || lpad(n::text, 7, '0'), now(), now(), now()
FROM generate_series({PATTERNS + 1}, $1::int) AS n
ON CONFLICT DO NOTHING
"""

ADD_MARKS = """
INSERT INTO lead_identities (queue, identity, lead_id, strength, open)
SELECT queue, mark || ':' || customer_id, id, 1, true
FROM leads, unnest(ARRAY['customer', 'phone', 'email', 'telegram']) AS mark
WHERE external_id LIKE 'waiting-%'
"""

# Received a second apart, so that each has a place of its own. What time would do to them all at
# once, in the middle of a run, is another measurement.
ADD_COPIES = f"""
WITH patterns AS (
    SELECT leads AS lead, row_number() OVER (ORDER BY id) AS number FROM leads
)
INSERT INTO leads SELECT one.* FROM generate_series({PATTERNS + 1}, $1::int) AS n
JOIN patterns ON patterns.number = n % (SELECT count(*) FROM patterns) + 1,
LATERAL jsonb_populate_record(patterns.lead, jsonb_build_object(
    'id', uuidv7(), 'external_id', 'waiting-' || n, 'rank', (patterns.lead).rank - n % 86400,
    'timeline', '[]'::jsonb, 'next_step_at', NULL, 'late_at', NULL, 'customer_id', 'waiting-' || n,
    'customer', (patterns.lead).customer || jsonb_build_object('external_id', 'waiting-' || n)
)) AS one
"""

ADD_EVENTS = """
INSERT INTO lead_events (lead_id, at, type, actor, state_after)
SELECT id, created_at, 'lead.received', created_by, 'waiting' FROM leads
"""

MOVED = """
SELECT count(*) FILTER (WHERE created_at > $1) AS taken_in,
    count(*) FILTER (WHERE state = 'claimed') AS held,
    count(*) FILTER (WHERE state = 'settled') AS settled,
    (SELECT count(*) FROM lead_signals WHERE sort = 'joined') AS joined
FROM leads WHERE changed_at > $1
"""

# Numbers as post.lua makes them up.
CLIENTS = f"""
SELECT substr(customer ->> 'external_id', 8) FROM leads
WHERE changed_at > $1 AND created_at > $1 AND state = 'waiting' AND NOT live
    AND customer ->> 'external_id' LIKE 'client-%' LIMIT {CLIENTS_AT_MOST}
"""
CLAIMS = "SELECT id || ' ' || claim_token FROM leads WHERE state = 'claimed'"

# On a busy machine requests of the run may still be on their way.
LET_NOBODY_WRITE = "LOCK TABLE leads IN EXCLUSIVE MODE"
DROP_EVENTS = "DELETE FROM lead_events WHERE id > $1"
DROP_CLIENTS = """
DELETE FROM lead_identities WHERE lead_id IN (
    SELECT id FROM leads WHERE changed_at > $1 AND created_at > $1
)
"""
DROP_ENDS = "TRUNCATE lead_signals, ended_claims, conversions, fresh_outcomes"
OPEN_MARKS = "UPDATE lead_identities SET open = true WHERE NOT open"
FORGET_TALKS = "UPDATE customers SET context = NULL, version = 1 WHERE context IS NOT NULL"
DROP_NEW = "DELETE FROM leads WHERE changed_at > $1 AND created_at > $1"
RELEASE = """
UPDATE leads SET state = 'waiting', version = 1, changed_at = created_at, claimed_by = NULL,
    claim_token = NULL, claimed_since = NULL, lease_until = NULL, first_claimed_at = NULL,
    outcome = NULL, reason = NULL, amount = NULL, note = NULL, settled_at = NULL, settled_by = NULL,
    counted = false
WHERE changed_at > $1
"""


# The service compares what was restored under its hands, which is no part of the next run.
REPAIR_SECONDS = 2.5


class ServiceBacklog:
    """The leads of one installation: its database, its part of Valkey, and how its line is built.

    After a restoration the line is left alone for some seconds, if it has chores that look at it.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        line: LineCopy,
        build_line: Callable[[], Awaitable[object]],
        repair_seconds: float = REPAIR_SECONDS,
    ) -> None:
        self._pool, self._line = pool, line
        self._build_line, self._repair_seconds = build_line, repair_seconds
        self.waiting = 0

    async def fill(self, waiting: int) -> None:
        """Let so many leads wait, copies of the first that came in through the API."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(KEEP_CHORES_OUT, LOCK)
            await connection.execute(DROP_ALL_BUT_PATTERNS)
            await connection.execute(ADD_CARDS, waiting)
            await connection.execute(ADD_COPIES, waiting)
            await connection.execute(ADD_MARKS)
            await connection.execute(ADD_EVENTS)
        await self._pool.execute("VACUUM ANALYZE")
        await self._build_line()
        await self._line.keep()
        self._since = await self._pool.fetchval("SELECT clock_timestamp()")
        self._last_event = await self._pool.fetchval("SELECT max(id) FROM lead_events")
        self.waiting = await self._pool.fetchval("SELECT count(*) FROM leads")

    async def moved(self) -> Moved:
        """What has happened since the backlog was filled or restored."""
        row = await self._pool.fetchrow(MOVED, self._since)
        assert row is not None, "an aggregate has a row"  # noqa: S101
        return Moved(**row)

    async def clients(self) -> list[str]:
        """Clients, by number, whose lead came in since then and waits."""
        return [row[0] for row in await self._pool.fetch(CLIENTS, self._since)]

    async def claims(self) -> list[str]:
        """The id and the token of every claim that is held."""
        return [row[0] for row in await self._pool.fetch(CLAIMS)]

    async def busy(self) -> bool:
        """Whether something is still under way."""
        found: bool = await self._pool.fetchval(UNDER_WAY)
        return found

    async def restore(self) -> None:
        """Undo all that has happened since the backlog was filled."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(KEEP_CHORES_OUT, LOCK)
            await connection.execute(LET_NOBODY_WRITE)
            await connection.execute(DROP_EVENTS, self._last_event)
            await connection.execute(DROP_CLIENTS, self._since)
            for statement in (DROP_ENDS, OPEN_MARKS, FORGET_TALKS):
                await connection.execute(statement)
            await connection.execute(DROP_NEW, self._since)
            await connection.execute(RELEASE, self._since)
        await self._line.restore()
        await self._pool.execute("VACUUM leads, lead_events, lead_identities, customers")
        await asyncio.sleep(self._repair_seconds)

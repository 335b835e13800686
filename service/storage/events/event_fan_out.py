"""Passes events of the logs on as deliveries: each committed event once to each subscription.

Ids of events become visible out of order, because a transaction with a lower id may commit later.
So events are passed on by the numbers of their transactions: all transactions below the oldest one
under way have ended. Of one lead (or queue) no event is passed on before an event with a lower id.
Only events wait; writers never do.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service.storage.database import Connection

MAX_EVENTS = 1000
BEYOND_ALL = 2**63 - 1

SOMETHING_NEW = text("""
SELECT log FROM event_horizons
WHERE log = 'lead' AND txid <= (SELECT max(one.txid) FROM lead_events AS one)
    OR log = 'queue' AND txid <= (SELECT max(one.txid) FROM queue_events AS one)
    OR txid > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
ORDER BY log
""")
# One replica at a time; if the row is locked, another one is at work.
LOCK_HORIZON = text("""
SELECT txid, after_id FROM event_horizons WHERE log = :log FOR NO KEY UPDATE SKIP LOCKED
""")
# Deliveries end under the same lock, so the search for a lead's next event sees those added here.
LOCK_SUBSCRIPTIONS = text("""
SELECT name FROM subscriptions WHERE active ORDER BY name FOR NO KEY UPDATE
""")
ENDED = text("""
SELECT pg_snapshot_xmin(now)::text::bigint AS ended, pg_snapshot_xmax(now)::text::bigint AS begun
FROM pg_current_snapshot() AS now
""")
SET_HORIZON = text("UPDATE event_horizons SET txid = :txid, after_id = :after_id WHERE log = :log")


@dataclass(frozen=True, slots=True)
class _Log:
    """The statements of one log; its events are in order for each value of `about`."""

    name: str
    table: str
    about: str
    queue: str
    joins: str

    @property
    def page_end(self) -> str:
        """The transaction number at which a full page of events ends."""
        return f"""
        SELECT txid FROM {self.table} WHERE txid >= :lower AND txid < :upper
        ORDER BY txid OFFSET :most LIMIT 1
        """

    @property
    def overtaking(self) -> str:
        """The lowest number of an event that would overtake an earlier one of the same lead."""
        return f"""
        SELECT min(later.txid) FROM {self.table} AS earlier JOIN {self.table} AS later
            ON later.{self.about} = earlier.{self.about} AND later.id > earlier.id
        WHERE earlier.txid >= :upper AND earlier.id > :after_id
            AND later.txid >= :lower AND later.txid < :upper
        """

    @property
    def oldest_left(self) -> str:
        """When the first event happened that was not passed on yet."""
        return f"""
        SELECT at FROM {self.table}
        WHERE txid >= (SELECT txid FROM event_horizons WHERE log = '{self.name}')
            AND txid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            AND id > (SELECT after_id FROM event_horizons WHERE log = '{self.name}')
        ORDER BY txid LIMIT 1
        """

    @property
    def last_of_others(self) -> str:
        """The last id that was not numbered by this server."""
        return f"SELECT max(id) FROM {self.table} WHERE txid IS NULL OR txid >= :begun"

    @property
    def pass_on(self) -> str:
        """Add deliveries; the first one of each lead or queue can be sent at once."""
        return f"""
        INSERT INTO event_deliveries
            (subscription, log, event_id, about, type, state, attempts, created_at, next_try_at)
        SELECT wants.name, '{self.name}', one.id, one.{self.about}::text, one.type, 'pending', 0,
            :now,
            CASE WHEN row_number() OVER (PARTITION BY wants.name, one.{self.about} ORDER BY one.id)
                = 1 AND NOT EXISTS (
                    SELECT FROM event_deliveries AS before
                    WHERE before.subscription = wants.name AND before.state = 'pending'
                        AND before.about = one.{self.about}::text
                ) THEN CAST(:now AS timestamptz) END
        FROM {self.table} AS one {self.joins}
        JOIN subscriptions AS wants
            ON wants.active AND (wants.queue IS NULL OR wants.queue = {self.queue})
            AND wants.types && ARRAY['*', one.type, split_part(one.type, '.', 1) || '.*']
        WHERE one.txid >= :lower AND one.txid < :upper AND one.id > :after_id
        ORDER BY one.id
        ON CONFLICT (subscription, log, event_id) DO NOTHING
        """


LOGS = {
    log.name: log
    for log in (
        _Log(
            "lead", "lead_events", "lead_id", "leads.queue", "JOIN leads ON leads.id = one.lead_id"
        ),
        _Log("queue", "queue_events", "queue", "one.queue", ""),
    )
}


async def logs_with_news(connection: Connection) -> list[str]:
    """The logs with events that were not passed on yet."""
    return list(await connection.scalars(SOMETHING_NEW))


async def pass_on(connection: Connection, log: str, now: datetime) -> bool:
    """Pass on a page of a log's events; returns whether there may be more."""
    of = LOGS[log]
    horizon = (await connection.execute(LOCK_HORIZON, {"log": log})).first()
    if horizon is None:
        return False
    lower, after_id = int(horizon.txid), int(horizon.after_id)
    # before the subscriptions: a subscription added in between gets what ends in between
    ended, begun = map(int, (await connection.execute(ENDED)).one())
    has_readers = (await connection.execute(LOCK_SUBSCRIPTIONS)).first() is not None
    if lower > begun:
        return await _begin_again(connection, of, lower, after_id, begun, now)
    upper = await _page_end(connection, of, lower, ended, after_id) if has_readers else ended
    if lower == upper:
        return False
    if has_readers:
        within = {"lower": lower, "upper": upper, "after_id": after_id, "now": now}
        await connection.execute(text(of.pass_on), within)
    await connection.execute(SET_HORIZON, {"log": log, "txid": upper, "after_id": after_id})
    return upper < ended


async def oldest_left(connection: Connection, log: str) -> datetime | None:
    """When the first committed event of a log happened that was not passed on yet."""
    oldest: datetime | None = await connection.scalar(text(LOGS[log].oldest_left))
    return oldest


async def _page_end(connection: Connection, of: _Log, lower: int, ended: int, after_id: int) -> int:
    """The end of the page: only ended transactions, not too many, and no overtaking."""
    within = {"lower": lower, "upper": ended, "most": MAX_EVENTS}
    found = await connection.scalar(text(of.page_end), within)
    upper = ended if found is None else max(int(found), lower + 1)
    while True:
        bounds = {"lower": lower, "upper": upper, "after_id": after_id}
        overtaking = await connection.scalar(text(of.overtaking), bounds)
        if overtaking is None:
            return upper
        upper = int(overtaking)


async def _begin_again(
    connection: Connection, of: _Log, lower: int, after_id: int, begun: int, now: datetime
) -> bool:
    """Handle a server with lower transaction numbers, such as a restored copy.

    The remaining events are passed on. Then the numbers count from the beginning, for new ids only.
    """
    left = {"lower": lower, "upper": BEYOND_ALL, "after_id": after_id, "now": now}
    await connection.execute(text(of.pass_on), left)
    last = await connection.scalar(text(of.last_of_others), {"begun": begun}) or after_id
    await connection.execute(SET_HORIZON, {"log": of.name, "txid": 0, "after_id": last})
    return True

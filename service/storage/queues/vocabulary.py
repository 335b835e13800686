"""Unknown words and matched entries, by queue and day; nothing shows who wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert

from service.storage.database import Connection, Database
from service.storage.tables import signal_days, text_days, word_days

MAX_TEXTS = 50_000  # the newest texts of a queue; ids grow with time
MAX_WORDS = 5_000  # of a day and queue
AGAIN_AFTER = timedelta(hours=1)

# The process that gets a row back counts the day; for others it was counted lately.
CLAIM = """
INSERT INTO text_days (queue, day, messages, counted_at) VALUES ($1, $2, 0, $3)
ON CONFLICT (queue, day) DO UPDATE SET counted_at = excluded.counted_at
WHERE text_days.counted_at < $4
RETURNING queue
"""
TEXTS = """
SELECT text FROM (
    SELECT id, text, received_at FROM leads WHERE queue = $1 AND text IS NOT NULL
    ORDER BY id DESC LIMIT $4
) AS newest
WHERE received_at >= $2 AND received_at < $3 ORDER BY id DESC
"""
WORDS = """
SELECT word, sum(clients)::int AS clients, max(day) AS last_day FROM word_days
WHERE queue = $1 AND day >= $2 GROUP BY word HAVING sum(clients) >= $3
ORDER BY sum(clients) DESC, word LIMIT $4
"""
MATCHED = "SELECT DISTINCT signal FROM signal_days WHERE queue = $1 AND day >= $2 LIMIT 10000"
MESSAGES = """
SELECT coalesce(sum(messages), 0)::int AS messages FROM text_days WHERE queue = $1 AND day >= $2
"""


@dataclass(frozen=True, slots=True)
class CountedWord:
    """A word, how many clients wrote it, and the last day with it."""

    word: str
    clients: int
    last_day: date


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of a day's texts."""

    messages: int
    words: Mapping[str, int]
    signals: Mapping[str, int]


async def claim_day(
    database: Database, queue: str, day: date, now: datetime, due: datetime
) -> bool:
    """Whether the caller must count the day; that is so if it was not counted since `due`."""
    return bool(await database.fetch(CLAIM, queue, day, now, due))


async def texts_of(
    database: Database, queue: str, since: datetime, until: datetime, limit: int = MAX_TEXTS
) -> Sequence[str]:
    """The texts that came between two times, out of the newest `limit` texts of a queue."""
    rows = await database.fetch(TEXTS, queue, since, until, limit)
    return [row["text"] for row in rows]


async def put_counts(connection: Connection, queue: str, day: date, counts: DayCounts) -> None:
    """Replace the counts of a day."""
    for table in (word_days, signal_days):
        where = (table.c.queue == queue) & (table.c.day == day)
        await connection.execute(delete(table).where(where))
    await connection.execute(
        text_days.update()
        .where((text_days.c.queue == queue) & (text_days.c.day == day))
        .values(messages=counts.messages)
    )
    words = [
        {"queue": queue, "day": day, "word": word, "clients": count}
        for word, count in list(counts.words.items())[:MAX_WORDS]
    ]
    signals = [
        {"queue": queue, "day": day, "signal": signal, "matches": count}
        for signal, count in counts.signals.items()
    ]
    for table, rows in ((word_days, words), (signal_days, signals)):
        if rows:
            await connection.execute(insert(table), rows)


async def words_since(
    database: Database, queue: str, day: date, fewest: int, limit: int
) -> Sequence[CountedWord]:
    """Words that at least `fewest` clients wrote since a day, the most common first."""
    rows = await database.fetch(WORDS, queue, day, fewest, limit)
    return [CountedWord(row["word"], row["clients"], row["last_day"]) for row in rows]


async def matched_since(database: Database, queue: str, day: date) -> tuple[frozenset[str], int]:
    """The signals that matched since a day, and how many texts were counted."""
    signals = await database.fetch(MATCHED, queue, day)
    (messages,) = await database.fetch(MESSAGES, queue, day)
    return frozenset(row["signal"] for row in signals), messages["messages"]

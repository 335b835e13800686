"""Count by day the words that the policy does not know, and the entries that match.

It reads and writes Postgres only. The first replica that claims a day of a queue counts it. Today
is counted again every hour, and yesterday once more when it is over. A count that stops half-way is
repeated an hour later.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.resources import Resources
from service.rules.policy import Policy
from service.storage.queues.vocabulary import (
    AGAIN_AFTER,
    DayCounts,
    claim_day,
    put_counts,
    texts_of,
)
from service.text.vocabulary import unknown_words

FEWEST_OF_A_DAY = 2  # a word of a single client may name a person
DAY = timedelta(days=1)


async def count_vocabulary(resources: Resources) -> int:
    """Count the due days of each queue; return how many were counted."""
    counted = 0
    for queue, basis in (await resources.stores.bases.all()).items():
        zone = basis.policy.hours.timetable.zone
        for midnight in _midnights(resources.clock.now(), zone):
            counted += await _count_day(resources, queue, basis.policy, midnight)
    return counted


def _midnights(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The beginnings of yesterday and today in the queue's zone."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAY, today


async def _count_day(resources: Resources, queue: str, policy: Policy, begins: datetime) -> bool:
    database, now, ends = resources.stores.database, resources.clock.now(), begins + DAY
    due = min(now - AGAIN_AFTER, ends)
    if not await claim_day(database, queue, begins.date(), now, due):
        return False
    texts = await texts_of(database, queue, begins, ends)
    counts = await asyncio.to_thread(count_texts, texts, policy)
    async with database.transaction() as connection:
        await put_counts(connection, queue, begins.date(), counts)
    return True


def count_texts(texts: Sequence[str], policy: Policy) -> DayCounts:
    """Count the clients who wrote each unknown word, and the matches of each entry."""
    words: Counter[str] = Counter()
    signals: Counter[str] = Counter()
    for text in texts:
        reading = policy.lexicon.read(text)
        signals.update(match.entry.signal for match in reading.matches)
        words.update(unknown_words(policy.lexicon, reading.tokens))
    common = {word: count for word, count in words.most_common() if count >= FEWEST_OF_A_DAY}
    return DayCounts(len(texts), common, dict(signals))

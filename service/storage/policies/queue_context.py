"""What the leads of each queue are ranked by, at most half a second old."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from functools import lru_cache

from cachetools import LRUCache

from service.cached import Cached
from service.leads.errors import InvalidRequest, QueueNotFound, StorageFailed
from service.leads.lead import EarlyStart, Intent, Kind, Outcomes
from service.leads.unchanging import unchanging
from service.policies.reading import default_text, read_policy
from service.policies.rewriting import with_values
from service.ranking.rank import Observed
from service.rules.policy import Policy
from service.storage.database import Database
from service.storage.policies.conversions import CONVERSIONS
from service.storage.policies.policies import (
    FIRST,
    Version,
    put_in_force,
    read_version,
    version_in_force,
)
from service.storage.rows import Row

SECONDS = 0.5
REMEMBERED_POLICIES = 1000

QUEUES = """
SELECT name, policy_version, rush_number, rush_cutoff_at, rush_minutes, currency, time_zone,
    created_at
FROM queues ORDER BY name LIMIT 1000
"""
MARKS = """
(SELECT queue, mark, false AS blocked, NULL::timestamptz AS until FROM nobodys_marks
    ORDER BY at DESC LIMIT 20000)
UNION ALL (SELECT '', unnest(own_marks), false, NULL FROM sources LIMIT 20000)
UNION ALL (SELECT '', mark, true, until FROM blocked_marks ORDER BY at DESC LIMIT 20000)
"""


@unchanging
class QueueContext:
    """A queue's policy in force, its observed outcomes, and the early start before a cut-off (A15).

    `nobodys` are marks (as identities) that identify nobody in the queue: the shop's own and shared
    ones. `blocked` marks have the end of the block; None stands for no end.
    """

    policy: Policy
    observed: Observed
    rush: EarlyStart | None
    nobodys: frozenset[str] = frozenset()
    blocked: Mapping[str, datetime | None] = field(default_factory=dict)

    def blocked_by(self, identities: Iterable[str], now: datetime) -> str | None:
        """The first of the marks that is blocked at a moment; None without one."""
        if not self.blocked:
            return None
        return next((item for item in identities if self._is_blocked(item, now)), None)

    def _is_blocked(self, identity: str, now: datetime) -> bool:
        until = self.blocked.get(identity, now)
        return until is None or now < until


class ListedMarks:
    """Marks that identify nobody, in one queue or (queue '') in all, and blocked marks."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._of_queue: dict[str, set[str]] = defaultdict(set)
        self.blocked: dict[str, datetime | None] = {}
        for row in rows:
            if row["blocked"]:
                self.blocked[row["mark"]] = row["until"]
            else:
                self._of_queue[row["queue"]].add(row["mark"])

    def nobodys(self, queue: str) -> frozenset[str]:
        """The marks that identify nobody in a queue."""
        return frozenset(self._of_queue[""] | self._of_queue[queue])


class QueueContexts:
    """The contexts of all queues, cached."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._present = Cached(self._read, SECONDS)
        self._policies: LRUCache[tuple[str, int, int], Policy] = LRUCache(REMEMBERED_POLICIES)

    async def of(self, queue: str) -> QueueContext:
        """The context of a queue; raises QueueNotFound."""
        present = await self.all()
        basis = present.get(queue)
        if basis is None:  # the queue may be new
            self._present.forget(present)
            basis = (await self.all()).get(queue)
        if basis is None:
            raise QueueNotFound(f"No queue is called `{queue}`; PUT /v1/queues/{queue} makes one.")
        return basis

    async def all(self) -> Mapping[str, QueueContext]:
        """The contexts of all queues, by name."""
        return await self._present.value()

    async def policy(self, queue: str, version: int, rush_number: int = 0) -> Policy:
        """A version of a queue's policy; raises PolicyNotFound.

        `rush_number` selects its numbers: it counts the begins and ends of rushes.
        """
        existing = self._policies.get((queue, version, rush_number))
        if existing is None:
            # not in a transaction: the caller may be in one, and all others may wait for this
            written = await read_version(self._database, queue, version)
            existing = (await asyncio.to_thread(_read, written)).at_number(rush_number)
            self._policies[queue, version, rush_number] = existing
        return existing

    def forget(self) -> None:
        """Read again from now on, because something was changed here."""
        self._present.forget()
        self._policies.clear()

    async def _read(self) -> Mapping[str, QueueContext]:
        rows = await self._database.fetch(QUEUES)
        observed: dict[str, dict[tuple[Kind, Intent], Outcomes]] = defaultdict(dict)
        for row in await self._database.fetch(CONVERSIONS):
            kind, intent = Kind(row["kind"]), Intent(row["intent"])
            observed[row["queue"]][kind, intent] = Outcomes(row["won"], row["lost"])
        bases, listed = {}, ListedMarks(await self._database.fetch(MARKS))
        for row in rows:
            queue, rush = row["name"], _rush_of(row["rush_cutoff_at"], row["rush_minutes"])
            version = row["policy_version"] or await self._write_first(
                queue, row["currency"], row["time_zone"], row["created_at"]
            )
            policy = await self.policy(queue, version, row["rush_number"])
            nobodys = listed.nobodys(queue) | policy.own_marks
            bases[queue] = QueueContext(policy, observed[queue], rush, nobodys, listed.blocked)
        return bases

    async def _write_first(
        self, queue: str, currency: str, time_zone: str, created_at: datetime
    ) -> int:
        """Store the default as the queue's first version; a later default does not change it."""
        text = await asyncio.to_thread(first_text, currency, time_zone)
        async with self._database.transaction(waited_for=True) as connection:
            existing = await version_in_force(connection, queue, locked=True)
            if existing == 0:
                note = "the default policy"
                first = Version(queue, FIRST, text, "nextlead", created_at, note)
                await put_in_force(connection, first)
        return max(existing, FIRST)


def first_text(currency: str, time_zone: str) -> str:
    """The default policy with a queue's own currency and time zone."""
    return with_values(default_text(), {"currency": currency, "time_zone": time_zone})


def _rush_of(cutoff_at: datetime | None, minutes: float | None) -> EarlyStart | None:
    return None if cutoff_at is None or minutes is None else EarlyStart(cutoff_at, minutes)


@lru_cache(REMEMBERED_POLICIES)
def _compiled(text: str, version: int) -> Policy:
    """Cached by the text, because reading a policy takes some 300 ms."""
    return read_policy(text, version)


def _read(written: Version) -> Policy:
    try:
        return _compiled(written.text, written.version)
    except InvalidRequest as error:
        name = f"policy {written.version} of the queue `{written.queue}`"
        raise StorageFailed(f"This version cannot read {name}: {error}") from error

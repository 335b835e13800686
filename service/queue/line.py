"""The line: one typed method per move. Its content can be rebuilt from Postgres."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from service.leads.errors import LineLost, LineUnavailable, Overloaded
from service.leads.lead import Claim, Lead
from service.leads.line_entry import LineEntry
from service.leads.unchanging import unchanging
from service.queue.redis_keys import QueueKeys, keys_of
from service.queue.scripts import Scripts
from service.queue.showing import Shown, gone, milliseconds, shown, shown_entry

BATCH = 1000
SHOWN_AT_ONCE = 50
STEPS_IN_A_CLAIM = 50
UNTOLD = (LineUnavailable, Overloaded)
GREATEST_VERSION = 2**31 - 1
EPOCH = datetime.fromtimestamp(0, UTC)


@unchanging
class Runner:
    """A lead and its rank."""

    lead_id: UUID
    rank: int


@unchanging
class Reservation:
    """A lead that the line gave to an operator; Postgres has yet to confirm it.

    `second` is the lead that would have been given instead; None when the operator already held
    this one. `not_eligible` are the leads before it in lanes of others, each with its lane. `count`
    are the new reservations since the guarantee last took a lead, this one included. With
    `guaranteed` it is the longest-late lead, and `second` is the head that it passed over. With
    `count_ended` it is the longest-late lead, also as the head, and the count began again.
    """

    queue: str
    lead_id: UUID
    token: str
    version: int
    rank: int
    second: Runner | None
    not_eligible: tuple[tuple[str, Runner], ...] = ()
    count: int = 0
    guaranteed: bool = False
    count_ended: bool = False


class Line:
    """The lines of all queues, in one Redis."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._prefix = prefix
        self._failed_at = EPOCH
        self.scripts = Scripts(redis)

    def keys(self, queue: str) -> QueueKeys:
        """The names of a queue's keys."""
        return keys_of(self._prefix, queue)

    async def show(self, lead: Lead, now: datetime, *, again: bool = False) -> bool:
        """Write the lead into the line; False when the line had this version or a newer one.

        `again` repeats the version that the line has, because its content was found to be wrong.
        """
        try:
            return bool(await self._show(lead.signal.queue, shown(lead, now, again=again)))
        except UNTOLD:
            self._note_failure(now)
            raise

    async def show_all(self, leads: Sequence[Lead], now: datetime) -> None:
        """Write several leads into the line.

        Raises LineUnavailable or Overloaded when not all of them were written.
        """
        by_queue: dict[str, list[Shown]] = defaultdict(list)
        for lead in leads:
            by_queue[lead.signal.queue].append(shown(lead, now))
        with self._failures_noted(now):
            for queue, given in by_queue.items():
                for first in range(0, len(given), SHOWN_AT_ONCE):
                    some = given[first : first + SHOWN_AT_ONCE]
                    await self._show(queue, tuple(chain.from_iterable(some)))

    async def fill(self, queue: str, entries: Sequence[LineEntry], now: datetime) -> None:
        """Write many leads of a queue into its line; all calls are on their way at once.

        Raises LineUnavailable or Overloaded when not all of them were written.
        """
        moment = milliseconds(now)
        given = [shown_entry(entry, moment) for entry in entries]
        calls = (
            self._show(queue, tuple(chain.from_iterable(given[first : first + SHOWN_AT_ONCE])))
            for first in range(0, len(given), SHOWN_AT_ONCE)
        )
        with self._failures_noted(now):
            await asyncio.gather(*calls)

    async def drop(self, queue: str, lead_id: UUID, now: datetime) -> None:
        """Remove a lead that Postgres does not have at all."""
        await self._show(queue, gone(lead_id, GREATEST_VERSION, now))

    async def leave(self, queue: str, lead: Lead, now: datetime) -> None:
        """Remove a lead that is in another queue from this version on."""
        with self._failures_noted(now):
            await self._show(queue, gone(lead.id, lead.version, now))

    async def _show(self, queue: str, given: Shown) -> int:
        keys = self.keys(queue)
        names = (keys.places, keys.held, keys.holders, keys.holdings, keys.gone)
        more = (keys.steps, keys.timelines, keys.lane_names, keys.lanes, keys.arrivals, keys.late)
        channels = (keys.changes,)
        return int(await self.scripts.run("show", (*names, *more, *channels), *given))

    async def claim(
        self,
        queue: str,
        lanes: Sequence[str],
        claim: Claim,
        capacity: int,
        others: Sequence[str] = (),
        every: int | None = None,
    ) -> Reservation | None:
        """Reserve the first lead of the lanes until `claim.lease_until`, or return a held one.

        Leads before it in the lanes of `others` are only reported. Leads with steps that are due at
        `claim.since` take them first. Of `every` new reservations at least one takes the
        longest-late lead, unless the head is protected. Raises LineLost when this queue's line was
        lost, or was not compared with Postgres since an update from this process failed.
        """
        keys = self.keys(queue)
        names = (keys.epoch, keys.places, keys.held, keys.holders, keys.holdings)
        more = (keys.steps, keys.timelines, keys.lane_names, keys.lanes, keys.arrivals)
        late = (keys.late, keys.guarantee)
        with self._failures_noted(claim.since):
            reply = await self.scripts.run(
                "claim",
                (*names, *more, *late, *(keys.lanes + lane for lane in (*lanes, *others))),
                claim.operator,
                claim.token,
                milliseconds(claim.lease_until),
                capacity,
                milliseconds(self._failed_at),
                milliseconds(claim.since),
                STEPS_IN_A_CLAIM,
                len(lanes),
                every or 0,
            )
        if reply == ["behind"]:
            raise LineLost
        return _reservation(queue, keys.lanes, reply) if reply else None

    async def release(self, reservation: Reservation, operator: str) -> bool:
        """Undo a reservation that Postgres did not confirm, and its count."""
        keys = self.keys(reservation.queue)
        reply = await self.scripts.run(
            "release",
            (*_held(keys), *_lanes(keys), keys.guarantee),
            str(reservation.lead_id),
            operator,
            reservation.token,
            _count_given_back(reservation),
        )
        return bool(reply)

    async def give_count_back(self, reservation: Reservation) -> None:
        """Take a reservation that Postgres refused out of the guarantee's count."""
        given = _count_given_back(reservation)
        if given != "":
            await self.scripts.run("uncount", (self.keys(reservation.queue).guarantee,), given)

    async def put_back_due(self, queue: str, now: datetime, limit: int = BATCH) -> int:
        """Put back leads whose lease or reservation is over; returns how many."""
        keys = self.keys(queue)
        ids = await self.scripts.run(
            "due",
            (*_held(keys), *_lanes(keys)),
            milliseconds(now),
            limit,
        )
        return len(ids)

    async def take_steps(self, queue: str, now: datetime, limit: int = BATCH) -> int:
        """Carry out due steps, the longest overdue first; returns how many leads took any."""
        keys = self.keys(queue)
        names = (keys.places, keys.steps, keys.timelines, keys.lane_names, keys.lanes)
        arguments = (milliseconds(now), limit)
        more = (keys.arrivals, keys.late, keys.changes)
        return int(await self.scripts.run("step", (*names, *more), *arguments))

    async def forget(self, queue: str, gone_before: datetime, limit: int = BATCH) -> int:
        """Forget the versions of leads that left long ago; returns how many."""
        keys = self.keys(queue)
        names = (keys.places, keys.gone, keys.steps, keys.timelines)
        return int(await self.scripts.run("forget", names, milliseconds(gone_before), limit))

    @property
    def failed_at(self) -> datetime:
        """When a call from this process last failed to reach the line."""
        return self._failed_at

    @contextmanager
    def _failures_noted(self, now: datetime) -> Iterator[None]:
        try:
            yield
        except UNTOLD:
            self._note_failure(now)
            raise

    def _note_failure(self, now: datetime) -> None:
        self._failed_at = max(self._failed_at, now)

    async def close(self) -> None:
        """Finish the calls under way and close the connections."""
        await self.scripts.close()


def _held(keys: QueueKeys) -> tuple[str, str, str, str]:
    return keys.places, keys.held, keys.holders, keys.holdings


def _lanes(keys: QueueKeys) -> tuple[str, str, str, str]:
    return keys.lane_names, keys.lanes, keys.arrivals, keys.late


def _count_given_back(reservation: Reservation) -> str | int:
    """What undoing a reservation does to the count: subtract one, or set it back to due."""
    if reservation.count_ended:
        return reservation.count - 1
    return "one" if reservation.count else ""


def _reservation(queue: str, lanes: str, reply: Sequence[Any]) -> Reservation:
    lead_id, token, version, place, *behind = reply
    runner, others, count, ended = behind or ((), (), 0, 0)
    return Reservation(
        queue=queue,
        lead_id=UUID(lead_id),
        token=token,
        version=int(version),
        rank=-int(place),
        second=_runner(*runner) if runner else None,
        not_eligible=tuple(
            (others[at].removeprefix(lanes), _runner(others[at + 1], others[at + 2]))
            for at in range(0, len(others), 3)
        ),
        count=abs(int(count)),
        guaranteed=int(count) < 0,
        count_ended=bool(int(ended)),
    )


def _runner(lead_id: str, place: str) -> Runner:
    return Runner(UUID(lead_id), -int(place))

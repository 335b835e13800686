"""The line: one typed method per move. What it holds can be rebuilt from Postgres."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from service.leads.errors import LineLost, LineUnavailable, Overloaded
from service.leads.lead import Claim, Lead, Ranking, State, Step
from service.queue.redis_keys import QueueKeys
from service.queue.scripts import Scripts

BATCH = 1000
SHOWN_AT_ONCE = 50
STEPS_IN_A_CLAIM = 50
GREATEST_VERSION = 2**31 - 1
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Runner:
    """A lead and the rank at which it stood."""

    lead_id: UUID
    rank: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """A lead that the line gave to an operator; Postgres has yet to confirm it.

    `second` is who would have been given in its place; nobody when the operator held it already.
    `not_eligible` stand before it in lanes of others, each with its lane.
    `count` are the fresh reservations since the guarantee last took a lead, this one included;
    where it is `guaranteed`, it is the longest late, and `second` the head that it was put before.
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


class Line:
    """The lines of all queues, in one Redis."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._prefix = prefix
        self._failed_at = EPOCH
        self.scripts = Scripts(redis)

    def keys(self, queue: str) -> QueueKeys:
        """The names of a queue's keys."""
        return QueueKeys(self._prefix, queue)

    async def show(self, lead: Lead, now: datetime, *, again: bool = False) -> bool:
        """Make the line show the lead as it is now; False when the line knew as much or more.

        `again` shows the very version that the line knows once more: it was found to be wrong.
        """
        with self._failures_noted(now):
            return bool(await self._show(lead.signal.queue, _shown(lead, now, again=again)))

    async def show_all(self, leads: Sequence[Lead], now: datetime) -> None:
        """Make the line show several leads; raises when it did not take them all."""
        by_queue: dict[str, list[tuple[str | int, ...]]] = defaultdict(list)
        for lead in leads:
            by_queue[lead.signal.queue].append(_shown(lead, now))
        with self._failures_noted(now):
            for queue, shown in by_queue.items():
                for first in range(0, len(shown), SHOWN_AT_ONCE):
                    some = shown[first : first + SHOWN_AT_ONCE]
                    await self._show(queue, tuple(chain.from_iterable(some)))

    async def drop(self, queue: str, lead_id: UUID, now: datetime) -> None:
        """Let a lead go that Postgres does not know at all."""
        nothing = ("", "", "", "", milliseconds(now), "", "", "")
        await self._show(queue, (str(lead_id), GREATEST_VERSION, *nothing))

    async def leave(self, queue: str, lead: Lead, now: datetime) -> None:
        """Let a lead go that stands in another queue from this version on."""
        nothing = ("", "", "", "", milliseconds(now), "", "")
        with self._failures_noted(now):
            await self._show(queue, (str(lead.id), lead.version, *nothing))

    async def _show(self, queue: str, shown: tuple[str | int, ...]) -> int:
        keys = self.keys(queue)
        names = (keys.places, keys.held, keys.holders, keys.holdings, keys.gone)
        more = (keys.steps, keys.timelines, keys.lane_names, keys.lanes, keys.arrivals, keys.late)
        channels = (keys.changes,)
        return int(await self.scripts.run("show", (*names, *more, *channels), *shown))

    async def claim(
        self,
        queue: str,
        lanes: Sequence[str],
        claim: Claim,
        capacity: int,
        others: Sequence[str] = (),
        every: int | None = None,
    ) -> Reservation | None:
        """Reserve the first lead of the lanes until `claim.lease_until`, or give back a held one.

        Leads before it in lanes of `others` are only reported.
        Leads whose steps are due at `claim.since` take them first. Of `every` fresh reservations
        at least one takes the lead that is late the longest, unless the head is protected.
        Raises LineLost when this queue's line was lost, or was not compared with Postgres since
        an update from here failed.
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
        """Undo a reservation that Postgres did not confirm; it is not counted either."""
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
        """A reservation that Postgres knew better about is not counted for the guarantee."""
        key, count = self.keys(reservation.queue).guarantee, reservation.count

        def fill(pipeline: Any) -> None:
            if reservation.guaranteed:
                pipeline.set(key, count - 1)
            else:
                pipeline.decr(key)

        if count:
            await self.scripts.ask(fill)

    async def put_back_due(self, queue: str, now: datetime, limit: int = BATCH) -> int:
        """Put back leads whose lease or reservation is over; how many."""
        keys = self.keys(queue)
        ids = await self.scripts.run(
            "due",
            (*_held(keys), *_lanes(keys)),
            milliseconds(now),
            limit,
        )
        return len(ids)

    async def take_steps(self, queue: str, now: datetime, limit: int = BATCH) -> int:
        """Carry out the steps that are due, for the longest overdue leads; how many took some."""
        keys = self.keys(queue)
        names = (keys.places, keys.steps, keys.timelines, keys.lane_names, keys.lanes)
        arguments = (milliseconds(now), limit)
        more = (keys.arrivals, keys.late, keys.changes)
        return int(await self.scripts.run("step", (*names, *more), *arguments))

    async def forget(self, queue: str, gone_before: datetime, limit: int = BATCH) -> int:
        """Forget the versions of leads that left long ago; how many."""
        keys = self.keys(queue)
        names = (keys.places, keys.gone, keys.steps, keys.timelines)
        return int(await self.scripts.run("forget", names, milliseconds(gone_before), limit))

    @property
    def failed_at(self) -> datetime:
        """When something from here last failed to reach the line."""
        return self._failed_at

    @contextmanager
    def _failures_noted(self, now: datetime) -> Iterator[None]:
        try:
            yield
        except (LineUnavailable, Overloaded):
            self._failed_at = max(self._failed_at, now)
            raise

    async def close(self) -> None:
        """Finish what is under way and hang up."""
        await self.scripts.close()


def milliseconds(moment: datetime) -> int:
    """Unix milliseconds, the only form of time inside Redis."""
    return round(moment.timestamp() * 1000)


def _timeline(lead: Lead) -> Sequence[Step]:
    left = lead.state in (State.SETTLED, State.JOINED)
    return () if left else lead.ranking.timeline


def _whereabouts(lead: Lead, now: datetime) -> tuple[str, int | str, str]:
    """Lane, place and mark where due steps have brought it; the first two empty for who stands in
    no lane.
    """
    for step in reversed(_timeline(lead)):
        if step.at <= now:
            return step.lane, -step.rank, _mark(lead, step)
    here = lead.ranking
    if lead.state in (State.WAITING, State.CLAIMED):
        return here.lane, -here.rank, _mark(lead, here)
    return "", "", _mark(lead, here)


def _given(step: Step) -> str:
    flags = _flags(step)
    return f"{milliseconds(step.at)} {step.lane} {-step.rank}" + (f" {flags}" if flags else "")


def _mark(lead: Lead, place: Step | Ranking) -> str:
    """From when it is late, and its flags (late.lua); empty where nothing is guaranteed."""
    if not lead.ranking.guaranteed:
        return ""
    late_at = lead.ranking.late_at
    return ("" if late_at is None else str(milliseconds(late_at))) + _flags(place)


def _flags(place: Step | Ranking) -> str:
    return ("p" if place.protected else "") + ("b" if place.behind else "")


def _shown(lead: Lead, now: datetime, *, again: bool = False) -> tuple[str | int, ...]:
    claim, (lane, place, mark) = lead.claim, _whereabouts(lead, now)
    return (
        str(lead.id),
        lead.version,
        lane,
        place,
        _holder(claim) if claim else "",
        milliseconds(claim.lease_until) if claim else "",
        milliseconds(now),
        "again" if again else "",
        ";".join(_given(step) for step in _timeline(lead) if step.at > now),
        mark,
    )


def _holder(claim: Claim) -> str:
    paused = "" if claim.paused_since is None else "paused "
    return f"{claim.operator} {paused}{claim.token}"


def _held(keys: QueueKeys) -> tuple[str, str, str, str]:
    return keys.places, keys.held, keys.holders, keys.holdings


def _lanes(keys: QueueKeys) -> tuple[str, str, str, str]:
    return keys.lane_names, keys.lanes, keys.arrivals, keys.late


def _count_given_back(reservation: Reservation) -> str | int:
    """What undoing it does to the count: one off, or due as it was before."""
    if reservation.guaranteed:
        return reservation.count - 1
    return "one" if reservation.count else ""


def _reservation(queue: str, lanes: str, reply: Sequence[Any]) -> Reservation:
    lead_id, token, version, place, *behind = reply
    runner, others, count = behind or ((), (), 0)
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
    )


def _runner(lead_id: str, place: str) -> Runner:
    return Runner(UUID(lead_id), -int(place))

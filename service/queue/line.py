"""The line: one typed method per move. What it holds can be built anew from Postgres."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from redis.asyncio import Redis

from service.leads.errors import LineLost, LineUnavailable, Overloaded
from service.leads.lead import Claim, Lead, State
from service.queue.keys import QueueKeys
from service.queue.scripts import Scripts

BATCH = 1000
GREATEST_VERSION = 2**31 - 1
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A lead that the line gave to an operator; Postgres has yet to confirm it."""

    queue: str
    lead_id: UUID
    token: str
    version: int


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
        """Make the line show the lead as it is; False when the line knew as much or more.

        `again` shows the very version that the line knows once more: it was found to be wrong.
        """
        stays, claim = lead.state in (State.WAITING, State.CLAIMED), lead.claim
        with self._failures_noted(now):
            return await self._show(
                lead.signal.queue,
                lead.id,
                lead.version,
                lead.standing.lane if stays else "",
                -lead.standing.rank if stays else "",
                f"{claim.operator} {claim.token}" if claim else "",
                milliseconds(claim.lease_until) if claim else "",
                milliseconds(now),
                "again" if again else "",
            )

    async def show_all(self, leads: Sequence[Lead], now: datetime) -> None:
        """Make the line show several leads; raises when it did not take them all."""
        await asyncio.gather(*(self.show(lead, now) for lead in leads))

    async def drop(self, queue: str, lead_id: UUID, now: datetime) -> None:
        """Let a lead go that Postgres does not know at all."""
        await self._show(queue, lead_id, GREATEST_VERSION, "", "", "", "", milliseconds(now), "")

    async def _show(self, queue: str, lead_id: UUID, *how: str | int) -> bool:
        keys = self.keys(queue)
        names = (keys.places, keys.held, keys.holders, keys.holdings, keys.gone)
        more = (keys.lane_names, keys.lanes, keys.arrivals)
        return bool(await self.scripts.run("show", (*names, *more), str(lead_id), *how))

    async def claim(
        self, queue: str, lanes: Sequence[str], claim: Claim, capacity: int
    ) -> Reservation | None:
        """Reserve the first lead of the lanes until `claim.lease_until`, or give back a held one.

        Raises LineLost when this queue's line was lost, or was not compared with Postgres since
        it failed to hear of something from here.
        """
        keys = self.keys(queue)
        names = (keys.epoch, keys.places, keys.held, keys.holders, keys.holdings)
        with self._failures_noted(claim.since):
            reply = await self.scripts.run(
                "claim",
                (*names, *(keys.lanes + lane for lane in lanes)),
                claim.operator,
                claim.token,
                milliseconds(claim.lease_until),
                capacity,
                milliseconds(self._failed_at),
            )
        if reply is None:
            return None
        if reply == ["behind"]:
            raise LineLost
        lead_id, token, version = reply
        return Reservation(queue, UUID(lead_id), token, int(version))

    async def release(self, reservation: Reservation, operator: str) -> bool:
        """Undo a reservation that Postgres did not confirm."""
        keys = self.keys(reservation.queue)
        reply = await self.scripts.run(
            "release",
            (keys.places, keys.held, keys.holders, keys.holdings, keys.lanes, keys.arrivals),
            str(reservation.lead_id),
            operator,
            reservation.token,
        )
        return bool(reply)

    async def put_back_due(self, queue: str, now: datetime, most: int = BATCH) -> int:
        """Put back leads whose lease or reservation is over; how many."""
        keys = self.keys(queue)
        ids = await self.scripts.run(
            "due",
            (keys.places, keys.held, keys.holders, keys.holdings, keys.lanes, keys.arrivals),
            milliseconds(now),
            most,
        )
        return len(ids)

    async def forget(self, queue: str, gone_before: datetime, most: int = BATCH) -> int:
        """Forget the versions of leads that left long ago; how many."""
        keys = self.keys(queue)
        key_names = (keys.places, keys.gone)
        return int(await self.scripts.run("forget", key_names, milliseconds(gone_before), most))

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

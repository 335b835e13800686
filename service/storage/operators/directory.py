"""Keys, operators and queues, cached for a moment because each request needs them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from service.cached import Cached
from service.hours.shifts import presence_of
from service.leads.operator import Operator, Presence
from service.rules.staff import USUAL_RULES, AudienceRules, StaffOnShift
from service.storage.api_keys import Key, all_keys, digest_of, write_used
from service.storage.database import Database
from service.storage.operators.operators import Queue, find_operator, find_queue, list_staff

SECONDS = 2.0
MISS_SECONDS = 0.3
ROOM = 10_000
STAFF_SECONDS = 5


@dataclass(frozen=True, slots=True)
class StaffDirectory:
    """All operators and queues, read together."""

    operators: Mapping[str, Operator]
    queues: Mapping[str, Queue]
    at_work: dict[tuple[str, datetime, AudienceRules], StaffOnShift] = field(default_factory=dict)

    def zone_of(self, operator: Operator) -> str:
        """The time zone of an operator's shifts: that of their first queue."""
        queue = self.queues.get(operator.queues[0])
        return "UTC" if queue is None else queue.time_zone


class Directory:
    """Keys, operators and queues, at most two seconds old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = Cached(self._read_keys, SECONDS)
        self._keys_read_at = 0.0
        self._used: dict[UUID, datetime] = {}
        self._staff = Cached(self._read_staff, SECONDS)

    async def key(self, secret: str, now: datetime) -> Key | None:
        """The valid key of a secret; None when there is none.

        All keys are read from time to time, and again for an unknown secret, as it may be new. That
        happens at most a few times a second, however many secrets are guessed, and valid keys do
        not wait for it.
        """
        digest, keys = digest_of(secret), await self._keys.value()
        if digest not in keys and time.monotonic() - self._keys_read_at > MISS_SECONDS:
            keys = await self._keys.newer(keys)
        key = keys.get(digest)
        # compared again, because a dict's look-up does not take constant time
        if key is None or not key.opens(digest, now):
            return None
        self._used[key.id] = now
        return key

    async def write_used(self) -> None:
        """Record which keys were used since the last call."""
        used, self._used = self._used, {}
        if used:
            await write_used(self._database, used)

    async def operator(self, name: str) -> Operator:
        """The operator; raises OperatorNotFound."""
        existing = (await self._staff.value()).operators.get(name)
        if existing is not None:
            return existing
        async with self._database.transaction() as connection:
            return await find_operator(connection, name)

    async def operators(self) -> Mapping[str, Operator]:
        """All operators by name."""
        return (await self._staff.value()).operators

    async def queue(self, name: str) -> Queue:
        """The queue; raises QueueNotFound."""
        existing = (await self._staff.value()).queues.get(name)
        if existing is not None:
            return existing
        async with self._database.transaction() as connection:
            return await find_queue(connection, name)

    async def staff(
        self, queue: str, now: datetime, rules: AudienceRules = USUAL_RULES
    ) -> StaffOnShift:
        """The operators of a queue and who is at work, a few seconds old at most."""
        staff = await self._staff.value()
        moment = now.replace(second=now.second // STAFF_SECONDS * STAFF_SECONDS, microsecond=0)
        existing = staff.at_work.get((queue, moment, rules))
        if existing is None:
            found = replace(_staff_of(queue, staff, now), rules=rules)
            existing = staff.at_work[queue, moment, rules] = found
        return existing

    async def presence(self, operator: Operator, now: datetime) -> Presence:
        """An operator's presence, from their status, their signs of life and their shifts."""
        return presence_of(operator, (await self._staff.value()).zone_of(operator), now)

    async def queue_names(self) -> list[str]:
        """The names of all queues."""
        return list((await self._staff.value()).queues)

    def forget(self) -> None:
        """Read again from now on, because something was changed here."""
        self.forget_staff()
        self._keys.forget()

    def forget_staff(self) -> None:
        """The same of operators and queues alone: talks end often, and keys do not change then."""
        self._staff.forget()

    async def _read_keys(self) -> Mapping[bytes, Key]:
        self._keys_read_at = time.monotonic()
        # not in a transaction, as for the staff
        keys = await all_keys(self._database, ROOM)
        previous = {key.previous_digest: key for key in keys if key.previous_digest is not None}
        return {**previous, **{key.digest: key for key in keys}}

    async def _read_staff(self) -> StaffDirectory:
        # not in a transaction: the caller may be in one, and all others may wait for this
        operators, queues = await list_staff(self._database, ROOM)
        return StaffDirectory(
            {operator.name: operator for operator in operators},
            {queue.name: queue for queue in queues},
        )


def _staff_of(queue: str, staff: StaffDirectory, now: datetime) -> StaffOnShift:
    everybody = {
        name: operator for name, operator in staff.operators.items() if queue in operator.queues
    }
    at_work = {
        name: item
        for name, item in everybody.items()
        if presence_of(item, staff.zone_of(item), now) is not Presence.OFFLINE
    }
    return StaffOnShift(at_work, everybody)

"""The versions of each queue's policy; a version never changes (rule B1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from service.leads.errors import PolicyChanged, PolicyNotFound, QueueNotFound
from service.storage.database import Connection, Database
from service.storage.rows import Row
from service.storage.tables import policies, queues

FIRST = 1
VERSION = "SELECT * FROM policies WHERE queue = $1 AND version = $2"
COLUMNS = ("queue", "version", "text", "author", "at", "note")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a policy, with its author and text."""

    queue: str
    version: int
    text: str
    author: str
    at: datetime
    note: str | None = None


async def find_version(connection: Connection, queue: str, version: int) -> Version:
    """One version; raises PolicyNotFound."""
    statement = select(policies).where(policies.c.queue == queue, policies.c.version == version)
    return _one_version((await connection.execute(statement)).mappings().all(), queue, version)


async def read_version(database: Database, queue: str, version: int) -> Version:
    """One version, in a statement of its own; raises PolicyNotFound."""
    return _one_version(await database.fetch(VERSION, queue, version), queue, version)


async def list_versions(
    connection: Connection, queue: str, *, before: int, limit: int
) -> list[Version]:
    """Versions of a queue's policy below `before`, the newest first."""
    statement = (
        select(policies)
        .where(policies.c.queue == queue, policies.c.version < before)
        .order_by(policies.c.version.desc())
        .limit(limit)
    )
    return [_version_of(row) for row in (await connection.execute(statement)).mappings()]


async def version_in_force(connection: Connection, queue: str, *, locked: bool) -> int:
    """The number of the version in force, 0 if none is stored yet; raises QueueNotFound.

    With `locked` no other version can come into force until this transaction ends.
    """
    statement = select(queues.c.policy_version).where(queues.c.name == queue)
    row = (await connection.execute(statement.with_for_update() if locked else statement)).first()
    if row is None:
        raise QueueNotFound(f"No queue is called `{queue}`; PUT /v1/queues/{queue} makes one.")
    return row[0] or 0


async def put_in_force(connection: Connection, version: Version) -> None:
    """Store a new version and put it in force.

    Raises PolicyChanged unless its number follows the one in force.
    """
    existing = await version_in_force(connection, version.queue, locked=True)
    if version.version != existing + 1:
        raise PolicyChanged(f"Version {existing} is in force; look at it, then try again.")
    values = {name: getattr(version, name) for name in COLUMNS}
    await connection.execute(insert(policies).values(values))
    await connection.execute(
        update(queues).where(queues.c.name == version.queue).values(policy_version=version.version)
    )


async def let_queue_follow(
    connection: Connection, queue: str, currency: str, time_zone: str
) -> None:
    """Give a queue the currency and the time zone of its policy."""
    values = {"currency": currency, "time_zone": time_zone}
    await connection.execute(update(queues).where(queues.c.name == queue).values(values))


def _one_version(rows: Sequence[Row], queue: str, version: int) -> Version:
    if not rows:
        raise PolicyNotFound(f"The queue `{queue}` has no policy of version {version}.")
    return _version_of(rows[0])


def _version_of(row: Row) -> Version:
    return Version(**{name: row[name] for name in COLUMNS})

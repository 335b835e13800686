"""Keys of programs and people; a key is shown once and stored as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.binding import UNBOUND, Binding
from service.storage.database import Connection, Database
from service.storage.tables import api_keys

IN_FORCE = """
SELECT id, name, digest, scopes, created_at, revoked_at, previous_digest, previous_until,
    operator, queues, sources, expires_at, used_at
FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at DESC LIMIT $1
"""
# Locked in the order of their ids, so that replicas that saw the same keys do not deadlock.
USED = """
WITH known AS MATERIALIZED (
    SELECT id FROM api_keys WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
)
UPDATE api_keys SET used_at = greatest(api_keys.used_at, used.at)
FROM known JOIN unnest($1::uuid[], $2::timestamptz[]) AS used (id, at) USING (id)
WHERE api_keys.id = known.id
"""
SCOPES = ("intake", "crm", "read", "personal", "operate", "supervise", "admin", "metrics")


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key; its secret is not stored."""

    id: UUID
    name: str
    digest: bytes
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    previous_digest: bytes | None = None
    previous_until: datetime | None = None
    binding: Binding = UNBOUND
    used_at: datetime | None = None

    def opens(self, digest: bytes, now: datetime) -> bool:
        """Whether the digest is this key's and the key is valid; compares in constant time.

        The secret before a rotation is valid until `previous_until`.
        """
        is_its_own = hmac.compare_digest(self.digest, digest)
        is_previous = hmac.compare_digest(self.previous_digest or b"", digest)
        is_valid_yet = self.previous_until is not None and now < self.previous_until
        return self.is_in_force(now) and (is_its_own or (is_previous and is_valid_yet))

    def is_in_force(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        until = self.binding.expires_at
        return self.revoked_at is None and (until is None or now < until)


def new_secret() -> str:
    """A new random secret of 256 bits."""
    return f"nl_{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> bytes:
    """The stored digest of a secret. Secrets are random, so a plain hash cannot be reversed."""
    return hashlib.sha256(secret.encode()).digest()


async def all_keys(database: Database, limit: int) -> list[Key]:
    """The newest keys that are not revoked, in a statement of its own."""
    return [_key(row) for row in await database.fetch(IN_FORCE, limit)]


async def find_key_in_force(connection: Connection, name: str) -> Key | None:
    """The key of a name, locked until the transaction ends; None without an unrevoked one."""
    is_this = (api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
    statement = select(api_keys).where(*is_this).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _key(row)


async def has_key_named(connection: Connection, name: str) -> bool:
    """Whether a key has the name, or had it before it was revoked."""
    return bool(await connection.scalar(select(exists().where(api_keys.c.name == name))))


async def put_key(
    connection: Connection, name: str, secret: str, scopes: Iterable[str], now: datetime
) -> None:
    """Store a key; it replaces the key of the same name."""
    columns = _columns(secret, scopes, now)
    await connection.execute(
        insert(api_keys)
        .values(id=uuid_utils.compat.uuid7(), name=name, **columns)
        .on_conflict_do_update(index_elements=[api_keys.c.name], set_=columns)
    )


async def add_key(
    connection: Connection, name: str, secret: str, scopes: Iterable[str], now: datetime
) -> bool:
    """Store a key; False when a valid key has this name, which then stays."""
    columns = _columns(secret, scopes, now)
    statement = (
        insert(api_keys)
        .values(id=uuid_utils.compat.uuid7(), name=name, **columns)
        .on_conflict_do_update(
            index_elements=[api_keys.c.name],
            set_=columns,
            where=or_(api_keys.c.revoked_at.is_not(None), api_keys.c.expires_at <= now),
        )
    )
    return (await connection.execute(statement)).rowcount == 1


async def rotate_key(
    connection: Connection, key: Key, secret: str, previous_until: datetime
) -> None:
    """Give a key a new secret; the old one is valid until `previous_until`."""
    statement = (
        update(api_keys)
        .where(api_keys.c.id == key.id)
        .values(
            digest=digest_of(secret),
            previous_digest=api_keys.c.digest,
            previous_until=previous_until,
        )
    )
    await connection.execute(statement)


def _columns(secret: str, scopes: Iterable[str], now: datetime) -> dict[str, object]:
    return {
        "digest": digest_of(secret),
        "scopes": sorted(scopes),
        "created_at": now,
        "revoked_at": None,
        "previous_digest": None,
        "previous_until": None,
        "operator": None,
        "queues": None,
        "sources": None,
        "expires_at": None,
        "used_at": None,
    }


async def bind_key(connection: Connection, name: str, binding: Binding) -> None:
    """Bind the key of a name."""
    lists = (binding.queues, binding.sources)
    queues, sources = (None if item is None else sorted(item) for item in lists)
    bounds = {"operator": binding.operator, "expires_at": binding.expires_at}
    await connection.execute(
        update(api_keys)
        .where(api_keys.c.name == name)
        .values(queues=queues, sources=sources, **bounds)
    )


async def write_used(database: Database, used: Mapping[UUID, datetime]) -> None:
    """Record when keys were last used."""
    await database.fetch(USED, list(used), list(used.values()))


async def revoke_key(connection: Connection, name: str, now: datetime) -> bool:
    """Revoke the key of a name; False when there is no unrevoked one."""
    statement = (
        update(api_keys)
        .where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return (await connection.execute(statement)).rowcount == 1


async def list_keys(connection: Connection, *, after: str = "", limit: int = 1000) -> list[Key]:
    """Keys sorted by name, those after the name `after`."""
    statement = select(api_keys).where(api_keys.c.name > after).order_by(api_keys.c.name)
    rows = await connection.execute(statement.limit(limit))
    return [_key(row) for row in rows.mappings()]


def _key(row: Any) -> Key:
    columns = dict(row)
    queues, sources = (
        None if (names := columns.pop(name)) is None else frozenset(names)
        for name in ("queues", "sources")
    )
    operator, expires_at = columns.pop("operator"), columns.pop("expires_at")
    binding = Binding(operator, queues, sources, expires_at)
    return Key(**{**columns, "scopes": frozenset(columns["scopes"]), "binding": binding})

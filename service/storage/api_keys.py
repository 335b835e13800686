"""Keys of programs and people: shown once, stored as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection, Database
from service.storage.tables import api_keys

IN_FORCE = """
SELECT id, name, digest, scopes, created_at, revoked_at, previous_digest, previous_until
FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at DESC LIMIT $1
"""
SCOPES = ("intake", "crm", "read", "personal", "operate", "supervise", "admin", "metrics")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored; the secret itself is not."""

    id: UUID
    name: str
    digest: bytes
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    previous_digest: bytes | None = None
    previous_until: datetime | None = None

    def opens(self, secret: str, now: datetime) -> bool:
        """Whether this key is the one of the secret, and not revoked; in constant time.

        The secret before a rotation opens, too, until its time is over.
        """
        digest = digest_of(secret)
        is_its_own = hmac.compare_digest(self.digest, digest)
        is_previous = hmac.compare_digest(self.previous_digest or b"", digest)
        is_valid_yet = self.previous_until is not None and now < self.previous_until
        return self.revoked_at is None and (is_its_own or (is_previous and is_valid_yet))


def new_secret() -> str:
    """A fresh random key of 256 bits."""
    return f"nl_{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> bytes:
    """What is stored of a key. Keys are random, so a plain hash cannot be guessed backwards."""
    return hashlib.sha256(secret.encode()).digest()


async def all_keys(database: Database, limit: int) -> list[Key]:
    """The newest keys in force, in a statement of its own."""
    return [_key(row) for row in await database.fetch(IN_FORCE, limit)]


async def find_key_in_force(connection: Connection, name: str) -> Key | None:
    """The key of a name, locked until the transaction ends; None when none is in force."""
    is_this = (api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
    statement = select(api_keys).where(*is_this).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _key(row)


async def put_key(
    connection: Connection, name: str, secret: str, scopes: Iterable[str], now: datetime
) -> None:
    """Store a key under a name, in place of the one of that name."""
    columns = _columns(secret, scopes, now)
    await connection.execute(
        insert(api_keys)
        .values(id=uuid_utils.compat.uuid7(), name=name, **columns)
        .on_conflict_do_update(index_elements=[api_keys.c.name], set_=columns)
    )


async def add_key(
    connection: Connection, name: str, secret: str, scopes: Iterable[str], now: datetime
) -> bool:
    """Store a key under a name; False when a key of that name is in force, which stays."""
    columns = _columns(secret, scopes, now)
    statement = (
        insert(api_keys)
        .values(id=uuid_utils.compat.uuid7(), name=name, **columns)
        .on_conflict_do_update(
            index_elements=[api_keys.c.name],
            set_=columns,
            where=api_keys.c.revoked_at.is_not(None),
        )
    )
    return (await connection.execute(statement)).rowcount == 1


async def rotate_key(
    connection: Connection, key: Key, secret: str, previous_until: datetime
) -> None:
    """Give a key in force a new secret; the one before opens until then."""
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
    }


async def revoke_key(connection: Connection, name: str, now: datetime) -> bool:
    """Revoke the key of a name; False when there is none in force."""
    statement = (
        update(api_keys)
        .where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return (await connection.execute(statement)).rowcount == 1


async def list_keys(connection: Connection, *, after: str = "", limit: int = 1000) -> list[Key]:
    """Keys by name, those after a name."""
    statement = select(api_keys).where(api_keys.c.name > after).order_by(api_keys.c.name)
    rows = await connection.execute(statement.limit(limit))
    return [_key(row) for row in rows.mappings()]


def _key(row: Any) -> Key:
    return Key(**{**row, "scopes": frozenset(row["scopes"])})

"""Keys of programs and people: shown once, stored as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection
from service.storage.tables import api_keys

SCOPES = ("intake", "read", "operate", "supervise", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored; the secret itself is not."""

    id: UUID
    name: str
    digest: bytes
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None

    def opens(self, secret: str) -> bool:
        """Whether this key is the one of the secret, and not revoked; in constant time."""
        return hmac.compare_digest(self.digest, digest_of(secret)) and self.revoked_at is None


def new_secret() -> str:
    """A fresh random key of 256 bits."""
    return f"nl_{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> bytes:
    """What is stored of a key. Keys are random, so a plain hash cannot be guessed backwards."""
    return hashlib.sha256(secret.encode()).digest()


async def find_key(connection: Connection, digest: bytes) -> Key | None:
    """The key of a digest, revoked ones too."""
    statement = select(api_keys).where(api_keys.c.digest == digest)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Key(**{**row, "scopes": frozenset(row["scopes"])})


async def is_in_force(connection: Connection, name: str) -> bool:
    """Whether a key has this name and was not revoked; until the transaction ends it stays so."""
    statement = select(api_keys.c.revoked_at.is_(None)).where(api_keys.c.name == name)
    return bool(await connection.scalar(statement.with_for_update()))


async def put_key(
    connection: Connection, name: str, secret: str, scopes: Iterable[str], now: datetime
) -> None:
    """Store a key under a name, in place of the one of that name."""
    columns = {
        "digest": digest_of(secret),
        "scopes": sorted(scopes),
        "created_at": now,
        "revoked_at": None,
    }
    await connection.execute(
        insert(api_keys)
        .values(id=uuid_utils.compat.uuid7(), name=name, **columns)
        .on_conflict_do_update(index_elements=[api_keys.c.name], set_=columns)
    )


async def revoke_key(connection: Connection, name: str, now: datetime) -> bool:
    """Revoke the key of a name; False when there is none in force."""
    statement = (
        update(api_keys)
        .where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return (await connection.execute(statement)).rowcount == 1


async def list_keys(connection: Connection) -> list[Key]:
    """Every key, by name; at most 1 000."""
    rows = await connection.execute(select(api_keys).order_by(api_keys.c.name).limit(1000))
    return [Key(**{**row, "scopes": frozenset(row["scopes"])}) for row in rows.mappings()]

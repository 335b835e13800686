"""Signed-in people of the pages; secrets are stored as digests, like those of keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from service.storage.api_keys import digest_of
from service.storage.database import Connection
from service.storage.session_tables import reader_settings, sessions, sign_in_links
from service.storage.tables import api_keys


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a browser: their scopes, whose desk it is, and until when."""

    person: str
    operator: str | None
    scopes: frozenset[str]
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInLink:
    """An invitation that can be used once."""

    person: str
    operator: str | None
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime


async def put_session(
    connection: Connection, secret: str, session: Session, key_digest: bytes | None = None
) -> None:
    """Store a session, and delete those that are over."""
    await connection.execute(delete(sessions).where(sessions.c.expires_at <= session.created_at))
    columns = {name: getattr(session, name) for name in ("person", "operator", "expires_at")}
    await connection.execute(
        insert(sessions).values(
            digest=digest_of(secret),
            scopes=sorted(session.scopes),
            key_digest=key_digest,
            created_at=session.created_at,
            seen_at=session.seen_at,
            **columns,
        )
    )


async def find_session(connection: Connection, secret: str, now: datetime) -> Session | None:
    """The session of a secret; None when it is over.

    It is also over when the key that opened it is revoked or expired, or when the secret is not
    valid any more; after a rotation the old one is valid until the overlap ends.
    """
    is_current = api_keys.c.digest == sessions.c.key_digest
    is_previous = api_keys.c.previous_digest == sessions.c.key_digest
    in_force = select(api_keys.c.digest).where(
        or_(is_current, and_(is_previous, api_keys.c.previous_until > now)),
        api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )
    statement = select(sessions).where(
        sessions.c.digest == digest_of(secret),
        sessions.c.expires_at > now,
        or_(sessions.c.key_digest.is_(None), in_force.exists()),
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    columns = {name: row[name] for name in ("person", "operator", "created_at", "seen_at")}
    return Session(scopes=frozenset(row["scopes"]), expires_at=row["expires_at"], **columns)


async def change_session(connection: Connection, secret: str, **columns: object) -> None:
    """Change columns of a session."""
    statement = update(sessions).where(sessions.c.digest == digest_of(secret)).values(**columns)
    await connection.execute(statement)


async def drop_session(connection: Connection, secret: str) -> None:
    """End a session."""
    await connection.execute(delete(sessions).where(sessions.c.digest == digest_of(secret)))


async def put_link(connection: Connection, secret: str, link: SignInLink) -> None:
    """Store a one-time link, and delete those that are over."""
    over = delete(sign_in_links).where(sign_in_links.c.expires_at <= link.created_at)
    await connection.execute(over)
    await connection.execute(
        insert(sign_in_links).values(
            digest=digest_of(secret),
            person=link.person,
            operator=link.operator,
            scopes=sorted(link.scopes),
            created_at=link.created_at,
            expires_at=link.expires_at,
        )
    )


async def find_link(connection: Connection, secret: str, now: datetime) -> SignInLink | None:
    """The link of a secret, if it can still be used."""
    statement = select(sign_in_links).where(*_usable(secret, now))
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _link(row)


async def use_link(connection: Connection, secret: str, now: datetime) -> SignInLink | None:
    """Use a link; of two requests at the same time one gets None."""
    statement = update(sign_in_links).where(*_usable(secret, now)).values(used_at=now)
    row = (await connection.execute(statement.returning(sign_in_links))).mappings().first()
    return None if row is None else _link(row)


def _usable(secret: str, now: datetime) -> tuple[Any, ...]:
    columns = sign_in_links.c
    return columns.digest == digest_of(secret), columns.used_at.is_(None), columns.expires_at > now


def _link(row: Mapping[Any, Any]) -> SignInLink:
    columns = {name: row[name] for name in ("person", "operator", "created_at", "expires_at")}
    return SignInLink(scopes=frozenset(row["scopes"]), **columns)


async def find_settings(connection: Connection, person: str) -> Mapping[str, Any]:
    """A person's settings of the pages; empty when they have none."""
    statement = select(reader_settings.c.settings).where(reader_settings.c.person == person)
    found: Mapping[str, Any] | None = await connection.scalar(statement)
    return found or {}


async def put_settings(
    connection: Connection, person: str, settings: Mapping[str, Any], now: datetime
) -> None:
    """Store a person's settings of the pages."""
    columns = {"settings": dict(settings), "changed_at": now}
    await connection.execute(
        insert(reader_settings)
        .values(person=person, **columns)
        .on_conflict_do_update(index_elements=[reader_settings.c.person], set_=columns)
    )

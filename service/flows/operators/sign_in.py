"""A person signs in to the pages with a key or a one-time link, and signs out.

This writes Postgres only. A session lasts 12 hours after its last use, at most a week. It ends at
once when its key is revoked, and with the overlap when the secret was rotated.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.leads.errors import KeyBound, ScopeMissing, Unauthenticated
from service.resources import Resources
from service.storage.api_keys import digest_of
from service.storage.sessions import (
    Session,
    SignInLink,
    change_session,
    drop_session,
    find_link,
    find_session,
    put_link,
    put_session,
    use_link,
)

log = structlog.get_logger()

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
SEEN_AGAIN = timedelta(minutes=5)
LINK_LASTS = timedelta(hours=24)
# A key needs one of these to open a page; keys of senders and dashboards have none.
OF_PEOPLE = frozenset({"operate", "supervise", "admin"})
# The roles of people, and the scopes that each needs.
ROLES = {
    "operator": frozenset({"operate", "read", "personal"}),
    "supervisor": frozenset({"operate", "read", "personal", "supervise"}),
    "head": frozenset({"operate", "read", "personal", "supervise", "admin"}),
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, and the secret that the browser keeps."""

    secret: str
    session: Session


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to sign in: their name, the operator whose desk they sit at, their scopes.

    They may see only some `queues`; None stands for all of them.
    """

    name: str
    operator: str | None
    scopes: frozenset[str]
    queues: frozenset[str] | None = None


async def sign_in_by_key(resources: Resources, secret: str) -> SignedIn:
    """Open a session with a key.

    Raises Unauthenticated, and ScopeMissing when the key is meant for programs.
    """
    key = await resources.stores.directory.key(secret, resources.clock.now())
    if key is None:
        raise Unauthenticated("This key is unknown or was revoked.")
    is_of_part = key.binding.is_narrow and key.binding.operator is None
    if is_of_part or not key.scopes & OF_PEOPLE:
        raise ScopeMissing(f"The key `{key.name}` opens no page: it is one of programs.")
    operators = await resources.stores.directory.operators()
    operator = key.binding.operator or (key.name if key.name in operators else None)
    name = key.binding.operator or key.name
    person = Person(name, operator, key.scopes)
    return await open_session(resources, person, way="key", key_digest=digest_of(secret))


async def sign_in_by_link(resources: Resources, secret: str) -> SignedIn:
    """Open a session with a link and use the link up; raises Unauthenticated."""
    async with resources.stores.database.transaction() as connection:
        link = await use_link(connection, secret, resources.clock.now())
    if link is None:
        raise Unauthenticated("This link was used, or is too old.")
    return await open_session(
        resources, Person(link.person, link.operator, link.scopes), way="link"
    )


async def view_link(resources: Resources, secret: str) -> SignInLink | None:
    """Return a link that can still be used; viewing does not use it up."""
    async with resources.stores.database.transaction() as connection:
        return await find_link(connection, secret, resources.clock.now())


async def invite_person(resources: Resources, person: Person, lasts: timedelta = LINK_LASTS) -> str:
    """Make a one-time link and return its secret; raises OperatorNotFound for an unknown desk."""
    if person.operator is not None:
        await resources.stores.directory.operator(person.operator)
    secret, now = secrets.token_urlsafe(32), resources.clock.now()
    link = SignInLink(person.name, person.operator, person.scopes, now, now + lasts)
    async with resources.stores.database.transaction() as connection:
        await put_link(connection, secret, link)
    return secret


async def view_session(resources: Resources, secret: str) -> Session | None:
    """Return the session, and extend it because it was used."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        session = await find_session(connection, secret, now)
        if session is not None and now - session.seen_at >= SEEN_AGAIN:
            until = _until(session.created_at, now)
            await change_session(connection, secret, seen_at=now, expires_at=until)
    return session


def has_own_desk(session: Session) -> bool:
    """Whether a person signed in as an operator, and so may sit at no other desk.

    Supervisors may sit at any desk.
    """
    return session.operator == session.person and "supervise" not in session.scopes


async def choose_desk(
    resources: Resources, secret: str, session: Session, operator: str | None
) -> None:
    """Sit down at an operator's desk, or leave it; raises OperatorNotFound, KeyBound."""
    if has_own_desk(session) and operator != session.operator:
        raise KeyBound(f"You are signed in as `{session.operator}`.")
    if operator is not None:
        await resources.stores.directory.operator(operator)
    async with resources.stores.database.transaction() as connection:
        await change_session(connection, secret, operator=operator)


async def sign_out(resources: Resources, secret: str) -> None:
    """End a session."""
    async with resources.stores.database.transaction() as connection:
        await drop_session(connection, secret)


async def open_session(
    resources: Resources, person: Person, *, way: str, key_digest: bytes | None = None
) -> SignedIn:
    """Open a session for a person; their name is not logged."""
    now, secret = resources.clock.now(), secrets.token_urlsafe(32)
    session = Session(person.name, person.operator, person.scopes, now, now, _until(now, now))
    async with resources.stores.database.transaction() as connection:
        await put_session(connection, secret, session, key_digest)
    log.info("session.opened", way=way, scopes=sorted(person.scopes))
    return SignedIn(secret, session)


def _until(created: datetime, seen: datetime) -> datetime:
    return min(created + LONGEST, seen + IDLE)

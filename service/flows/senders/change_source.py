"""Create, change, rotate and remove sources of webhooks; stored secrets are never shown again."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from service.flows.senders.check_source import SourceSpec, adapter_of, check_secrets, check_source
from service.leads.errors import FieldMistake, InvalidRequest, SourceInUse, SourceNotFound
from service.resources import Resources
from service.storage.api_keys import has_key_named
from service.storage.database import Connection
from service.storage.senders.sources import (
    Proof,
    StoredSource,
    drop_source,
    find_source,
    has_unread,
    put_source,
)

log = structlog.get_logger()

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """A source after a change; `token` is set only when its address has just been made."""

    stored: StoredSource
    created: bool = False
    token: str | None = None


async def change_source(resources: Resources, wanted: SourceSpec, author: str) -> ChangedSource:
    """Create or change a source; raises InvalidRequest with every mistake, and SecretKeyMissing.

    New secrets replace the old ones at once; `rotate_source` allows both for a while.
    """
    now, requested = resources.clock.now(), wanted.spec
    async with resources.stores.database.transaction() as connection:
        before = await find_source(connection, requested.name, to_change=True)
        if before is None:
            await _check_name(connection, requested.name)
        existing = _secrets_that_stay(before, wanted)
        await check_source(resources, wanted, existing)
        token, tokens = _tokens(before, wanted, now)
        given = {name: value for name, value in wanted.secrets.items() if value is not None}
        sealed = {name: (_sealed(resources, value, now),) for name, value in given.items()}
        stored = StoredSource(
            requested, {**existing, **sealed}, tokens, before.created_at if before else now, now
        )
        created = await put_source(connection, stored)
    _forget(resources)
    log.info("source.changed", source=requested.name, by=author)
    return ChangedSource(stored, created, token)


async def rotate_source(
    resources: Resources,
    name: str,
    new: Mapping[str, str],
    *,
    address: bool,
    overlap: timedelta,
    author: str,
) -> ChangedSource:
    """Give a source new secrets or a new address; the old ones stay valid for a while.

    Raises SourceNotFound and InvalidRequest.
    """
    now, token = resources.clock.now(), None
    async with resources.stores.database.transaction() as connection:
        stored = await _find(connection, name)
        _check_rotation(resources, stored, new, address=address)
        rotated = {
            item: _rotated(stored.secrets.get(item, ()), _sealed(resources, value, now), overlap)
            for item, value in new.items()
        }
        tokens = stored.tokens
        if address:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            tokens = _rotated(stored.tokens, _digest(token, now), overlap)
        stored = replace(
            stored, secrets={**stored.secrets, **rotated}, tokens=tokens, changed_at=now
        )
        await put_source(connection, stored)
    resources.stores.sources.forget()
    log.info("source.rotated", source=name, by=author, secrets=sorted(new), address=address)
    return ChangedSource(stored, token=token)


async def remove_source(resources: Resources, name: str, author: str) -> None:
    """Remove a source and its deliveries.

    Raises SourceNotFound. Raises SourceInUse while a delivery is not read yet, because it was
    acknowledged.
    """
    async with resources.stores.database.transaction() as connection:
        await _find(connection, name)
        if await has_unread(connection, name):
            raise SourceInUse("Something that it delivered is yet to be read; try again shortly.")
        await drop_source(connection, name)
    _forget(resources)
    log.info("source.removed", source=name, by=author)


def _forget(resources: Resources) -> None:
    """Clear the caches of sources and of the shop's own marks, which sources name too."""
    resources.stores.sources.forget()
    resources.stores.bases.forget()


async def _check_name(connection: Connection, name: str) -> None:
    """Raise InvalidRequest for the name of a key: its leads would pass for the source's own."""
    if await has_key_named(connection, name):
        reason = f"`{name}` is a key, and leads bear the names of senders"
        raise InvalidRequest([FieldMistake("name", reason, "Choose another name.")])


async def _find(connection: Connection, name: str) -> StoredSource:
    stored = await find_source(connection, name, to_change=True)
    if stored is None:
        raise SourceNotFound(f"No source is called `{name}`; PUT /v1/sources/{name} makes one.")
    return stored


def _secrets_that_stay(
    before: StoredSource | None, wanted: SourceSpec
) -> dict[str, tuple[Proof, ...]]:
    """The secrets that the request does not name, if the adapter stays the same."""
    if before is None or before.spec.adapter != wanted.spec.adapter:
        return {}
    return {name: secret for name, secret in before.secrets.items() if name not in wanted.secrets}


def _tokens(
    before: StoredSource | None, wanted: SourceSpec, now: datetime
) -> tuple[str | None, tuple[Proof, ...]]:
    """A new token if one is needed, and the tokens of the address after the change."""
    existing = before.tokens if before else ()
    adapter = adapter_of(wanted.spec.adapter)
    asked = bool(existing) if wanted.secret_address is None else wanted.secret_address
    if not (asked or adapter.secret_address or adapter.is_unsigned(wanted.spec.options)):
        return None, ()
    if existing:
        return None, existing
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, (_digest(token, now),)


def _check_rotation(
    resources: Resources, stored: StoredSource, new: Mapping[str, str], *, address: bool
) -> None:
    mistakes = [*check_secrets(resources, adapter_of(stored.spec.adapter), new)]
    if address and not stored.tokens:
        remedy = "Leave it out, or PUT the source with `secret_address`."
        mistakes.append(FieldMistake("address", "the source has no secret address", remedy))
    if not new and not address:
        remedy = "Send `secrets`, or `address`."
        mistakes.append(FieldMistake("body", "nothing is to be changed", remedy))
    if mistakes:
        raise InvalidRequest(mistakes)


def _rotated(before: tuple[Proof, ...], new: Proof, overlap: timedelta) -> tuple[Proof, ...]:
    """The new proof, and the one before it while it is valid: two at most."""
    if not before or not overlap:
        return (new,)
    return new, replace(before[0], until=new.since + overlap)


def _sealed(resources: Resources, value: str, now: datetime) -> Proof:
    return Proof(resources.sealer.seal(value).decode(), now)


def _digest(token: str, now: datetime) -> Proof:
    return Proof(hashlib.sha256(token.encode()).hexdigest(), now)

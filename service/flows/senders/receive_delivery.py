"""Verify and store a delivery, and answer as its sender expects.

Nothing is read here. The answer comes after the commit in Postgres, so an acknowledged delivery is
never lost. Then the reader is woken.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
import uuid_utils.compat

from service.adapters.adapter import Adapter
from service.adapters.delivery import Delivery, Reply
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.flows.senders.open_source import open_source
from service.leads.errors import (
    NotAuthentic,
    SecretKeyMissing,
    SecretLost,
    SourceNotFound,
    SourceUnusable,
)
from service.metrics.families import DELIVERIES
from service.resources import Resources
from service.storage.senders.inbox import Arrived
from service.storage.senders.sealed_requests import seal_request
from service.storage.senders.sources import Proof, StoredSource
from service.tracing.spans import traceparent

log = structlog.get_logger()

CONTENT_TYPE = "content-type"


@dataclass(frozen=True, slots=True)
class Addressed:
    """The source that an address names; `path` follows the source in it, without a token."""

    adapter: Adapter
    stored: StoredSource
    path: str

    @property
    def takes_calls(self) -> bool:
        """Whether the source sends news of telephone calls, which never wait (A4, A8)."""
        return self.adapter.takes_calls(self.stored.spec)


async def find_addressed(resources: Resources, adapter: str, source: str, rest: str) -> Addressed:
    """Find the source of `/webhooks/{adapter}/{source}/{rest}`; raises SourceNotFound.

    A caller who knows the name but not the token of a secret address gets the same error.
    """
    stored, existing = await resources.stores.sources.find(source), ADAPTERS.get(adapter)
    if stored is None or existing is None or stored.spec.adapter != adapter:
        raise _nobody()
    if not stored.tokens:
        return Addressed(existing, stored, rest)
    token, _, path = rest.partition("/")
    if not _is_one_of(token, stored.tokens, resources.clock.now()):
        raise _nobody()
    return Addressed(existing, stored, path)


async def receive_delivery(resources: Resources, addressed: Addressed, delivery: Delivery) -> Reply:
    """Store a delivery and return the answer for its sender; a repeated one is not stored again.

    Raises NotAuthentic. Raises SourceNotFound when the source was removed just now. The sender is
    to send it again after SourceUnusable, when the key of stored secrets is missing, and after
    StorageUnavailable, when it could not be stored.
    """
    try:
        return await _receive(resources, addressed, delivery)
    except (SecretKeyMissing, SecretLost) as error:
        raise SourceUnusable(str(error)) from None


async def _receive(resources: Resources, addressed: Addressed, delivery: Delivery) -> Reply:
    adapter, source = addressed.adapter, open_source(resources, addressed.stored)
    try:
        greeting = adapter.greet(delivery, source)
        if greeting is not None:
            return greeting
        adapter.verify(delivery, source)
    except NotAuthentic:
        resources.stores.refusals.refused(source.name, delivery.received_at)
        DELIVERIES.add(source.name, "refused", "")
        log.warning("delivery.refused", source=source.name)
        raise
    await _keep(resources, adapter, source, delivery)
    return adapter.reply(delivery, source)


async def _keep(resources: Resources, adapter: Adapter, source: Source, delivery: Delivery) -> None:
    once = adapter.once(delivery, source)
    arrived = Arrived(
        id=uuid_utils.compat.uuid7(),
        source=source.name,
        received_at=delivery.received_at,
        request=await seal_request(resources.sealer, _without_secrets(adapter, delivery)),
        size=len(delivery.body),
        once=None if once is None else _digest(once),
        traceparent=traceparent(),
    )
    try:
        added = await resources.stores.inbox.add(arrived)
    except SourceNotFound:
        resources.stores.sources.forget()
        raise _nobody() from None
    DELIVERIES.add(source.name, "received", "" if added else "repeated")
    log.info(
        "delivery.received", source=source.name, delivery_id=str(arrived.id), existing=not added
    )


def _without_secrets(adapter: Adapter, delivery: Delivery) -> Delivery:
    """The delivery with only the headers that are read later; others may hold secrets."""
    stored = {CONTENT_TYPE, *adapter.stored_headers}
    return replace(delivery, headers=tuple(pair for pair in delivery.headers if pair[0] in stored))


def _is_one_of(token: str, proofs: Iterable[Proof], now: datetime) -> bool:
    requested = _digest(token).hex()
    return any(
        proof.holds(now) and hmac.compare_digest(requested, proof.stored) for proof in proofs
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _nobody() -> SourceNotFound:
    return SourceNotFound("Nobody's webhooks are taken at this address.")

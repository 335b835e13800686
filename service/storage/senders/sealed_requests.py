"""Stored requests are sealed, because bodies contain senders' secrets and clients' data."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson

from service.adapters.delivery import Delivery
from service.sealing import Sealer

LARGE = 256 * 1024  # sealing this takes milliseconds, so it is done in a thread


async def seal_request(sealer: Sealer, delivery: Delivery) -> bytes:
    """Seal a request without its time and address; raises SecretKeyMissing."""
    spec = orjson.dumps([delivery.method, delivery.path, delivery.query, delivery.headers])
    return await _beside(sealer.seal_bytes, spec + b"\n" + delivery.body)


async def open_request(sealer: Sealer, sealed: bytes, **more: Any) -> Delivery:
    """Open a sealed request; `more` is its time and address. Raises SecretLost."""
    spec, _, body = (await _beside(sealer.open_bytes, sealed)).partition(b"\n")
    method, path, query, headers = orjson.loads(spec)
    return Delivery(method, body, headers=_pairs(headers), path=path, query=query, **more)


async def _beside(work: Any, content: bytes) -> bytes:
    done: bytes = work(content) if len(content) < LARGE else await asyncio.to_thread(work, content)
    return done


def _pairs(headers: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)

"""Find the stored requests of senders that name a client, by the client's leads and marks.

Requests are sealed, so each is opened; that takes about 50 µs and runs in a thread.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from service.leads.errors import SecretLost
from service.matching.needles import Needles, needles_of
from service.resources import Resources
from service.sealing import Sealer
from service.storage.customers.erasures import KeptRequest, requests_after

PAGE = 200
FIRST_ID = UUID(int=0)


async def search_requests(
    resources: Resources,
    marks: Collection[str],
    leads: Collection[str],
    until: datetime,
    *,
    first: bool = False,
) -> list[KeptRequest]:
    """Return all requests until a moment that name a client; `first` stops at the first match."""
    needles, found, after = needles_of(marks), list[KeptRequest](), FIRST_ID
    while page := await requests_after(resources.stores.database, after, until, PAGE):
        ids = await asyncio.to_thread(theirs, resources.sealer, page, leads, needles)
        found += [item for item in page if item.id in ids]
        if first and found:
            break
        after = page[-1].id
    return found


def theirs(
    sealer: Sealer, page: Sequence[KeptRequest], leads: Collection[str], needles: Needles
) -> set[UUID]:
    """The requests that came to a lead of the client, or that name the client."""
    return {
        item.id
        for item in page
        if any(result.get("lead_id") in leads for result in item.result or ())
        or needles.are_in(content_of(sealer, item.request))
    }


def content_of(sealer: Sealer, request: bytes) -> bytes:
    """The content of a request; empty when no key opens it, because then nobody can read it."""
    try:
        return sealer.open_bytes(request)
    except SecretLost:
        return b""

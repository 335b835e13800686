"""Export what is kept of one client and where: everything that an erasure would remove.

It reads Postgres only. All stored requests of senders are opened and searched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog

from service.flows.customers.find_subject import (
    NamedClient,
    Subject,
    find_subject,
    marks_named,
    nobody,
)
from service.flows.customers.search_requests import content_of, search_requests
from service.resources import Resources
from service.storage.customers.erasures import KeptRequest
from service.storage.customers.places import PLACES, rows_of_client

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeptRows:
    """A table and its rows of the client."""

    name: str
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class ClientData:
    """All that is kept of a client at a moment, and the cards and marks by which it was found."""

    at: datetime
    cards: Sequence[str]
    marks: Sequence[str]
    places: Sequence[KeptRows]


async def export_client(resources: Resources, client: NamedClient, by: str) -> ClientData:
    """Return what is kept of a client; raises CustomerNotFound, SharedMark and InvalidRequest."""
    now, marks = resources.clock.now(), await marks_named(resources, client)
    async with resources.stores.database.transaction() as connection:
        subject = await find_subject(connection, client, marks)
        of = (subject.leads, subject.cards, subject.marks)
        places = [KeptRows(name, await rows_of_client(connection, name, *of)) for name in PLACES]
    places.append(KeptRows("deliveries", await _requests(resources, subject, now)))
    if subject.is_empty and not any(place.rows for place in places):
        raise nobody()
    log.info("client.exported", leads=len(subject.leads), by=by)
    return ClientData(now, subject.cards, sorted(subject.marks), places)


async def _requests(resources: Resources, subject: Subject, now: datetime) -> list[Any]:
    leads = {str(lead) for lead in subject.leads}
    found = await search_requests(resources, subject.marks, leads, now)
    return [_shown(item, content_of(resources.sealer, item.request)) for item in found]


def _shown(item: KeptRequest, content: bytes) -> Mapping[str, Any]:
    spec, _, body = content.partition(b"\n")
    method, path, query, headers = orjson.loads(spec) if spec else ("", "", "", [])
    request = {"method": method, "path": path, "query": query, "headers": headers}
    text = body.decode("utf-8", "replace")
    return {"id": str(item.id), "state": item.state, "request": request, "body": text}

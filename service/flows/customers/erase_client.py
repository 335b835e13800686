"""A client is erased: what is personal goes everywhere, numbers and outcomes stay.

Postgres first, in one transaction: leads are locked, then cards; what is open is ended and taken
from whoever holds it. Then the line. Senders' requests are looked through afterwards, and by upkeep
to the end (finish_erasures.py), which also finds what was on its way at that moment.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
import structlog
import uuid_utils.compat

from service.flows.customers.erase_subject import erase_subject
from service.flows.customers.find_subject import (
    NamedClient,
    Subject,
    find_subject,
    marks_named,
    nobody,
)
from service.flows.customers.finish_erasures import look_through
from service.flows.customers.search_requests import FIRST_ID, search_requests
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.erasures import Erasure, add_erasure, find_erasure, list_erasures
from service.storage.customers.listed_marks import are_blocked
from service.storage.database import Connection
from service.storage.leads.identities import lock_leads
from service.storage.queues.queue_events import QueueEvent, append_queue_event

log = structlog.get_logger()

CLIENT_ERASED = "client.erased"


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """Whom to erase, why, and by whose word."""

    client: NamedClient
    reason: str
    by: str


async def erase_client(resources: Resources, wanted: ErasureRequest) -> Erasure:
    """Erase everything of a client; how many rows of each sort it was.

    Raises CustomerNotFound where nothing of them is kept (any longer), SharedMark where it is not
    clear who is meant, SecretKeyMissing, and InvalidRequest.
    """
    now = resources.clock.now()
    marks = await marks_named(resources, wanted.client)
    resources.fingerprints.of("")  # before anything is touched: there is a key
    async with resources.stores.database.transaction() as connection:
        subject = await find_subject(connection, wanted.client, marks)
        if subject.is_empty and not await _is_spoken_of(resources, connection, subject, now):
            raise nobody()
        leads = await lock_leads(connection, subject.leads)
        _check_reason(wanted.reason, subject, leads)
        counts, ended = await erase_subject(connection, resources, subject, leads, wanted.by, now)
        erasure = _erasure(resources, wanted, subject, counts, now)
        await add_erasure(connection, erasure)
        await _tell(connection, resources, erasure, leads)
    resources.stores.bases.forget()
    await show_all_in_line(resources, ended)
    log.info("client.erased", erasure=str(erasure.id), leads=counts["leads"], by=wanted.by)
    await look_through(resources, erasure.id)
    async with resources.stores.database.transaction() as connection:
        return await find_erasure(connection, erasure.id)


async def _is_spoken_of(
    resources: Resources, connection: Connection, subject: Subject, now: datetime
) -> bool:
    """Whether who has neither a card nor a lead is blocked, or named in a sender's request."""
    if await are_blocked(connection, subject.marks):
        return True
    return bool(await search_requests(resources, subject.marks, (), now, first=True))


def _erasure(
    resources: Resources,
    wanted: ErasureRequest,
    subject: Subject,
    counts: Mapping[str, int],
    now: datetime,
) -> Erasure:
    last_look = {
        "cards": subject.cards,
        "marks": sorted(subject.marks),
        "leads": [str(lead) for lead in subject.leads],
    }
    return Erasure(
        id=uuid_utils.compat.uuid7(),
        at=now,
        by=wanted.by,
        reason=wanted.reason,
        counts=counts,
        wanted=resources.sealer.seal_bytes(orjson.dumps(last_look)),
        looked_until=FIRST_ID,
    )


async def _tell(
    connection: Connection, resources: Resources, erasure: Erasure, leads: Sequence[Lead]
) -> None:
    """Each queue that the client was in says so, without a word of who it was."""
    queues = sorted({lead.signal.queue for lead in leads})
    if not queues:
        queues = sorted(await resources.stores.directory.queue_names())[:1]
    for queue in queues:
        count = sum(lead.signal.queue == queue for lead in leads)
        details = {"erasure": str(erasure.id), "erased_leads": count}
        event = QueueEvent(queue, CLIENT_ERASED, erasure.at, erasure.by, details)
        await append_queue_event(connection, event)


def _check_reason(reason: str, subject: Subject, leads: Collection[Lead]) -> None:
    """Raise InvalidRequest where the reason says who it is: it is kept."""
    names = {
        lead.signal.customer.name
        for lead in leads
        if lead.signal.customer and lead.signal.customer.name
    }
    telling = [*subject.cards, *(item.rpartition(":")[2] for item in subject.marks), *names]
    folded = reason.casefold()
    digits = "".join(filter(str.isdigit, reason))
    if len(digits) >= 7 or any(len(item) > 2 and item.casefold() in folded for item in telling):
        remedy = "It is kept: write why, and not who."
        raise InvalidRequest([FieldMistake("reason", "it says who the client is", remedy)])


async def view_erasures(
    resources: Resources, before: UUID | None, limit: int
) -> tuple[list[Erasure], int]:
    """Erasures, the newest first, and how much that came again was dropped in all."""
    async with resources.stores.database.transaction() as connection:
        return await list_erasures(connection, before, limit)

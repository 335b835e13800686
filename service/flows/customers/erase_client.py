"""Erase a client: all personal data goes, numbers and outcomes stay.

Postgres is written first, in one transaction that locks leads, then cards. Open leads end.
finish_erasures.py then completes the erasure and finds what was still on its way at that moment.
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
from service.leads.identity import Evidence, evidence_of
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.erasures import Erasure, add_erasure, find_erasure, list_erasures
from service.storage.customers.listed_marks import are_blocked
from service.storage.database import Connection
from service.storage.leads.identities import lock_leads
from service.storage.queues.queue_events import QueueEvent, append_queue_event
from service.text.phone_runs import may_hold_phone

log = structlog.get_logger()

CLIENT_ERASED = "client.erased"
LOCAL_DIGITS = 7


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """Which client to erase, why, and who asked for it."""

    client: NamedClient
    reason: str
    by: str


async def erase_client(resources: Resources, wanted: ErasureRequest) -> Erasure:
    """Erase everything of a client; return the erasure with the number of rows of each sort.

    Raises CustomerNotFound when nothing of them is kept, SharedMark when several clients fit,
    SecretKeyMissing, and InvalidRequest.
    """
    now = resources.clock.now()
    marks = await marks_named(resources, wanted.client)
    resources.fingerprints.of("")  # fails without a key, before anything is changed
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
    """Whether a client without card or lead is blocked, or named in a sender's request."""
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
    """Write an event in each queue of the client's leads, without saying who the client was."""
    queues = sorted({lead.signal.queue for lead in leads})
    if not queues:
        queues = sorted(await resources.stores.directory.queue_names())[:1]
    for queue in queues:
        count = sum(lead.signal.queue == queue for lead in leads)
        details = {"erasure": str(erasure.id), "erased_leads": count}
        event = QueueEvent(queue, CLIENT_ERASED, erasure.at, erasure.by, details)
        await append_queue_event(connection, event)


def _check_reason(reason: str, subject: Subject, leads: Collection[Lead]) -> None:
    """Raise InvalidRequest when the reason names the client, because the reason is kept."""
    names = {
        lead.signal.customer.name
        for lead in leads
        if lead.signal.customer and lead.signal.customer.name
    }
    telling = [*subject.cards, *(item.rpartition(":")[2] for item in subject.marks), *names]
    folded = reason.casefold()
    is_named = any(len(item) > 2 and item.casefold() in folded for item in telling)
    if is_named or may_hold_phone(reason) or _spells_phone(reason, subject):
        remedy = "It is kept: write why, and not who."
        raise InvalidRequest([FieldMistake("reason", "it says who the client is", remedy)])


def _spells_phone(reason: str, subject: Subject) -> bool:
    """Whether the digits of the client's own number stand there, whatever stands between them."""
    digits = "".join(filter(str.isdigit, reason))
    phones = [item for item in subject.marks if evidence_of(item) is Evidence.PHONE]
    return any(phone[-LOCAL_DIGITS:] in digits for phone in phones)


async def view_erasures(
    resources: Resources, before: UUID | None, limit: int
) -> tuple[list[Erasure], int]:
    """List erasures, newest first, and the total of items dropped because they came again."""
    async with resources.stores.database.transaction() as connection:
        return await list_erasures(connection, before, limit)

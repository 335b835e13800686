"""Take the data of one client out of every table, in the caller's transaction.

Numbers and outcomes stay. Open leads end and do not count for learning; the event tells their
holders. Keyed hashes of the marks and of the senders' ids keep the data from coming back.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from service.flows.customers.find_subject import Subject
from service.flows.leads.drop_erased import request_id, signal_id
from service.leads.lead import MOVES, Lead, State
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.customers.erasing import (
    ERASED,
    count_words_less,
    erase_rows,
    sent_ids_of,
    texts_of_leads,
)
from service.storage.customers.tombstones import bury
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move
from service.text.vocabulary import unknown_words

WITHDRAWN = "lead.withdrawn"
FEWEST_OF_A_DAY = 2  # the same as in flows/upkeep/count_vocabulary.py


async def erase_subject(
    connection: Connection,
    resources: Resources,
    subject: Subject,
    leads: Sequence[Lead],
    by: str,
    now: datetime,
) -> tuple[dict[str, int], list[Lead]]:
    """Erase a client's data; their leads are locked. Returns counts and the leads that ended."""
    ids = [lead.id for lead in leads]
    hashed = [*subject.marks, *_sent_ids(await sent_ids_of(connection, ids))]
    await bury(connection, map(resources.fingerprints.of, hashed), now)
    words = await _words(resources, await texts_of_leads(connection, ids))
    less = await count_words_less(connection, words, FEWEST_OF_A_DAY)
    reasons = await _closed_reasons(resources)
    of = (ids, subject.cards, subject.marks, subject.shared)
    counts = await erase_rows(connection, *of, reasons)
    ended = [await _end(connection, lead, by, now) for lead in leads if MOVES[lead.state]]
    return {**counts, "words": less, "taken_away": sum(bool(item.claim) for item in leads)}, ended


async def _end(connection: Connection, lead: Lead, by: str, now: datetime) -> Lead:
    """Settle an open lead; the event tells its holder, and their token ends."""
    holder = None if lead.claim is None else lead.claim.operator
    outcome = Outcome.CANCELLED.value
    details = {"outcome": outcome, "withdrawn": True, "operator": holder, "erased": True}
    changes = {
        **{"outcome": outcome, "reason": ERASED, "settled_at": now, "settled_by": by},
        "counted": False,  # it does not count for learning
    }
    event = LeadEvent(WITHDRAWN, now, by, ERASED, details)
    return await move(connection, lead, State.SETTLED, event, changes)


async def _words(
    resources: Resources, texts: Iterable[Any]
) -> Mapping[tuple[str, date], Mapping[str, int]]:
    """Count the unknown words of texts by queue and day, as they were counted before."""
    bases = await resources.stores.bases.all()

    def count() -> Mapping[tuple[str, date], Mapping[str, int]]:
        found: dict[tuple[str, date], Counter[str]] = {}
        for row in texts:
            policy = bases[row.queue].policy
            day = row.received_at.astimezone(policy.hours.timetable.zone).date()
            reading = policy.lexicon.read(row.text)
            words = unknown_words(policy.lexicon, reading.tokens)
            found.setdefault((row.queue, day), Counter()).update(words)
        return found

    return await asyncio.to_thread(count)


async def _closed_reasons(resources: Resources) -> set[str]:
    """The reasons that the policies list; any other reason is free text and may name the client."""
    bases = (await resources.stores.bases.all()).values()
    return {name for basis in bases for of in basis.policy.reasons.values() for name in of}


def _sent_ids(rows: Iterable[Any]) -> Iterable[str]:
    for row in rows:
        if row.external_id is not None:
            yield signal_id(row.source, row.external_id)
        if row.idempotency_key is not None:
            yield request_id(row.created_by, row.idempotency_key)

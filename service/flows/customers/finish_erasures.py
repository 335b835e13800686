"""Finish erasures: search senders' requests, and erase what was on its way at the time.

It uses Postgres only. Requests are sealed, so each one is opened; a few hundred at a time, with no
transaction open meanwhile. An interrupted search goes on from the same place. The search terms are
deleted when all requests were searched and nothing can be on its way any more.
"""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

import orjson
import structlog

from service.flows.customers.erase_subject import erase_subject
from service.flows.customers.find_subject import gather
from service.flows.customers.search_requests import PAGE, theirs
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import SecretLost
from service.leads.lead import Lead
from service.matching.needles import needles_of
from service.resources import Resources
from service.sealing import Sealer
from service.storage.customers.erasures import (
    Erasure,
    empty_requests,
    find_erasure,
    put_erasure,
    requests_after,
    unfinished_erasures,
)
from service.storage.customers.whose import (
    cards_from_before,
    leads_of_cards,
    leads_without_card,
    lock_cards,
)
from service.storage.database import Connection, exclusively
from service.storage.leads.identities import lock_leads
from service.storage.leads.line_changes import COMMITS_WITHIN

log = structlog.get_logger()

MAX_PAGES = 20  # of one erasure in one run; upkeep runs again
AT_ONCE = 20
UNREAD = "received"
LOCK = "nextlead erasure"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for: cards, identities, leads."""

    cards: tuple[str, ...]
    marks: frozenset[str]
    leads: frozenset[str]


async def finish_erasures(resources: Resources) -> None:
    """Continue every unfinished erasure."""
    async with resources.stores.database.transaction() as connection:
        found = await unfinished_erasures(connection, AT_ONCE)
    for erasure_id in found:
        await look_through(resources, erasure_id)


async def look_through(resources: Resources, erasure_id: UUID) -> None:
    """Continue one erasure, unless another process does."""
    database = resources.stores.database
    async with exclusively(database, f"{LOCK} {erasure_id}", wait=False) as ours:
        if not ours:
            return
        async with database.transaction() as connection:
            erasure = await find_erasure(connection, erasure_id)
        if erasure.finished_at is None:
            await _go_on(resources, erasure)


async def _go_on(resources: Resources, erasure: Erasure) -> None:
    now, database = resources.clock.now(), resources.stores.database
    try:
        wanted = _opened(resources.sealer, erasure)
    except SecretLost:  # the search terms can no longer be opened
        log.warning("erasure.not_finished", erasure=str(erasure.id))
        async with database.transaction() as connection:
            await put_erasure(connection, replace(erasure, wanted=None, finished_at=now))
        return
    async with database.transaction() as connection:
        late, ended = await _erase_late(connection, resources, erasure, wanted)
    await show_all_in_line(resources, ended)
    erasure, whole = await _search_requests(resources, erasure, wanted)
    counts = {name: erasure.counts.get(name, 0) + late.get(name, 0) for name in erasure.counts}
    erasure = replace(erasure, counts=counts)
    if whole and now - erasure.at >= COMMITS_WITHIN:
        erasure = replace(erasure, wanted=None, finished_at=now)
    async with database.transaction() as connection:
        await put_erasure(connection, erasure)


async def _erase_late(
    connection: Connection, resources: Resources, erasure: Erasure, wanted: Wanted
) -> tuple[dict[str, int], list[Lead]]:
    """Erase what was on its way when the client was erased and was committed afterwards."""
    cards = await cards_from_before(connection, wanted.cards, erasure.at)
    if not cards and not await leads_without_card(connection, wanted.marks, erasure.at):
        return {}, []
    await lock_leads(connection, await leads_of_cards(connection, cards))
    locked = [part for card in cards for part in await lock_cards(connection, card)]
    subject = await gather(connection, locked, wanted.marks, (), erasure.at)
    found = await lock_leads(connection, subject.leads)
    return await erase_subject(connection, resources, subject, found, erasure.by, erasure.at)


async def _search_requests(
    resources: Resources, erasure: Erasure, wanted: Wanted
) -> tuple[Erasure, bool]:
    """Search some pages of requests; return whether all pages are searched."""
    assert erasure.looked_until is not None, "it is set when an erasure begins"
    needles, database = needles_of(wanted.marks), resources.stores.database
    after, emptied, whole = erasure.looked_until, 0, False
    for _ in range(MAX_PAGES):
        page = await requests_after(database, after, erasure.at, PAGE)
        found = await asyncio.to_thread(theirs, resources.sealer, page, wanted.leads, needles)
        # an unread request may name other clients too: it must be read first
        unread = next((item for item in page if item.id in found and item.state == UNREAD), None)
        seen = page if unread is None else page[: page.index(unread)]
        emptied += await empty_requests(database, [item.id for item in seen if item.id in found])
        after = seen[-1].id if seen else after
        if unread is not None or len(page) < PAGE:
            whole = unread is None
            break
    counts = {**erasure.counts, "deliveries": erasure.counts.get("deliveries", 0) + emptied}
    return replace(erasure, counts=counts, looked_until=after), whole


def _opened(sealer: Sealer, erasure: Erasure) -> Wanted:
    assert erasure.wanted is not None, "it is not finished"
    spec = orjson.loads(sealer.open_bytes(erasure.wanted))
    return Wanted(tuple(spec["cards"]), frozenset(spec["marks"]), frozenset(spec["leads"]))

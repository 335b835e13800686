"""After a restore from an older back-up, erase again the clients who were erased since.

It uses Postgres only. The erasures come as a file of keyed hashes with times, which does not say
who the clients were. Each stored mark is hashed and looked up in it. Later data stay.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from service.flows.customers.erase_subject import erase_subject
from service.flows.customers.find_subject import gather
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.identity import Evidence
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.tombstones import Tombstone, bury, tombstones_after
from service.storage.customers.whose import (
    cards_from_before,
    cards_of_marks,
    leads_of_cards,
    lock_cards,
    marks_page,
)
from service.storage.leads.identities import lock_leads

PAGE = 1000
REPLAY = "nextlead"


async def export_erasures(resources: Resources) -> list[str]:
    """Return every erasure as a line, `hash time`."""
    found: list[str] = []
    after = b""
    while page := await tombstones_after(resources.stores.database, after, PAGE):
        found += [f"{item.digest.hex()} {item.at.isoformat()}" for item in page]
        after = page[-1].digest
    return found


async def replay_erasures(resources: Resources, lines: Iterable[str]) -> int:
    """Erase the clients named by the lines again and keep their data from coming back.

    Returns the number of leads. Raises InvalidRequest when a line is not valid; nothing is then
    erased.
    """
    erased = {item.digest: item.at for item in _read(lines)}
    resources.fingerprints.of("")  # raises without a key: no client would be found
    async with resources.stores.database.transaction() as connection:
        for digest, at in erased.items():
            await bury(connection, [digest], at)
    leads, after = 0, ""
    while page := await marks_page(resources.stores.database, after, PAGE):
        for mark in page:
            since = _erased_at(resources, erased, mark)
            if since is not None:
                leads += await _erase_again(resources, mark, since)
        after = page[-1]
    return leads


def _read(lines: Iterable[str]) -> Iterator[Tombstone]:
    for number, line in enumerate(lines, 1):
        digest, _, at = line.strip().partition(" ")
        if not digest:
            continue
        try:
            found = Tombstone(bytes.fromhex(digest), datetime.fromisoformat(at))
        except ValueError:
            found = None
        if found is None or len(found.digest) != 32 or found.at.tzinfo is None:
            remedy = "Give a file that `nextlead erasures export` wrote."
            raise InvalidRequest([FieldMistake(f"line {number}", "it is no erasure", remedy)])
        yield found


def _erased_at(
    resources: Resources, erased: Mapping[bytes, datetime], mark: str
) -> datetime | None:
    times = [erased[item] for item in resources.fingerprints.known_as(mark) if item in erased]
    return max(times, default=None)


async def _erase_again(resources: Resources, mark: str, at: datetime) -> int:
    async with resources.stores.database.transaction() as connection:
        sort, _, number = mark.partition(":")
        named = [number] if sort == Evidence.CUSTOMER else await cards_of_marks(connection, [mark])
        cards = await cards_from_before(connection, named, at)
        await lock_leads(connection, await leads_of_cards(connection, cards))
        locked = [part for card in cards for part in await lock_cards(connection, card)]
        subject = await gather(connection, locked, [mark], (), at)
        leads = await lock_leads(connection, subject.leads)
        ended: list[Lead] = []
        if leads or locked:
            _, ended = await erase_subject(connection, resources, subject, leads, REPLAY, at)
    await show_all_in_line(resources, ended)
    return len(leads)

"""Block a mark, so that no lead from it is offered any longer; or unblock it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.leads.errors import CustomerNotFound, FieldMistake, InvalidRequest
from service.leads.identity import Evidence
from service.matching.marks import MAX_MARK, read_address, read_phone
from service.resources import Resources
from service.storage.customers.listed_marks import BlockedMark, block, list_blocked, unblock

SORTS = {evidence.value for evidence in Evidence}


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """A mark as a person wrote it, the reason of the block, its end, and its author."""

    mark: str
    reason: str
    until: datetime | None
    by: str


async def block_mark(resources: Resources, wanted: BlockRequest) -> list[BlockedMark]:
    """Block a mark and return the blocked marks; raises InvalidRequest.

    A number without a country code is read once for the region of each queue.
    """
    now = resources.clock.now()
    if wanted.until is not None and wanted.until <= now:
        raise InvalidRequest([FieldMistake("until", "it is over", "Send a time to come.")])
    blocked = [
        BlockedMark(mark, wanted.reason, wanted.by, now, wanted.until)
        for mark in await identities_of_text(resources, wanted.mark)
    ]
    async with resources.stores.database.transaction() as connection:
        for item in blocked:
            await block(connection, item)
    resources.stores.bases.forget()
    return blocked


async def view_blocked(resources: Resources) -> Sequence[BlockedMark]:
    """List the blocked marks, newest first."""
    async with resources.stores.database.transaction() as connection:
        return await list_blocked(connection)


async def unblock_mark(resources: Resources, mark: str) -> None:
    """Offer leads from a mark again.

    Raises CustomerNotFound when the mark was not blocked, and InvalidRequest when it is not a mark.
    """
    identities = await identities_of_text(resources, mark)
    async with resources.stores.database.transaction() as connection:
        found = await unblock(connection, identities)
    resources.stores.bases.forget()
    if not found:
        raise CustomerNotFound(f"`{mark[:80]}` is not blocked.")


async def identities_of_text(resources: Resources, written: str) -> list[str]:
    """Read the marks that a text names, `messenger:vk:7` or a number; raises InvalidRequest."""
    sort, colon, value = written.strip().partition(":")
    if not colon or sort not in SORTS:
        sort = Evidence.EMAIL if "@" in written else Evidence.PHONE
        value = written
    found = await _read(resources, Evidence(sort), value.strip())
    if not found:
        remedy = "Send a number, an address, `messenger:vk:7` or `customer:1042`."
        raise InvalidRequest([FieldMistake("mark", "it is no mark", remedy)])
    return found


async def _read(resources: Resources, evidence: Evidence, value: str) -> list[str]:
    if not value or len(value) > MAX_MARK:
        return []
    match evidence:
        case Evidence.PHONE:
            bases = (await resources.stores.bases.all()).values()
            regions = sorted({basis.policy.region for basis in bases})
            phones = (read_phone(value, region) for region in regions)
            return [*dict.fromkeys(f"{evidence}:{phone}" for phone in phones if phone)]
        case Evidence.EMAIL:
            address = read_address(value)
            return [] if address is None else [f"{evidence}:{address}"]
        case Evidence.MESSENGER:
            return [f"{evidence}:{value}"] if value.partition(":")[2] else []
        case _:
            return [f"{evidence}:{value}"]

"""The called number is the shop's own line and recognises no client (docs/marks.md).

Only incoming calls count: in an outgoing call the called number is the client's.
"""

from service.adapters.inbound_event import CallUpdate
from service.adapters.source import Source
from service.adapters.telephony.extensions import is_extension
from service.matching.marks import shops_mark
from service.resources import Resources
from service.storage.customers.listed_marks import EVERY_QUEUE, LINE, ListedFor, list_nobodys
from service.storage.senders.sources import learn_extension

CALLED_LINE = "line"


async def learn_line(resources: Resources, source: Source, inbound: CallUpdate) -> None:
    """Store the line of an incoming call, once."""
    await _learn_extension(resources, source, inbound.extension)
    written = (inbound.signal.attributes or {}).get(CALLED_LINE)
    if not inbound.opens or not isinstance(written, str):
        return
    mark = shops_mark(written, source.region)
    if mark is None or mark in (await resources.stores.bases.of(source.queue)).nobodys:
        return
    listed = ListedFor(LINE, source.name, resources.clock.now())
    async with resources.stores.database.transaction() as connection:
        await list_nobodys(connection, EVERY_QUEUE, [mark], listed)
    resources.stores.bases.forget()


async def _learn_extension(resources: Resources, source: Source, named: str | None) -> None:
    """Store the answering extension as a phone of the exchange: a call from it is no client's."""
    if named is None or not is_extension(named) or named in source.learnt_extensions:
        return
    async with resources.stores.database.transaction() as connection:
        await learn_extension(connection, source.name, named)
    resources.stores.sources.forget()

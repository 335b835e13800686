"""On which number a client called: it is the shop's own, and recognises nobody (docs/marks.md).

Only of incoming calls: where an employee calls out, the called number is a client's.
"""

from service.adapters.inbound_event import CallUpdate
from service.adapters.source import Source
from service.matching.marks import shops_mark
from service.resources import Resources
from service.storage.customers.listed_marks import EVERY_QUEUE, LINE, ListedFor, list_nobodys

CALLED_LINE = "line"


async def learn_line(resources: Resources, source: Source, inbound: CallUpdate) -> None:
    """Write down the line of an incoming call, once."""
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

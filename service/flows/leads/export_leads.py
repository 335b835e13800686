"""Leads go out, all that are wanted, in the order in which they came."""

from collections.abc import AsyncIterator, Sequence

from service.flows.leads.open_file import check_queue
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.exports import BEFORE_ALL, ExportFilter, Page, read_page

PAGE = 500


async def export_leads(resources: Resources, wanted: ExportFilter) -> AsyncIterator[Sequence[Lead]]:
    """Pages of leads, each as it was in a short transaction of its own.

    Leads that come meanwhile may be among them or not. Raises InvalidRequest for a queue that is
    not there.
    """
    if wanted.queue is not None:
        await check_queue(resources, wanted.queue)
    page = Page((), BEFORE_ALL)
    while page.after is not None:
        async with resources.stores.database.transaction() as connection:
            page = await read_page(connection, wanted, page.after, PAGE)
        yield page.leads

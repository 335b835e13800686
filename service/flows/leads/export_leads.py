"""Export all requested leads in the order in which they came."""

from collections.abc import AsyncIterator, Sequence

from service.flows.leads.open_file import check_queue
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.exports import BEFORE_ALL, ExportFilter, Page, read_page

PAGE = 500


async def export_leads(resources: Resources, wanted: ExportFilter) -> AsyncIterator[Sequence[Lead]]:
    """Yield pages of leads, each read in a short transaction of its own.

    Leads that come during the export may be missing. Raises InvalidRequest for an unknown queue.
    """
    if wanted.queue is not None:
        await check_queue(resources, wanted.queue)
    page = Page((), BEFORE_ALL)
    while page.after is not None:
        async with resources.stores.database.transaction() as connection:
            page = await read_page(connection, wanted, page.after, PAGE)
        yield page.leads

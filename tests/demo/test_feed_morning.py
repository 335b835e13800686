"""The demo's morning: every lead of it is one that the service takes."""

import asyncio

import pytest

from service.demo.feed_morning import feed_morning
from service.flows.leads.view_leads import view_leads
from service.resources import Resources
from service.storage.leads.lead_search import LeadFilter


async def test_the_morning_comes_in_lead_by_lead(resources: Resources) -> None:
    feeding = asyncio.create_task(feed_morning(resources, every_seconds=0))
    for _ in range(600):
        page = await view_leads(resources, LeadFilter(queue="main"), 100)
        if len({lead.ranking.kind for lead in page.leads}) == 6 or feeding.done():
            break
        await asyncio.sleep(0.01)
    feeding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await feeding
    kinds = {lead.ranking.kind for lead in page.leads}
    assert kinds == {"office", "phone", "chat", "self_order", "offline", "registration"}

"""The demo's morning: every lead of it is one that the service takes."""

import asyncio

import pytest
from stories import Receive

from service.demo.feed_morning import feed_morning, hang_up
from service.flows.claims.claim_lead import claim_lead
from service.flows.leads.view_leads import view_lead, view_leads
from service.leads.lead import Channel, State
from service.resources import Resources
from service.storage.leads.lead_search import LeadFilter


async def test_nobody_hangs_up_on_who_talks_with_them(
    resources: Resources, receive: Receive
) -> None:
    for name, state in (("anna", State.CLAIMED), (None, State.WAITING)):
        lead = await receive(channel=Channel.PHONE, live=True, source="demo")
        if name is not None:
            await claim_lead(resources, lead.id, name)
        await hang_up(resources, lead, 0)
        after = await view_lead(resources, lead.id)
        assert (after.state, after.signal.live) == (state, name is not None)


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

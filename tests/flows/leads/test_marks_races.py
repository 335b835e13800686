"""Clients become one while others work on them: nobody is lost, and nothing is held twice."""

import asyncio

from customer_stories import employ
from joining_stories import inbound
from stories import take

from service.flows.customers.merge_clients import MergeRequest, merge_clients
from service.flows.leads.view_leads import view_lead
from service.leads.customer import Customer
from service.leads.errors import NextleadError
from service.leads.lead import State
from service.resources import Resources

OPEN = (State.WAITING, State.CLAIMED)


async def test_two_first_signals_of_one_client_at_once_are_one_lead(resources: Resources) -> None:
    for number in range(5):
        client = Customer(messengers={"telegram": f"t-{number}"})
        received = await asyncio.gather(*(inbound(resources, customer=client) for _ in range(4)))
        assert len({item.lead.id for item in received}) == 1


async def test_two_clients_are_merged_while_one_of_their_leads_is_claimed(
    resources: Resources,
) -> None:
    await employ(resources, "anna", capacity=100)
    for number in range(5):
        first = await inbound(resources, customer=Customer(messengers={"vk": f"{number}"}))
        second = await inbound(resources, customer=Customer(messengers={"max": f"{number}"}))
        wanted = MergeRequest(str(first.lead.id), str(second.lead.id), "one person", "head")
        await asyncio.gather(
            merge_clients(resources, wanted), take(resources, "anna"), return_exceptions=True
        )
        leads = [await view_lead(resources, item.lead.id) for item in (first, second)]
        assert all(lead.state in (*OPEN, State.JOINED) for lead in leads)
        whole = [lead for lead in leads if lead.state is not State.JOINED]
        assert whole, "one of them is there still"
        assert all(lead.joined_into == whole[0].id for lead in leads if lead not in whole)
        try:
            await merge_clients(resources, wanted)
        except NextleadError:
            continue

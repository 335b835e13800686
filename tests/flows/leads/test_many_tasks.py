"""More call tasks at once than the service has connections: each is taken."""

import asyncio

import pytest
from customer_stories import a_task
from stories import Receive

from service.leads.lead import Channel, Lead
from service.resources import Resources


@pytest.mark.parametrize("operators", [("anna",), ("anna", "boris")])
async def test_more_tasks_than_connections_come_at_once(
    resources: Resources, receive: Receive, operators: tuple[str, ...]
) -> None:
    limit = resources.stores.database.connections()["cold", "limit"]
    coming = [
        receive(channel=Channel.CRM_TASK, task=a_task(name), external_id=f"{name} {number}")
        for number in range(2 * limit)
        for name in operators
    ]
    came = await asyncio.gather(*coming, return_exceptions=True)
    assert [item for item in came if not isinstance(item, Lead)] == []

"""Events of a lead arrive in their order while they are written, passed on and sent at once."""

import asyncio
from collections import defaultdict
from uuid import UUID

from driven_clock import DrivenClock
from flows.events.event_stories import deliveries, reported, send_all, subscribe
from outgoing.receiver import Answer, Receiver, Request
from stories import Receive

from service.flows.events.send_events import names_due, pass_events_on, send_due
from service.resources import Resources

TELL = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after)
SELECT id, $2, 'lead.extended', $3, 'waiting', 'waiting' FROM leads WHERE id = $1 FOR UPDATE
"""


def numbers_by_lead(receiver: Receiver) -> dict[str, list[int]]:
    """The numbers of the events that arrived, in order of arrival."""
    by_lead = defaultdict(list)
    for item in reported(receiver):
        by_lead[item["data"]["lead_id"]].append(int(item["data"]["id"].rpartition("-")[2]))
    return by_lead


async def write(shop: Resources, lead: UUID, count: int) -> None:
    for number in range(count):
        await shop.stores.database.fetch(TELL, lead, shop.clock.now(), str(number))


async def test_every_event_arrives_once_and_in_order_while_more_are_written(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    leads = [(await receive(external_id=f"lead {number}")).id for number in range(4)]
    await subscribe(shop, receiver, "lead.extended")
    done = asyncio.Event()

    async def replicate() -> None:
        while not done.is_set():
            await pass_events_on(shop)
            for name in await names_due(shop):
                await send_due(shop, name)

    replicas = [asyncio.create_task(replicate()) for _ in range(2)]
    await asyncio.gather(*(write(shop, lead, 15) for lead in leads))
    done.set()
    await asyncio.gather(*replicas)
    await send_all(shop)
    arrived = numbers_by_lead(receiver)
    assert {name: len(numbers) for name, numbers in arrived.items()} == {
        str(lead): 15 for lead in leads
    }
    assert all(numbers == sorted(set(numbers)) for numbers in arrived.values())


async def test_failures_now_and_then_change_no_order(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    leads = [(await receive(external_id=f"lead {number}")).id for number in range(3)]
    await subscribe(shop, receiver, "lead.extended")
    for lead in leads:
        await write(shop, lead, 6)
    statuses: dict[str, int] = {}

    def answer(request: Request) -> Answer:
        """Every third message is taken only at the second try."""
        name = request.headers["webhook-id"]
        fails = name not in statuses and len(statuses) % 3 == 0
        statuses[name] = 500 if fails else 200
        return Answer(statuses[name])

    receiver.answers = answer
    while {state for (state,) in await deliveries(shop, "state")} != {"delivered"}:
        await send_all(shop)
        clock.pass_by(seconds=6)
    arrived = numbers_by_lead(receiver)
    assert all(numbers == sorted(numbers) for numbers in arrived.values())
    assert all(len(set(numbers)) == 6 for numbers in arrived.values())
    assert len(receiver.requests) > 18

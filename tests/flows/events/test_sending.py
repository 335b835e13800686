"""The process sends by itself; nobody waits for a receiver that hangs."""

import asyncio
from dataclasses import replace

from api.doors import until
from flows.events.event_stories import subscribe, types_told
from outgoing.receiver import Answer, Receiver, receiving
from stories import Receive
from structlog.testing import capture_logs

from service.background.sending import Sending, sending
from service.resources import Resources
from service.sealing import Sealer, new_key


async def told_something(receiver: Receiver) -> None:
    async with asyncio.timeout(10):
        while not receiver.requests:  # noqa: ASYNC110  the receiver sets no event
            await asyncio.sleep(0)


async def ended(under_way: Sending, name: str) -> None:
    async with asyncio.timeout(10):
        while name in under_way._under_way:  # noqa: ASYNC110  what is waited for sets no event
            await asyncio.sleep(0)


async def test_a_receiver_that_hangs_holds_up_nobody_else(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    async with receiving() as hanging, sending() as under_way:
        hanging.answers = lambda _: Answer(hangs=True)
        await subscribe(shop, hanging, "lead.received", name="hangs")
        await subscribe(shop, receiver, "lead.received", name="works")
        for number in range(2):
            await receive(external_id=f"lead {number}")
            await under_way.send_events(shop)
            await until(lambda: len(hanging.requests) > number)  # noqa: B023
            await told_something(receiver)
            assert types_told(receiver) == ["lead.received"]
            receiver.requests.clear()
            await ended(under_way, "works")
        assert len(hanging.requests) == 2, "its other leads go on, too"
        assert list(under_way._under_way) == ["hangs"]
    assert under_way._under_way == {}


async def test_a_secret_that_cannot_be_opened_stops_one_subscription_only(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    with_other_key = replace(shop, sealer=Sealer([new_key()]))
    await subscribe(with_other_key, receiver, "lead.received", name="another")
    await subscribe(shop, receiver, "lead.received", name="crm")
    await receive()
    with capture_logs() as logged:
        async with sending() as under_way:
            await under_way.send_events(shop)
            await ended(under_way, "another")
            await ended(under_way, "crm")
    assert types_told(receiver) == ["lead.received"]
    (failed,) = [item for item in logged if item["event"] == "subscription.failed"]
    assert failed["subscription"] == "another"

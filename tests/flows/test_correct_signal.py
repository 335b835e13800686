"""A sender corrects what he told: the lead is told again, and nothing else is lost by it."""

from decimal import Decimal

from ending_stories import settle
from invariants import check_invariants
from joining_stories import MAIL, PHONE, SAME_PHONE, corrected, heard, present
from redis.asyncio import Redis
from stories import take

from service.flows.receive_signal import Received, Way
from service.leads.lead import Channel, State
from service.resources import Resources

ORDER = {"channel": Channel.SITE_ORDER, "external_id": "order-1"}


async def unpaid_order(resources: Resources) -> Received:
    """An operator had an order ready that awaits its payment."""
    order = await heard(resources, customer=MAIL, **ORDER)
    awaits = {"amount": Decimal(900)}
    await settle(resources, await take(resources, "anna"), "awaiting_payment", **awaits)
    return order


async def test_an_order_that_a_correction_settles_takes_no_waiting_lead_with_it(
    resources: Resources, redis: Redis
) -> None:
    order = await unpaid_order(resources)
    waiting = await heard(resources, customer=PHONE, text="другое")
    await corrected(resources, customer=SAME_PHONE, paid=True, **ORDER)
    assert (await present(resources, order)).state is State.SETTLED
    assert (await present(resources, waiting)).state is State.WAITING
    await check_invariants(resources, redis)


async def test_who_is_known_by_an_order_that_a_correction_settles_is_no_stranger_after(
    resources: Resources,
) -> None:
    order = await unpaid_order(resources)
    await corrected(resources, customer=SAME_PHONE, paid=True, **ORDER)
    again = await heard(resources, customer=PHONE, text="ещё")
    assert (again.way, again.lead.follows) == (Way.OPENED, order.lead.id)

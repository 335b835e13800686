"""An order that is reported as over before it comes opens no lead when it comes (2.1.7)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import a_signal
from driven_clock import NOON
from webhooks.deliveries import a_source

from service.adapters.inbound_event import ClientMessage
from service.flows.leads.view_leads import view_lead
from service.flows.senders.handle_event import OVER, handle
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal
from service.resources import Resources

SHOP, OTHER = a_source("shopify"), a_source("shopify", name="other")
CLIENTS = [None, Customer(messengers={"shopify": "7"})]


def an_order(minute: int, source: str = "shop", client: Customer | None = None) -> Signal:
    """An order as it was in a minute after half past eleven."""
    at = NOON - timedelta(minutes=30) + timedelta(minutes=minute)
    order = a_signal(channel=Channel.SITE_ORDER, received_at=at, customer=client)
    return replace(order, source=source, external_id="order:1")


def over(minute: int, client: Customer | None = None) -> ClientMessage:
    return ClientMessage(an_order(minute, client=client), opens=False, corrects=True)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("corrects", [False, True])
async def test_an_order_from_before_it_was_over_opens_nothing(
    resources: Resources, client: Customer | None, corrects: bool
) -> None:
    assert await handle(resources, SHOP, over(5, client)) == OVER
    late = ClientMessage(an_order(1, client=client), corrects=corrects)
    assert await handle(resources, SHOP, late) == OVER


@pytest.mark.parametrize("client", CLIENTS)
async def test_an_order_that_was_begun_again_since_opens_a_lead(
    resources: Resources, client: Customer | None
) -> None:
    for minute in (5, 3):  # the latest news of its end counts
        assert await handle(resources, SHOP, over(minute, client)) == OVER
    restored = [ClientMessage(an_order(at, client=client), corrects=True) for at in (4, 6)]
    assert await handle(resources, SHOP, restored[0]) == OVER
    lead_id = await handle(resources, SHOP, restored[1])
    assert (await view_lead(resources, lead_id)).signal.external_id == "order:1"  # type: ignore[arg-type]


async def test_the_order_of_another_shop_with_the_same_number_is_another(
    resources: Resources,
) -> None:
    assert await handle(resources, SHOP, over(5)) == OVER
    lead_id = await handle(resources, OTHER, ClientMessage(an_order(1, "other")))
    assert lead_id not in (None, OVER)

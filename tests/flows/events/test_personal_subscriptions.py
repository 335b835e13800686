"""What a subscription is told of a client: nothing, unless it says `personal`."""

from typing import Any

import pytest
from event_stories import reported, send_all, subscribe
from outgoing.receiver import Receiver
from stories import Receive

from service.leads.customer import Customer
from service.leads.outgoing_event import public_details, public_reason
from service.resources import Resources

IRINA = Customer("c-1", "Ирина", "+79161234567", messengers={"telegram": "987654321"})


@pytest.mark.parametrize("personal", [False, True])
async def test_who_they_are_and_what_they_said(
    shop: Resources, receive: Receive, receiver: Receiver, personal: bool
) -> None:
    await subscribe(shop, receiver, "lead.*", personal=personal)
    await receive(customer=IRINA, text="нужны колодки")
    await send_all(shop)
    (message,) = reported(receiver)
    data: dict[str, Any] = message["data"]
    if personal:
        assert data["client"] == {
            **{"external_id": "c-1", "name": "Ирина", "phone": "+79161234567"},
            "messengers": {"telegram": "987654321"},
        }
        assert data["text"] == "нужны колодки"
    else:
        assert {"client", "text", "note"} & data.keys() == set()


def test_reasons_and_details_hold_no_number_to_call() -> None:
    assert public_reason("lead.settled", "call +7 916 123-45-67") == "call •••"
    assert public_details({"goods": "to a@b.ru", "amount": "1234567.00", "order": "12345678"}) == {
        **{"goods": "to •••", "amount": "1234567.00", "order": "12345678"}
    }

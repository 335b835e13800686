"""What a blocked client sends is stored once, however often it comes at the same moment."""

from typing import Any

import pytest
from builders import a_signal

from service.flows.customers.block_mark import BlockRequest, block_mark
from service.flows.leads import keep_blocked
from service.flows.leads.receive_signal import IntakeResult, receive_signal
from service.leads.customer import Customer
from service.leads.lead import State
from service.resources import Resources
from service.storage.leads.duplicates import Sender

PHONE = "+79001112233"


@pytest.mark.parametrize(
    ("sent", "key"), [({"external_id": "1", "source": "site"}, None), ({}, "the same key")]
)
async def test_the_same_signal_at_the_same_moment_is_repeated(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, sent: dict[str, Any], key: str | None
) -> None:
    await block_mark(resources, BlockRequest(PHONE, "says nothing", None, "anna"))
    sender = Sender("site", key, None if key is None else b"digest")
    now = resources.clock.now()
    signal = a_signal(customer=Customer(phone=PHONE), received_at=now, **sent)
    first = await receive_signal(resources, signal, sender)
    assert (first.way, first.lead.state) == (IntakeResult.OPENED, State.SETTLED)

    async def looked_before_the_first_was_stored(*_: object) -> None:
        return None

    monkeypatch.setattr(keep_blocked, "find_duplicate", looked_before_the_first_was_stored)
    second = await receive_signal(resources, signal, sender)
    assert (second.way, second.lead.id) == (IntakeResult.REPEATED, first.lead.id)

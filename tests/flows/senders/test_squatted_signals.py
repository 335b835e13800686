"""What somebody else sent in a source's name before is no repetition of what the source sends."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from builders import a_signal

from service.flows.leads.correct_signal import correct_signal, say_who
from service.flows.leads.edit_signal import delete_signal, edit_signal
from service.flows.leads.receive_signal import add_signal, receive_signal
from service.flows.leads.view_leads import view_lead
from service.leads.customer import Customer
from service.leads.errors import SignalTaken
from service.leads.lead import Channel
from service.resources import Resources
from service.storage.leads.duplicates import Sender

CLIENT = Customer(phone="+79161234567")
SQUATTED: dict[str, Any] = {"source": "shop", "external_id": "o-1", "channel": Channel.WHATSAPP}
SHOP = Sender("shop", may_read=True, owns_source=True)
SENT: dict[str, Callable[..., Awaitable[object]]] = {
    "comes": receive_signal,
    "comes and opens nothing": add_signal,
    "is corrected": correct_signal,
    "says who it is": say_who,
    "is edited": partial(edit_signal, words_only=True),
    "is deleted": delete_signal,
}


@pytest.mark.parametrize("by_joining", [False, True], ids=["opened", "joined"])
@pytest.mark.parametrize("what", SENT)
async def test_a_squatted_signal_is_put_aside_and_the_squatters_lead_stays(
    resources: Resources, what: str, *, by_joining: bool
) -> None:
    now = resources.clock.now()
    if by_joining:
        await receive_signal(resources, a_signal(received_at=now, customer=CLIENT), Sender("site"))
    squatter = a_signal(received_at=now, customer=CLIENT, text="squatted", **SQUATTED)
    lead = (await receive_signal(resources, squatter, Sender("thief", may_read=True))).lead
    sent = a_signal(received_at=now, customer=Customer(name="Irina"), text="pads", **SQUATTED)
    with pytest.raises(SignalTaken, match=f"`thief`.*{lead.id}"):
        await SENT[what](resources, sent, SHOP)
    assert await view_lead(resources, lead.id) == lead


@pytest.mark.parametrize("what", SENT)
async def test_a_source_that_sends_its_own_again_is_understood(
    resources: Resources, what: str
) -> None:
    sent = a_signal(received_at=resources.clock.now(), text="pads", **SQUATTED)
    await receive_signal(resources, sent, SHOP)
    assert await SENT[what](resources, sent, SHOP) is not None

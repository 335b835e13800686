"""SMS to the shop's numbers, in the form that all telephony adapters share.

The network gives the client's number, as for a call. An SMS waits for an answer as a chat does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from service.adapters import normalise
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.payload import facts
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel


def text_message(
    source: Source,
    delivery: Delivery,
    external_id: str,
    words: str | None,
    client: Customer | None,
    *,
    channel: Channel = Channel.SITE_CHAT,
    at: datetime | None = None,
    attributes: Mapping[str, object],
) -> Sequence[InboundEvent]:
    """The message of a client; an ignored event when it has no words."""
    if words is None:
        return ignored(IgnoredReason.EMPTY)
    written = normalise.signal(
        source,
        delivery,
        channel,
        external_id,
        at=at,
        customer=client,
        text=words,
        attributes=facts(attributes),
    )
    return [ClientMessage(written)]

"""What somebody of our own side wrote to a client: the client's lead shows when (A19, A29)."""

from collections.abc import Sequence
from datetime import datetime

from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import InboundEvent, OwnAnswer
from service.leads.customer import Customer


def own_answer(
    client: Customer | None, at: datetime, extension: str | None = None
) -> Sequence[InboundEvent]:
    """The answer to a client; nothing of interest when the sender does not say to whom it went."""
    if client is None:
        return ignored(IgnoredReason.OUR_SIDE)
    return [OwnAnswer(client, at, extension)]

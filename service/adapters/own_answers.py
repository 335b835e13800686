"""Answers of the shop's own people to a client. The lead shows the first (A19, A29)."""

from collections.abc import Sequence
from datetime import datetime

from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import InboundEvent, OwnAnswer
from service.leads.customer import Customer


def own_answer(
    client: Customer | None, at: datetime, extension: str | None = None
) -> Sequence[InboundEvent]:
    """The answer to a client; an ignored event when the sender does not name the client."""
    if client is None:
        return ignored(IgnoredReason.OUR_SIDE)
    return [OwnAnswer(client, at, extension)]

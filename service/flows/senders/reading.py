"""A delivery between the adapter and the flows."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import InboundEvent
from service.adapters.source import Source
from service.storage.senders.deliveries import Taken


@dataclass(frozen=True, slots=True)
class ReadDelivery:
    """A delivery that was read, its source, and its events."""

    taken: Taken
    source: Source
    delivery: Delivery
    inbound: Sequence[InboundEvent]

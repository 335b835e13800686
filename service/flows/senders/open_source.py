"""A source as its adapter needs it: with opened secrets and every option."""

from dataclasses import replace

from service.adapters.registry import ADAPTERS
from service.adapters.source import UNKNOWN_REGION, Source
from service.leads.errors import QueueNotFound
from service.resources import Resources
from service.storage.senders.sources import StoredSource


def open_source(resources: Resources, stored: StoredSource) -> Source:
    """Open the source as it is at this moment; raises SecretKeyMissing and SecretLost."""
    options = {
        **{name: option.default for name, option in ADAPTERS[stored.spec.adapter].options.items()},
        **stored.spec.options,
    }
    return resources.stores.sources.opened(stored, options, resources.clock.now())


async def source_to_read(resources: Resources, stored: StoredSource) -> Source:
    """Open the source with its queue's region, time zone and own marks."""
    return await as_of_queue(resources, open_source(resources, stored))


async def as_of_queue(resources: Resources, source: Source) -> Source:
    """Add the region, time zone and own marks of its queue to a source."""
    policy = (await resources.stores.bases.of(source.queue)).policy
    zone = policy.hours.timetable.zone.key
    placed = source.in_places(policy.region, zone)
    return replace(placed, own_marks=placed.own_marks | policy.own_marks)


async def region_of(resources: Resources, queue: str) -> str:
    """The region of a queue's numbers; unknown for an unknown queue."""
    try:
        return (await resources.stores.bases.of(queue)).policy.region
    except QueueNotFound:
        return UNKNOWN_REGION

"""Show sources with the state of their deliveries, and the adapters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from service.adapters.adapter import Adapter
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.flows.senders.open_source import as_of_queue
from service.leads.errors import AdapterNotFound, SourceNotFound
from service.resources import Resources
from service.storage.customers.listed_marks import lines_of
from service.storage.senders.quarantine import quarantine_reasons
from service.storage.senders.sources import (
    Deliveries,
    IgnoredCounts,
    StoredSource,
    deliveries_of,
    find_source,
    ignored_of,
    list_sources,
)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, and the state of its deliveries."""

    stored: StoredSource
    placed: Source
    deliveries: Deliveries
    ignored: IgnoredCounts
    silent_since: datetime | None = None
    lines: Sequence[str] = ()


async def view_source(resources: Resources, name: str) -> SourceStatus:
    """One source; raises SourceNotFound."""
    async with resources.stores.database.transaction() as connection:
        stored = await find_source(connection, name)
        if stored is None:
            raise SourceNotFound(f"No source is called `{name}`; PUT /v1/sources/{name} makes one.")
        counted = await deliveries_of(connection, name)
        ignored, lines = await ignored_of(connection, name), await lines_of(connection, name)
    return await _status(resources, stored, counted, ignored, lines)


async def view_sources(resources: Resources) -> Sequence[SourceStatus]:
    """Every source by name, at most 10 000."""
    async with resources.stores.database.transaction() as connection:
        stored, counted = await list_sources(connection), await deliveries_of(connection)
        ignored, lines = await ignored_of(connection), await lines_of(connection)
    return [await _status(resources, item, counted, ignored, lines) for item in stored]


async def view_quarantine(resources: Resources) -> Mapping[str, Sequence[tuple[str, int]]]:
    """The most frequent reasons of quarantined deliveries with their counts, by source."""
    async with resources.stores.database.transaction() as connection:
        return await quarantine_reasons(connection)


async def _status(
    resources: Resources,
    stored: StoredSource,
    counted: Mapping[str, Deliveries],
    ignored: Mapping[str, IgnoredCounts],
    lines: Mapping[str, Sequence[str]],
) -> SourceStatus:
    placed = await as_of_queue(resources, stored.spec)
    name = stored.name
    deliveries, nothing = counted.get(name, Deliveries()), ignored.get(name, IgnoredCounts())
    return SourceStatus(
        stored, placed, deliveries, nothing, stored.silent_since, tuple(lines.get(name, ()))
    )


def view_adapters() -> Sequence[Adapter]:
    """Every adapter by name."""
    return sorted(ADAPTERS.values(), key=lambda item: item.name)


def view_adapter(name: str) -> Adapter:
    """One adapter; raises AdapterNotFound."""
    if name not in ADAPTERS:
        raise AdapterNotFound(f"`{name}` is none of {', '.join(sorted(ADAPTERS))}.")
    return ADAPTERS[name]


@lru_cache
def connecting_text(adapter: str) -> str:
    """How to connect a sender, as Markdown; empty if there is no such page."""
    place = files("service.adapters").joinpath("connecting", f"{adapter}.md")
    return place.read_text("utf-8") if place.is_file() else ""

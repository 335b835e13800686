"""Whose webhooks are taken, and how their deliveries stand; and which adapters there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from service.adapters.adapter import Adapter
from service.adapters.registry import ADAPTERS
from service.leads.errors import AdapterNotFound, SourceNotFound
from service.resources import Resources
from service.storage.senders.sources import (
    Deliveries,
    StoredSource,
    deliveries_of,
    find_source,
    list_sources,
)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, and how its deliveries stand."""

    stored: StoredSource
    deliveries: Deliveries


async def view_source(resources: Resources, name: str) -> SourceStatus:
    """One source; raises SourceNotFound."""
    async with resources.stores.database.transaction() as connection:
        stored = await find_source(connection, name)
        if stored is None:
            raise SourceNotFound(f"No source is called `{name}`; PUT /v1/sources/{name} makes one.")
        ranking = await deliveries_of(connection, name)
    return SourceStatus(stored, ranking.get(name, Deliveries()))


async def view_sources(resources: Resources) -> Sequence[SourceStatus]:
    """Every source by name, at most 10 000."""
    async with resources.stores.database.transaction() as connection:
        stored, ranking = await list_sources(connection), await deliveries_of(connection)
    return [SourceStatus(item, ranking.get(item.name, Deliveries())) for item in stored]


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
    """How a sender is connected, as Markdown; empty where nothing is written."""
    place = files("service.adapters").joinpath("connecting", f"{adapter}.md")
    return place.read_text("utf-8") if place.is_file() else ""

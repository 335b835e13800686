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
    KeptSource,
    deliveries_of,
    find_source,
    list_sources,
)


@dataclass(frozen=True, slots=True)
class StandingSource:
    """A source, and how its deliveries stand."""

    kept: KeptSource
    deliveries: Deliveries


async def look_at_source(resources: Resources, name: str) -> StandingSource:
    """One source; raises SourceNotFound."""
    async with resources.stores.database.transaction() as connection:
        kept = await find_source(connection, name)
        if kept is None:
            raise SourceNotFound(f"No source is called `{name}`; PUT /v1/sources/{name} makes one.")
        standing = await deliveries_of(connection, name)
    return StandingSource(kept, standing.get(name, Deliveries()))


async def look_at_sources(resources: Resources) -> Sequence[StandingSource]:
    """Every source by name, at most 10 000."""
    async with resources.stores.database.transaction() as connection:
        kept, standing = await list_sources(connection), await deliveries_of(connection)
    return [StandingSource(one, standing.get(one.name, Deliveries())) for one in kept]


def look_at_adapters() -> Sequence[Adapter]:
    """Every adapter by name."""
    return sorted(ADAPTERS.values(), key=lambda one: one.name)


def look_at_adapter(name: str) -> Adapter:
    """One adapter; raises AdapterNotFound."""
    if name not in ADAPTERS:
        raise AdapterNotFound(f"`{name}` is none of {', '.join(sorted(ADAPTERS))}.")
    return ADAPTERS[name]


@lru_cache
def connecting_text(adapter: str) -> str:
    """How a sender is connected, as Markdown; empty where nothing is written."""
    place = files("service.adapters").joinpath("connecting", f"{adapter}.md")
    return place.read_text("utf-8") if place.is_file() else ""

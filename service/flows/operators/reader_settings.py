"""How a person wants the pages: language, colours, keys, sound."""

from collections.abc import Mapping
from typing import Any

from service.resources import Resources
from service.storage.sessions import find_settings, put_settings


async def view_settings(resources: Resources, person: str) -> Mapping[str, Any]:
    """What a person chose; empty for who never did."""
    async with resources.stores.database.transaction() as connection:
        return await find_settings(connection, person)


async def change_settings(
    resources: Resources, person: str, changes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Change what is named; the rest stays."""
    async with resources.stores.database.transaction() as connection:
        changed = {**await find_settings(connection, person), **changes}
        await put_settings(connection, person, changed, resources.clock.now())
    return changed

"""A person's settings of the pages: language, colours, keys, sound."""

from collections.abc import Mapping
from typing import Any

from service.resources import Resources
from service.storage.sessions import find_settings, put_settings


async def view_settings(resources: Resources, person: str) -> Mapping[str, Any]:
    """Return a person's settings; empty if they never chose any."""
    async with resources.stores.database.transaction() as connection:
        return await find_settings(connection, person)


async def change_settings(
    resources: Resources, person: str, changes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Change the named settings; the rest stays."""
    async with resources.stores.database.transaction() as connection:
        changed = {**await find_settings(connection, person), **changes}
        await put_settings(connection, person, changed, resources.clock.now())
    return changed

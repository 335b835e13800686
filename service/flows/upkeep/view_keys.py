"""Show the keys and when they were last used; their secrets are stored nowhere."""

from service.resources import Resources
from service.storage.api_keys import Key, list_keys


async def view_keys(resources: Resources, *, after: str, limit: int) -> list[Key]:
    """List keys by name, after a name; revoked ones too."""
    await write_key_use(resources)
    async with resources.stores.database.transaction() as connection:
        return await list_keys(connection, after=after, limit=limit)


async def write_key_use(resources: Resources) -> None:
    """Store which keys this process accepted since the last time."""
    await resources.stores.directory.write_used()

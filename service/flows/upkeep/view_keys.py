"""Which keys there are, and when they were used; the secrets themselves are stored nowhere."""

from service.resources import Resources
from service.storage.api_keys import Key, list_keys


async def view_keys(resources: Resources, *, after: str, limit: int) -> list[Key]:
    """Keys by name, those after a name, revoked ones too."""
    await write_key_use(resources)
    async with resources.stores.database.transaction() as connection:
        return await list_keys(connection, after=after, limit=limit)


async def write_key_use(resources: Resources) -> None:
    """Write down which keys this process let in since the last time."""
    await resources.stores.directory.write_used()

"""Which keys there are; the secrets themselves are stored nowhere."""

from service.resources import Resources
from service.storage.api_keys import Key, list_keys


async def view_keys(resources: Resources, *, after: str, limit: int) -> list[Key]:
    """Keys by name, those after a name, revoked ones too."""
    async with resources.stores.database.transaction() as connection:
        return await list_keys(connection, after=after, limit=limit)

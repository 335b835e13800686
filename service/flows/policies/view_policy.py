"""Show a version of a queue's policy; nothing changes."""

from collections.abc import Sequence

from service.resources import Resources
from service.storage.policies.policies import Version, find_version, list_versions, version_in_force


async def view_policy(resources: Resources, queue: str, version: int | None = None) -> Version:
    """Return a version of a queue's policy, by default the one in force.

    Raises QueueNotFound or PolicyNotFound.
    """
    await resources.stores.bases.of(queue)  # writes the first version of a new queue
    async with resources.stores.database.transaction() as connection:
        if version is None:
            version = await version_in_force(connection, queue, locked=False)
        return await find_version(connection, queue, version)


async def view_policy_versions(
    resources: Resources, queue: str, *, before: int, limit: int
) -> Sequence[Version]:
    """List the versions of a queue's policy below `before`, newest first; raises QueueNotFound."""
    await resources.stores.bases.of(queue)
    async with resources.stores.database.transaction() as connection:
        return await list_versions(connection, queue, before=before, limit=limit)

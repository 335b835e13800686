"""Somebody looks at a queue's policy, or at what it was; nothing moves."""

from collections.abc import Sequence

from service.resources import Resources
from service.storage.policies.policies import Version, find_version, list_versions, version_in_force


async def view_policy(resources: Resources, queue: str, version: int | None = None) -> Version:
    """A version of a queue's policy, or the one in force.

    Raises QueueNotFound or PolicyNotFound.
    """
    await resources.stores.bases.of(queue)  # writes a new queue's first version down
    async with resources.stores.database.transaction() as connection:
        if version is None:
            version = await version_in_force(connection, queue, locked=False)
        return await find_version(connection, queue, version)


async def view_policy_versions(
    resources: Resources, queue: str, *, before: int, limit: int
) -> Sequence[Version]:
    """Versions of a queue's policy below `before`, the newest first; raises QueueNotFound."""
    await resources.stores.bases.of(queue)
    async with resources.stores.database.transaction() as connection:
        return await list_versions(connection, queue, before=before, limit=limit)

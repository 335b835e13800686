"""Copies of keys in Valkey: a line is brought back to what it was, all of it in one step."""

import asyncio
from typing import Any

from redis.asyncio import Redis

KEPT = "kept:"
POLL_SECONDS = 0.01


class LineCopy:
    """The keys that begin with a prefix, and a copy of them."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix

    async def keep(self) -> None:
        """Copy the keys as they are now, in place of an earlier copy."""
        await self._copy(self._prefix, KEPT + self._prefix)

    async def restore(self) -> None:
        """Make the keys again what they were when they were kept."""
        await self._copy(KEPT + self._prefix, self._prefix)

    async def _copy(self, source: str, target: str) -> None:
        names = {key.removeprefix(source) for key in await self._keys(source)}
        surplus = {key.removeprefix(target) for key in await self._keys(target)} - names
        pipeline: Any = self._redis.pipeline(transaction=True)
        for name in surplus:
            pipeline.unlink(target + name)
        for name in names:
            pipeline.copy(source + name, target + name, replace=True)
        await pipeline.execute()
        await self._wait_until_freed()

    async def _wait_until_freed(self) -> None:
        """What was replaced is freed behind the scenes, which must not burden the next run."""
        while True:
            memory = await self._redis.info("memory")
            if not memory["lazyfree_pending_objects"]:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _keys(self, prefix: str) -> list[str]:
        return [key async for key in self._redis.scan_iter(match=f"{prefix}*", count=1000)]

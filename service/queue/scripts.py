"""Talking to Redis: the scripts of one tick of the loop travel in one pipeline."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.batching import Batch
from service.leads.errors import LineUnavailable

log = structlog.get_logger()

SCRIPTS = ("show", "claim", "release", "due", "forget")
PIPELINE_SIZE = 64
PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One run of one script."""

    script: str
    keys: tuple[str, ...]
    arguments: tuple[str | int, ...]


class Scripts:
    """The scripts of this version of the code; each is named by its hash, so versions coexist."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hashes: dict[str, str] = {}
        self._away_until = 0.0
        self._batch: Batch[Call, Any] = Batch(self._carry, size=PIPELINE_SIZE)

    async def run(self, script: str, keys: Sequence[str], *arguments: str | int) -> Any:
        """The script's reply; raises LineUnavailable when Redis does not answer in time.

        After a failure the line counts as away for a second, so that a Redis that hangs costs one
        caller its time-out and not all of them.
        """
        if time.monotonic() < self._away_until:
            raise LineUnavailable
        return await self._batch.submit(Call(script, tuple(keys), arguments))

    async def ask(self, fill: Callable[[Any], None]) -> list[Any]:
        """The replies to plain commands that `fill` puts in a pipeline; an answer ends a pause."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                fill(pipeline)
                replies = list(await pipeline.execute())
        except (RedisError, OSError, TimeoutError) as error:
            raise self._away(error) from error
        self._away_until = 0.0
        return replies

    async def drop(self, pattern: str) -> None:
        """Remove every key that matches, in batches."""
        try:
            async for key in self._redis.scan_iter(match=pattern, count=1000):
                await self._redis.unlink(key)
        except (RedisError, OSError, TimeoutError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> LineUnavailable:
        if time.monotonic() >= self._away_until:
            log.warning("line.away", why=f"{type(error).__name__}: {error}")
        self._away_until = time.monotonic() + PAUSE_SECONDS
        return LineUnavailable(f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Wait for everything under way, then hang up."""
        await self._batch.land()
        await self._redis.aclose()

    async def _carry(self, calls: Sequence[Call]) -> Sequence[Any]:
        try:
            if not self._hashes:
                await self._load()
            replies = await self._send(calls)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                await self._load()
                replies = await self._send_again(calls, replies)
        except (RedisError, OSError, TimeoutError) as error:
            raise self._away(error) from error
        return [_readable(reply) for reply in replies]

    async def _send(self, calls: Sequence[Call]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for call in calls:
                pipeline.evalsha(
                    self._hashes[call.script], len(call.keys), *call.keys, *call.arguments
                )
            return list(await pipeline.execute(raise_on_error=False))

    async def _send_again(self, calls: Sequence[Call], replies: list[Any]) -> list[Any]:
        missed = [n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        for number, reply in zip(missed, await self._send([calls[n] for n in missed]), strict=True):
            replies[number] = reply
        return replies

    async def _load(self) -> None:
        for name in SCRIPTS:
            text = files("service.queue").joinpath("lua", f"{name}.lua").read_text("utf-8")
            self._hashes[name] = await self._redis.script_load(text)


def _readable(reply: Any) -> Any:
    """A refusal of Redis itself (out of memory, read-only) is the line being unavailable, too."""
    if isinstance(reply, ResponseError):
        return LineUnavailable(f"{type(reply).__name__}: {reply}")
    return reply

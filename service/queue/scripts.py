"""Calls Redis; all scripts of one tick of the event loop go in one pipeline."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import hiredis
import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.batching import Batcher
from service.leads.errors import LineUnavailable
from service.leads.unchanging import unchanging
from service.metrics.families import STORE_ERRORS

log = structlog.get_logger()

# A Redis script cannot include another, so the texts of these files are joined in this order.
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "show": ("late", "timeline", "show"),
    "claim": ("late", "timeline", "claim"),
    "step": ("late", "timeline", "step"),
    "release": ("late", "count", "release"),
    "uncount": ("count", "uncount"),
    "due": ("late", "due"),
    "forget": ("forget",),
    "tidy": ("tidy",),
    "heads": ("heads",),
    "clear": ("clear",),
}
# What Valkey or Redis begins with when a script of ours is wrong; theirs begin otherwise (OOM …).
MISTAKE_IN_SCRIPT = re.compile("(ERR )?(user_script|Error (running|compiling) script)")
PIPELINE_SIZE = 64
PATIENCE_SECONDS = 0.01  # a pipeline takes less
READ_BYTES = 65536
MAX_CONNECTIONS = 50
PAUSE_SECONDS = 1.0


@unchanging
class Call:
    """One run of one script."""

    script: str
    keys: tuple[str, ...]
    arguments: tuple[str | int, ...]


def connect(url: str, seconds: float) -> Redis:
    """A client with a bounded pool; each wait ends after `seconds`."""
    pool = BlockingConnectionPool.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        decode_responses=True,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        # A claim sent twice would reserve two leads; a failed one is served from Postgres.
        retry=Retry(NoBackoff(), 0),
        max_connections=MAX_CONNECTIONS,
        timeout=seconds,
        client_name="nextlead",
    )
    return Redis.from_pool(pool)


class Scripts:
    """The scripts of this version of the code; hashes name them, so versions can coexist."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hashes: Mapping[str, str] = {}
        self._away_until = 0.0
        self._batch: Batcher[Call, Any] = Batcher(
            self._carry, name="line", size=PIPELINE_SIZE, patience_seconds=PATIENCE_SECONDS
        )

    async def run(self, script: str, keys: Sequence[str], *arguments: str | int) -> Any:
        """The script's reply; raises LineUnavailable when Redis does not answer in time."""
        self._check_pause()
        return await self._batch.submit(Call(script, tuple(keys), arguments))

    async def ask(self, fill: Callable[[Any], None], even_paused: bool = False) -> list[Any]:
        """The replies to plain commands that `fill` puts into a pipeline; a reply ends a pause."""
        if not even_paused:
            self._check_pause()
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                fill(pipeline)
                replies = list(await pipeline.execute())
        except (RedisError, OSError, TimeoutError) as error:
            raise self._away(error) from error
        self._away_until = 0.0
        return replies

    async def close(self) -> None:
        """Wait for all calls under way, then close the connections."""
        await self._batch.drain()
        await self._redis.aclose()

    async def _carry(self, calls: Sequence[Call]) -> Sequence[Any]:
        self._check_pause()
        try:
            hashes = self._hashes or await self._load()
            replies = await self._send(calls, hashes)
            missed = [n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if missed:
                again = await self._send([calls[n] for n in missed], await self._load())
                for number, reply in zip(missed, again, strict=True):
                    replies[number] = reply
        except (RedisError, OSError, TimeoutError) as error:
            raise self._away(error) from error
        return [_readable(reply) for reply in replies]

    async def _send(self, calls: Sequence[Call], hashes: Mapping[str, str]) -> list[Any]:
        """All calls in one write, and all replies read as they come.

        The pipeline of redis-py takes three times as long per call. Its connection is still used
        for addresses, TLS and names.
        """
        pool: Any = self._redis.connection_pool
        connection = await pool.get_connection()
        sent = b"".join(_command(call, hashes[call.script]) for call in calls)
        try:
            async with asyncio.timeout(connection.socket_timeout):
                return await _exchange(connection, sent, len(calls))
        except BaseException:  # a later answer must not reach another call
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)

    async def _load(self) -> Mapping[str, str]:
        loaded = [await self._redis.script_load(_text(parts)) for parts in SCRIPTS.values()]
        self._hashes = dict(zip(SCRIPTS, loaded, strict=True))
        return self._hashes

    def _check_pause(self) -> None:
        if time.monotonic() < self._away_until:
            raise LineUnavailable

    def _away(self, error: Exception) -> LineUnavailable:
        """Begin a pause, so that a hanging Redis costs one caller its timeout and not all."""
        STORE_ERRORS.add("redis", "away")
        if time.monotonic() >= self._away_until:
            log.warning("line.away", why=f"{type(error).__name__}: {error}")
        self._away_until = time.monotonic() + PAUSE_SECONDS
        return LineUnavailable(f"{type(error).__name__}: {error}")


def _command(call: Call, digest: str) -> bytes:
    command: Any = ("EVALSHA", digest, len(call.keys), *call.keys, *call.arguments)
    packed: bytes = hiredis.pack_command(command)
    return packed


async def _exchange(connection: Any, sent: bytes, count: int) -> list[Any]:
    """Send, and read `count` replies; an error of one call is the reply to that call."""
    reader = hiredis.Reader(encoding="utf-8", replyError=_refusal)
    connection._writer.write(sent)
    replies: list[Any] = []
    while len(replies) < count:
        received = await connection._reader.read(READ_BYTES)
        if not received:
            raise ConnectionError("Redis hung up.")
        reader.feed(received)
        while (reply := reader.gets()) is not False:
            if not isinstance(reply, hiredis.PushNotification):
                replies.append(reply)
    return replies


def _refusal(text: str) -> ResponseError:
    kind = NoScriptError if text.startswith("NOSCRIPT") else ResponseError
    return kind(text)


def _text(parts: Sequence[str]) -> str:
    folder = files("service.queue").joinpath("lua")
    return "\n".join(folder.joinpath(f"{part}.lua").read_text("utf-8") for part in parts)


def _readable(reply: Any) -> Any:
    """The reply; an error of Redis (out of memory, read-only) means an unavailable line too."""
    if isinstance(reply, ResponseError):
        STORE_ERRORS.add("redis", "failed")
        if MISTAKE_IN_SCRIPT.match(str(reply)):
            log.error("line.script_failed", why=str(reply))
        return LineUnavailable(f"{type(reply).__name__}: {reply}")
    return reply

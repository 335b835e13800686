"""Follows the changes of lines for listeners of streams; it subscribes only while there are any."""

import asyncio

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.queue.line import Line
from service.queue.listeners import Listeners
from service.queue.redis_keys import queue_of

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
IDLE_SECONDS = 5.0


async def follow_changes(redis: Redis, line: Line, listeners: Listeners) -> None:
    """Notify listeners of each change of a line, without end; a lost connection is reopened."""
    while True:
        await listeners.present.wait()
        try:
            await _follow(redis, line, listeners)
        except (RedisError, OSError, TimeoutError) as error:
            log.debug("changes.deaf", why=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


async def _follow(redis: Redis, line: Line, listeners: Listeners) -> None:
    everywhere = line.keys("*")
    async with redis.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.psubscribe(everywhere.changes, everywhere.arrivals)
        while listeners.present.is_set():
            message = await subscription.get_message(timeout=IDLE_SECONDS)
            if message is not None:
                listeners.note_change(queue_of(message["channel"]))

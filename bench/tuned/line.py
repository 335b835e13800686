"""The line of the tuned floor: one sorted set, the first in line with the least score."""

import asyncpg
from redis.asyncio import Redis

BATCH = 5000


async def build_line(pool: asyncpg.Pool, redis: Redis, prefix: str) -> None:
    """The line of the leads that wait."""
    await redis.delete(f"{prefix}line", f"{prefix}held")
    rows = await pool.fetch("SELECT id, rank FROM leads WHERE state = 'waiting'")
    for start in range(0, len(rows), BATCH):
        some = {str(row["id"]): -row["rank"] for row in rows[start : start + BATCH]}
        await redis.zadd(f"{prefix}line", some)

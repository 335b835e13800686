"""Everything that the service and its servers store, as texts that can be searched for a word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis.asyncio import Redis

from service.embedded.servers import Addresses
from service.resources import Resources

SERVERS_OWN = ("postgres", "valkey")


async def all_of_tables(resources: Resources) -> str:
    """Every row of every table as text, and every sealed request opened."""
    database = resources.stores.database
    tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = []
    for (table,) in tables:
        found = await database.fetch(f'SELECT t::text FROM "{table}" AS t')
        rows += [f"{table} {row[0]}" for row in found]
    for row in await database.fetch("SELECT request FROM deliveries WHERE request <> ''"):
        rows.append(resources.sealer.open_bytes(row["request"]).decode("utf-8", "replace"))
    for row in await database.fetch("SELECT wanted FROM erasures WHERE wanted IS NOT NULL"):
        rows.append(resources.sealer.open_bytes(row["wanted"]).decode())
    return "\n".join(rows)


async def all_of_valkey(redis: Redis) -> str:
    """Every key with its value."""
    found = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        match kind:
            case "string":
                value: Any = await redis.get(key)
            case "hash":
                value = await redis.hgetall(key)
            case "zset":
                value = await redis.zrange(key, 0, -1)
            case "set":
                value = await redis.smembers(key)
            case _:
                raise AssertionError(f"a new sort of key: {key} is a {kind}")
        found.append(f"{key!r} {value}")
    assert found
    return "\n".join(found)


def all_of_files(servers: Addresses) -> Iterator[str]:
    """Every file of the data directory but for what the two servers keep for themselves."""
    socket = parse_qs(urlsplit(servers.database_url).query)["host"][0]
    home = Path(socket).parent
    files = [path for path in home.rglob("*") if path.is_file()]
    ours = [path for path in files if path.relative_to(home).parts[0] not in SERVERS_OWN]
    assert any(path.name == "postgres.log" for path in ours)
    for path in ours:
        yield f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}"

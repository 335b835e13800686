"""How long it takes to rank everybody who waits again: python -m bench.ranking_anew [--rush]

A new policy does it, or with `--rush` a rush that begins with the policy in force.

The floor writes as many ranks in batches of the same size, to the same Postgres and Valkey, and
computes nothing. Meanwhile operators ask for their next lead, and what that takes is told.
"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass

import asyncpg
import click
import httpx
from redis.asyncio import Redis

from bench.processes import (
    Program,
    finish,
    free_port,
    running,
    servers_processor_seconds,
    wait_until_ready,
)
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.logs import configure_logs

BATCH = 500
PATTERNS = 200
GIVE_UP_SECONDS = 300
TEXTS = (
    "Здравствуйте, нужны тормозные колодки передние на солярис 2017, машина на подъёмнике",
    "посчитайте стойки в круг на приору, нужно до пятницы, бюджет до 40 тысяч",
    "после аварии: бампер, капот, два крыла и фары на камри 2019, жду страховую",
    "сколько стоит масло 5w-30 4 литра и фильтр, заберу завтра",
)

COPY = """
INSERT INTO leads SELECT one.* FROM generate_series(1, $1::int) AS n
JOIN (SELECT leads AS lead, row_number() OVER (ORDER BY id) AS number FROM leads) AS patterns
    ON patterns.number = n % (SELECT count(*) FROM leads) + 1,
LATERAL jsonb_populate_record(patterns.lead, jsonb_build_object(
    'id', uuidv7(), 'external_id', 'copy-' || n, 'next_step_at', NULL, 'timeline', '[]'::jsonb
)) AS one
"""
# By the index, so that looking costs nothing.
OUTDATED = """
SELECT 1 FROM leads WHERE queue = 'main' AND policy_version < 2
    AND state IN ('waiting', 'claimed', 'parked') LIMIT 1
"""
# The rest of the line once a rush has begun: its number is odd then.
RANKED_CALM = """
SELECT 1 FROM leads WHERE queue = 'main' AND policy_version = 2 AND rush_number = 0
    AND state IN ('waiting', 'claimed', 'parked') LIMIT 1
"""
STILL_CALM = "SELECT 1 FROM queues WHERE name = 'main' AND rush_number % 2 = 0"
RUSH = {
    "begins_minutes": 20,
    "after_minutes": 0.1,
    "ends_minutes": 10,
    "kinds": {k: {"stage": 600} for k in ("chat", "self_order", "offline", "registration")},
    "index": {"weight": 0.6},
}
PAGE = "SELECT id FROM leads WHERE id > $1 ORDER BY id LIMIT $2"
WRITE = """
UPDATE leads SET rank = rank + 1, version = version + 1, changed_at = clock_timestamp()
WHERE id = ANY($1::uuid[]) RETURNING id, rank
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds for everybody, those of processors meanwhile, and those of single calls."""

    floor: float
    service: float
    python: float
    postgres: float
    valkey: float
    calls: list[float]


@click.command(context_settings={"show_default": True})
@click.option("--leads", default=100_000, help="How many leads wait.")
@click.option("--workers", default=2, type=click.IntRange(1, 8), help="Of the service.")
@click.option("--rush", is_flag=True, help="Let a rush begin instead of a new policy.")
def main(leads: int, workers: int, rush: bool) -> None:
    """Measure ranking again beside a floor."""
    configure_logs("warning")
    found = asyncio.run(_measure(leads, workers, rush))
    slowest = statistics.quantiles(found.calls, n=100)
    click.echo(f"{leads} leads, batches of {BATCH}, {workers} workers")
    click.echo(f"floor (writes ranks only)   {found.floor:7.1f} s")
    cause = "the begin of a rush" if rush else "a new policy"
    click.echo(f"{cause + ' ranks them':<27} {found.service:7.1f} s")
    for name in ("python", "postgres", "valkey"):
        click.echo(f"  processor, {name:<14}  {getattr(found, name):7.1f} s, calls included")
    click.echo(f"times the floor             {found.service / found.floor:7.2f}")
    click.echo(
        f"next and release meanwhile: {len(found.calls)} pairs, median"
        f" {1000 * statistics.median(found.calls):.0f} ms, p99 {1000 * slowest[98]:.0f} ms,"
        f" slowest {1000 * max(found.calls):.0f} ms"
    )


async def _measure(leads: int, workers: int, rush: bool) -> Found:
    with servers() as (addresses, directory):
        own = await own_database(addresses, "ranking_anew")
        environment = environment_of(
            NEXTLEAD_DATABASE_URL=own.database_url, NEXTLEAD_REDIS_URL=own.redis_url
        )
        await finish([NEXTLEAD, "migrate"], environment)
        scopes = [word for item in ("intake", "read", "operate", "supervise", "admin", "personal")
                  for word in ("--scope", item)]  # fmt: skip
        key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
        port = free_port()
        serve = [
            NEXTLEAD,
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            f"{port}",
            "--workers",
            f"{workers}",
        ]
        address = f"http://127.0.0.1:{port}"
        pool = await asyncpg.create_pool(own.database_url, min_size=1)
        redis = Redis.from_url(own.redis_url)
        log = directory / "service.log"
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            running(serve, environment, log) as program,
            httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client,
        ):
            await wait_until_ready(program, f"{address}/readyz")
            await _fill(client, pool, leads)
            await finish([NEXTLEAD, "rebuild"], environment)
            floor = await _floor(pool, redis)
            await finish([NEXTLEAD, "rebuild"], environment)
            service, spent, calls = await _rank_anew(client, pool, program, rush)
        await redis.aclose()
        await pool.close()
        return Found(floor, service, spent[0], spent[1], spent[2], calls)


async def _fill(client: httpx.AsyncClient, pool: asyncpg.Pool, leads: int) -> None:
    for number in range(PATTERNS):
        sent = {"channel": "whatsapp", "text": TEXTS[number % len(TEXTS)]}
        (await client.post("/v1/leads", json=sent)).raise_for_status()
    (await client.put("/v1/operators/anna", json={})).raise_for_status()
    await pool.execute(COPY, leads - PATTERNS)
    await pool.execute("VACUUM ANALYZE leads")


async def _floor(pool: asyncpg.Pool, redis: Redis) -> float:
    begun, after = time.monotonic(), "00000000-0000-0000-0000-000000000000"
    while ids := [row["id"] for row in await pool.fetch(PAGE, after, BATCH)]:
        rows = await pool.fetch(WRITE, ids)
        async with redis.pipeline(transaction=False) as pipeline:
            for row in rows:
                pipeline.zadd("floor", {str(row["id"]): row["rank"]})
            await pipeline.execute()
        after = str(ids[-1])
    return time.monotonic() - begun


def _spent(program: Program) -> tuple[float, float, float]:
    servers = [servers_processor_seconds(name) for name in ("postgres", "valkey")]
    return program.processor_seconds(), servers[0], servers[1]


async def _rank_anew(
    client: httpx.AsyncClient, pool: asyncpg.Pool, program: Program, rush: bool
) -> tuple[float, list[float], list[float]]:
    """Seconds from the change until nobody waits by old numbers; of processors; of claims."""
    done, calls = asyncio.Event(), list[float]()
    if rush:  # nobody is on shift yet, so that it begins only once they ask
        await _put_policy(client, {"rush": RUSH})
        await _until_none(pool, OUTDATED)
    serving = asyncio.create_task(_serve(client, done, calls))
    if rush:
        await _until_none(pool, STILL_CALM)
    before, begun = _spent(program), time.monotonic()
    if not rush:
        await _put_policy(client, {"vin": {"chance_factor": 1.3}})
    await _until_none(pool, RANKED_CALM if rush else OUTDATED)
    took = time.monotonic() - begun
    spent = [now - then for now, then in zip(_spent(program), before, strict=True)]
    done.set()
    await serving
    return took, spent, calls


async def _put_policy(client: httpx.AsyncClient, parts: dict[str, object]) -> None:
    present = await client.get("/v1/queues/main/policy")
    document = present.raise_for_status().json()["policy"] | parts
    changed = await client.put(
        "/v1/queues/main/policy", json=document, headers={"If-Match": present.headers["ETag"]}
    )
    if changed.is_error:
        sys.exit(changed.text)


async def _until_none(pool: asyncpg.Pool, statement: str) -> None:
    begun = time.monotonic()
    while await pool.fetchval(statement):
        if time.monotonic() - begun > GIVE_UP_SECONDS:
            sys.exit("it did not end")
        await asyncio.sleep(0.05)


async def _serve(client: httpx.AsyncClient, done: asyncio.Event, calls: list[float]) -> None:
    while not done.is_set():
        begun = time.monotonic()
        lead = (await client.post("/v1/operators/anna/next")).raise_for_status().json()
        token = {"token": lead["claim"]["token"]}
        (await client.post(f"/v1/leads/{lead['id']}/release", json=token)).raise_for_status()
        calls.append(time.monotonic() - begun)
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    main()

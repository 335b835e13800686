"""`make bench`: the service beside a floor, on servers of their own, in rounds."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import click
from redis.asyncio import Redis

from bench.load import GeneratorFailed, Load, check_generator, generator_version
from bench.preparation import prepare
from bench.processes import ProgramFailed
from bench.report import Setting, as_text, write_json
from bench.runs import Run, Work, measure
from bench.stage import Scene, scene, servers
from service.embedded.servers import Addresses, EmbeddedServerFailed
from service.logs import configure_logs


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--seconds", default=2, show_default=True, type=click.IntRange(1, 60), help="A run.")
@click.option("--connections", default=32, show_default=True, type=click.IntRange(1, 1000))
@click.option("--depths", default="1000,100000", show_default=True, help="Leads that wait.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--minutes", default=4.0, show_default=True, help="No round begins that ends later.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), default=None)
def main(
    rounds: int,
    seconds: int,
    connections: int,
    depths: str,
    workers: int,
    minutes: float,
    file: Path | None,
) -> None:
    """Measure leads in and leads served per second, and their ratio to a floor."""
    configure_logs("warning")
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    load, give_up = Load(connections, seconds), time.monotonic() + 60 * minutes
    try:
        check_generator()
        asyncio.run(_bench(load, _depths(depths), workers, rounds, give_up, file))
    except (GeneratorFailed, ProgramFailed, EmbeddedServerFailed) as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


async def _bench(
    load: Load,
    depths: tuple[int, ...],
    workers: int,
    rounds: int,
    give_up: float,
    file: Path | None,
) -> None:
    load_average = os.getloadavg()[0]
    with servers() as (addresses, directory):
        async with AsyncExitStack() as stack:
            _say("starting the service and the floor")
            scenes = [
                await stack.enter_async_context(scene(depth, workers, addresses, directory))
                for depth in depths
            ]
            _say("filling the lines")
            await prepare(scenes, load)
            runs = await _rounds(scenes, load, rounds, give_up)
        postgres, valkey = await _versions(addresses)
    setting = Setting(
        load=load,
        depths=depths,
        workers=workers,
        rounds=max(run.round for run in runs),
        generator=await generator_version(),
        postgres=postgres,
        valkey=valkey,
        load_average=load_average,
    )
    click.echo(as_text(setting, runs))
    if file is not None:
        write_json(file, setting, runs)


async def _rounds(scenes: Sequence[Scene], load: Load, rounds: int, give_up: float) -> list[Run]:
    _say("warming up")
    await _round(scenes, Load(load.connections, 1), 0)
    runs: list[Run] = []
    for number in range(1, rounds + 1):
        begun = time.monotonic()
        _say(f"round {number} of {rounds}")
        runs += await _round(scenes, load, number)
        took = time.monotonic() - begun
        if number < rounds and time.monotonic() + took > give_up:
            _say(f"the time is up after {number} rounds of {rounds}")
            break
    return runs


async def _round(scenes: Sequence[Scene], load: Load, number: int) -> list[Run]:
    return [
        await measure(contender, work, load, one.depth, number)
        for work in Work
        for one in scenes
        for contender in one.contenders
    ]


async def _versions(addresses: Addresses) -> tuple[str, str]:
    connection = await asyncpg.connect(addresses.database_url)
    postgres = await connection.fetchval("SHOW server_version")
    await connection.close()
    async with Redis.from_url(addresses.redis_url) as redis:
        about = await redis.info("server")
    return postgres, about.get("valkey_version", about["redis_version"])


def _depths(said: str) -> tuple[int, ...]:
    try:
        depths = tuple(sorted({int(one) for one in said.split(",")}))
    except ValueError:
        raise click.BadParameter(
            "numbers with commas between are wanted", param_hint="depths"
        ) from None
    if depths[0] < 1:
        raise click.BadParameter("at least one lead must wait", param_hint="depths")
    return depths


def _say(what: str) -> None:
    click.echo(f"… {what}", err=True)


if __name__ == "__main__":
    main()

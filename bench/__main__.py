"""`make bench`: the service beside a floor, on servers of their own, in rounds."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import click

from bench.load import GeneratorFailed, Load, check_generator
from bench.plan import Plan, PlanImpossible, read_depths
from bench.preparation import contenders, prepare
from bench.processes import ProgramFailed
from bench.report import as_lines, as_text, faults, write_json
from bench.runs import Run, Work, measure
from bench.setting import look_around
from bench.stage import Scene, scene, servers
from service.embedded.servers import EmbeddedServerFailed
from service.logs import configure_logs

# What `make bench-quick` measures: under 90 seconds in all.
QUICK = Plan((1000,), 3, Load(32, 1), 1, 0.8, quick=True)
FAILURES = (GeneratorFailed, PlanImpossible, ProgramFailed, EmbeddedServerFailed)


@click.command(context_settings={"show_default": True})
@click.option("--depths", default="1000,100000", help="How many leads wait.")
@click.option("--rounds", default=5, type=click.IntRange(1, 100))
@click.option("--seconds", default=2, type=click.IntRange(1, 60), help="How long a run takes.")
@click.option("--connections", default=32, type=click.IntRange(1, 1000), help="Of the generator.")
@click.option("--workers", default=1, type=click.IntRange(1, 3), help="Of service and floor.")
@click.option("--minutes", default=4.0, help="No round begins that would end later.")
@click.option("--quick", is_flag=True, help="Under 90 s; print `name ratio target` only.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Every run.")
def main(
    depths: str,
    rounds: int,
    seconds: int,
    connections: int,
    workers: int,
    minutes: float,
    file: Path | None,
    *,
    quick: bool,
) -> None:
    """Measure leads taken in, served and settled, beside a floor."""
    configure_logs("warning")
    try:
        check_generator()
        load = Load(connections, seconds)
        plan = Plan(read_depths(depths), rounds, load, workers, minutes)
        plan = QUICK if quick else plan
        plan.check()
        asyncio.run(_bench(plan, file))
    except FAILURES as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)


async def _bench(plan: Plan, file: Path | None) -> None:
    _let_a_polite_kill_unwind()
    begun, load_average = time.monotonic(), os.getloadavg()[0]
    with servers() as (addresses, directory):
        setting = await look_around(plan, addresses, load_average)
        async with AsyncExitStack() as stack:
            _say("starting the service and the floor")
            scenes = [
                await stack.enter_async_context(scene(depth, plan.workers, addresses, directory))
                for depth in plan.depths
            ]
            _say("filling the lines")
            await prepare(scenes, plan)
            runs = await _rounds(scenes, plan, begun + 60 * plan.minutes)
    click.echo(as_lines(setting, runs) if plan.quick else as_text(setting, runs))
    for fault in faults(runs) if plan.quick else ():
        _say(fault)
    if file is not None:
        write_json(file, setting, runs)


async def _rounds(scenes: Sequence[Scene], plan: Plan, give_up: float) -> list[Run]:
    _say("warming up")
    await _round(scenes, replace(plan, load=Load(plan.load.connections, 1)), 0)
    runs: list[Run] = []
    for number in range(1, plan.rounds + 1):
        _say(f"round {number} of {plan.rounds}")
        begun = time.monotonic()
        runs += await _round(scenes, plan, number)
        took = time.monotonic() - begun
        if number < plan.rounds and time.monotonic() + took > give_up:
            _say(f"the time is up after {number} of {plan.rounds} rounds")
            break
    return runs


async def _round(scenes: Sequence[Scene], plan: Plan, number: int) -> list[Run]:
    return [
        await measure(contender, work, plan.load, item.depth, number)
        for work in Work
        for item in scenes
        for contender in contenders(item, plan)
    ]


def _let_a_polite_kill_unwind() -> None:
    task = asyncio.current_task()
    assert task is not None, "this is called in a task"  # noqa: S101
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _say(what: str) -> None:
    click.echo(f"… {what}", err=True)


if __name__ == "__main__":
    main()

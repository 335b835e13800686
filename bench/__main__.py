"""`make bench`: the service beside others, on servers of their own, in rounds."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import click

from bench.contenders import scene
from bench.load import GeneratorFailed, Load, check_generator
from bench.peers.installing import HOME, NotInstalled
from bench.peers.starting import install
from bench.pictures_of_runs import draw
from bench.plan import LEAST, PEERS, QUICK, Part, Plan, PlanImpossible, parts_of, read_numbers
from bench.preparation import prepare
from bench.processes import ProgramFailed
from bench.report import as_lines, as_text, faults, write_json
from bench.runs import Run, measure
from bench.setting import Setting, look_around
from bench.stage import Scene, keep_quiet, servers
from bench.works import WARMING
from service.embedded.servers import EmbeddedServerFailed
from service.logs import configure_logs

FAILURES = (GeneratorFailed, PlanImpossible, ProgramFailed, EmbeddedServerFailed)
BEGUN = time.monotonic()
TOO_LATE = 50  # seconds, for a quick bench that shall end within 90
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(context_settings={"show_default": True})
@click.option("--waiting", default="100000", help=f"How many leads wait, beside {LEAST}.")
@click.option("--connections", default="32,128", help="Of the generator; peers have the first.")
@click.option("--rounds", default=5, type=click.IntRange(1, 100))
@click.option("--seconds", default=1, type=click.IntRange(1, 60), help="How long a run takes.")
@click.option("--workers", default=1, type=click.IntRange(1, 2), help="Of service and floors.")
@click.option("--minutes", default=9.5, help="No round begins that would end later.")
@click.option("--peers/--no-peers", default=True, help="Queues of others, installed if need be.")
@click.option("--quick", is_flag=True, help="Under 90 s; print `name ratio target` only.")
@click.option("--into", default=HOME, type=FOLDER, help="For the runs and the pictures of them.")
def main(
    waiting: str,
    connections: str,
    rounds: int,
    seconds: int,
    workers: int,
    minutes: float,
    into: Path,
    *,
    peers: bool,
    quick: bool,
) -> None:
    """Measure leads taken in, joined, served and settled, and polls, beside floors and peers."""
    configure_logs("warning")
    try:
        check_generator()
        depths, numbers = read_numbers(waiting), read_numbers(connections)
        missing = {} if quick or not peers else dict(_missing())
        named = [name for name in PEERS if peers and name not in missing]
        plan = Plan(parts_of(depths, numbers, named), rounds, seconds, workers, minutes)
        plan = QUICK if quick else plan
        plan.check()
        setting, runs = asyncio.run(_bench(plan))
    except FAILURES as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    into.mkdir(parents=True, exist_ok=True)
    write_json(into / ("quick.json" if quick else "runs.json"), setting, runs)
    if quick:
        click.echo(as_lines(runs))
        for fault in faults(runs):
            _say(fault)
        return
    click.echo(as_text(setting, runs, missing))
    for picture in draw(runs, into):
        _say(f"drawn: {picture}")


def _missing() -> Iterator[tuple[str, str]]:
    """The queues of others that cannot be had here, each with the reason."""
    for name in PEERS:
        try:
            install(name)
        except NotInstalled as reason:
            _say(f"!!! {name} IS NOT MEASURED: {reason}")
            yield name, str(reason)


async def _bench(plan: Plan) -> tuple[Setting, list[Run]]:
    _let_a_polite_kill_unwind()
    with servers() as (addresses, directory):
        setting = await look_around(plan, addresses, directory)
        await keep_quiet(addresses)
        async with AsyncExitStack() as stack:
            _say("starting those who are measured")
            scenes = [
                await stack.enter_async_context(
                    scene(depth, plan.contenders(depth), plan.workers, addresses, directory)
                )
                for depth in plan.depths
            ]
            _say("filling the lines")
            await prepare(scenes, plan)
            return setting, await _rounds(scenes, plan, BEGUN + 60 * plan.minutes)


async def _rounds(scenes: Sequence[Scene], plan: Plan, give_up: float) -> list[Run]:
    if not plan.quick or time.monotonic() - BEGUN < TOO_LATE:
        _say("warming up")
        await _round(scenes, replace(plan, parts=_warming(plan)), 0)
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


def _warming(plan: Plan) -> tuple[Part, ...]:
    """One part of each depth, without what warms nothing more."""
    first = {part.depth: part for part in reversed(plan.parts)}.values()
    return tuple(
        replace(part, works=tuple(work for work in part.works if work in WARMING)) for part in first
    )


async def _round(scenes: Sequence[Scene], plan: Plan, number: int) -> list[Run]:
    by_depth = {item.depth: item for item in scenes}
    return [
        run for part in plan.parts for run in await _part(by_depth[part.depth], part, plan, number)
    ]


async def _part(place: Scene, part: Part, plan: Plan, number: int) -> list[Run]:
    """Everybody in turns at each work, on lines that are then made what they were.

    In a hurry they are left as they are: the surplus is enough for all rounds.
    """
    load = Load(part.connections, plan.seconds)
    runs = [
        await measure(place.contenders[name], work, part, load, number)
        for work in part.works
        for name in part.contenders
        if work in place.contenders[name].works
    ]
    for contender in () if plan.quick else place.own_backlogs:
        await contender.backlog.restore()
    return runs


def _let_a_polite_kill_unwind() -> None:
    task = asyncio.current_task()
    assert task is not None, "this is called in a task"  # noqa: S101
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _say(what: str) -> None:
    click.echo(f"… {time.monotonic() - BEGUN:.0f} s: {what}", err=True)


if __name__ == "__main__":
    main()

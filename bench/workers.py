"""What a second worker brings: `python -m bench.workers`.

`serve --workers 2` and one worker take turns, with a line each. The load and both servers share the
cores with them, so the rate says little about a machine where they do not: the processor time of an
answer does. Told are both, of one worker by two: 1 means that an answer costs the same.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import median

import click

from bench.contenders import scene
from bench.load import Load, check_generator
from bench.plan import LEAST, Part, Plan
from bench.preparation import prepare
from bench.runs import Run, measure
from bench.stage import keep_quiet, servers
from bench.works import Work
from service.logs import configure_logs

NUMBERS = (1, 2)
WORKS = (Work.INTAKE, Work.SERVING, Work.SETTLING)


@click.command(context_settings={"show_default": True})
@click.option("--rounds", default=5, type=click.IntRange(1, 10))
@click.option("--connections", default=32, type=click.IntRange(1, 1000))
def main(rounds: int, connections: int) -> None:
    """Measure two workers beside one."""
    configure_logs("warning")
    check_generator()
    part = Part(LEAST, connections, ("service",), WORKS)
    _show(asyncio.run(_measure(Plan((part,), rounds, 1, 1, 0, quick=True))))


async def _measure(plan: Plan) -> Mapping[int, Sequence[Run]]:
    (part,) = plan.parts
    load = Load(part.connections, plan.seconds)
    found: dict[int, list[Run]] = {workers: [] for workers in NUMBERS}
    with servers() as (addresses, directory):
        await keep_quiet(addresses)
        async with AsyncExitStack() as stack:
            scenes = {
                workers: await stack.enter_async_context(
                    scene(part.depth, part.contenders, workers, addresses, directory)
                )
                for workers in NUMBERS
            }
            await prepare([*scenes.values()], plan)
            for number in range(plan.rounds + 1):
                for work in part.works:
                    for workers, place in scenes.items():
                        service = place.contenders["service"]
                        found[workers].append(await measure(service, work, part, load, number))
    return found


def _show(found: Mapping[int, Sequence[Run]]) -> None:
    """The first round warms up."""
    head = ("", "1: a second", "2: a second", "rate", "1: µs", "2: µs", "cost")
    click.echo("".join(name.rjust(14) for name in head))
    for work in WORKS:
        pairs = [
            (one, two)
            for one, two in zip(found[1], found[2], strict=True)
            if one.work is work and one.round and one.fault is None and two.fault is None
        ]
        click.echo(work.rjust(14) + _cells(pairs))


def _cells(pairs: Sequence[tuple[Run, Run]]) -> str:
    if not pairs:
        return "   no run counts"
    rates = [(one.answers.per_second, two.answers.per_second) for one, two in pairs]
    costs = [(_cost(one), _cost(two)) for one, two in pairs]
    cells = (
        *(f"{median(column):.0f}" for column in zip(*rates, strict=True)),
        f"{median(two / one for one, two in rates):.2f}",
        *(f"{median(column):.0f}" for column in zip(*costs, strict=True)),
        f"{median(one / two for one, two in costs):.2f}",
    )
    return "".join(cell.rjust(14) for cell in cells)


def _cost(run: Run) -> float:
    return run.microseconds(run.taken.python + run.taken.postgres + run.taken.valkey)


if __name__ == "__main__":
    main()

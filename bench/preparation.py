"""Before the first round: operators, a full backlog at every depth, everything warm."""

import asyncio
import math
from collections.abc import Mapping, Sequence

import httpx

from bench.load import Answers, GeneratorFailed, Load
from bench.runs import OPERATORS, SETTLE_SECONDS, Work, ask
from bench.stage import Contender, Scene

CAPACITY = 100
AT_ONCE = 8
# Enough for a first second of serving on any machine of today.
FIRST_SURPLUS = 8000
TRIALS = 2
# A run may be so much faster than the trial was.
MARGIN = 1.25

Surplus = Mapping[str, int]


async def prepare(scenes: Sequence[Scene], load: Load) -> None:
    """Make the operators, and fill every backlog to its depth and a surplus.

    The surplus is about what a run serves, so that about the named depth is left at its end.
    """
    trial = Load(load.connections, 1)
    for scene in scenes:
        await _put_operators(scene.service)
        for contender in (scene.service, scene.floor):
            await _try(contender, Work.INTAKE, trial)
    surplus = await _try_serving(scenes[0], trial, load.seconds)
    for scene in scenes:
        for contender in (scene.service, scene.floor):
            await contender.backlog.fill(scene.depth + surplus[contender.name])


async def _try_serving(scene: Scene, trial: Load, seconds: int) -> Surplus:
    for contender in (scene.service, scene.floor):
        await contender.backlog.fill(FIRST_SURPLUS)
    rates = {item.name: await _rate_of_serving(item, trial) for item in scene.contenders}
    rates["floor"] = max(rates["floor"], rates["harder floor"])  # they share a backlog
    return {name: math.ceil(MARGIN * seconds * rate) for name, rate in rates.items()}


async def _rate_of_serving(contender: Contender, trial: Load) -> float:
    """The best of some trials: the first is slow, and other programs may slow down any."""
    rates = []
    for _ in range(TRIALS):
        answers = await _try(contender, Work.SERVING, trial)
        await contender.backlog.restore()
        if answers.errors or not answers.count:
            raise GeneratorFailed(f"the {contender.name} does not serve: {answers}")
        rates.append(answers.per_second)
    return max(rates)


async def _try(contender: Contender, work: Work, trial: Load) -> Answers:
    answers = await ask(contender, work, trial)
    await asyncio.sleep(SETTLE_SECONDS)
    return answers


async def _put_operators(service: Contender) -> None:
    async with httpx.AsyncClient(base_url=service.address, headers=service.headers) as client:
        for first in range(1, OPERATORS + 1, AT_ONCE):
            some = range(first, min(first + AT_ONCE, OPERATORS + 1))
            await asyncio.gather(*(_put_operator(client, number) for number in some))


async def _put_operator(client: httpx.AsyncClient, number: int) -> None:
    answer = await client.put(f"/v1/operators/operator-{number}", json={"capacity": CAPACITY})
    answer.raise_for_status()

"""Before the first round: operators, a full backlog at every depth, everything warm."""

import asyncio
import math
from collections.abc import Mapping, Sequence

import httpx

from bench.load import GeneratorFailed, Load
from bench.runs import OPERATORS, Work, ask
from bench.stage import Contender, Scene

CAPACITY = 100
AT_ONCE = 8
# Enough for a first second of serving on any machine of today.
FIRST_SURPLUS = 8000
# A run may be so much faster than the trial was.
MARGIN = 1.25

Surplus = Mapping[str, int]


async def prepare(scenes: Sequence[Scene], load: Load) -> Surplus:
    """Fill every backlog; how many leads wait more than the depth says when serving begins.

    A serving run takes that surplus away, so that about the named depth is left at its end.
    """
    trial = Load(load.connections, 1)
    for scene in scenes:
        await _put_operators(scene.service)
        for contender in (scene.service, scene.floor):
            await ask(contender, Work.INTAKE, trial)
    surplus = await _try_serving(scenes[0], trial, load.seconds)
    for scene in scenes:
        for contender in (scene.service, scene.floor):
            await contender.backlog.fill(scene.depth + surplus[contender.name])
    return surplus


async def _try_serving(scene: Scene, trial: Load, seconds: int) -> Surplus:
    served: dict[str, int] = {}
    for contender in (scene.service, scene.floor):
        await contender.backlog.fill(FIRST_SURPLUS)
    for contender in scene.contenders:
        answers = await ask(contender, Work.SERVING, trial)
        await contender.backlog.restore()
        if answers.errors or not answers.count:
            raise GeneratorFailed(f"the {contender.name} does not serve: {answers}")
        served[contender.name] = math.ceil(MARGIN * seconds * answers.per_second)
    floors = max(served["floor"], served["harder floor"])  # they share a backlog
    return {**served, "floor": floors, "harder floor": floors}


async def _put_operators(service: Contender) -> None:
    async with httpx.AsyncClient(base_url=service.address, headers=service.headers) as client:
        for first in range(1, OPERATORS + 1, AT_ONCE):
            some = range(first, min(first + AT_ONCE, OPERATORS + 1))
            await asyncio.gather(*(_put_operator(client, number) for number in some))


async def _put_operator(client: httpx.AsyncClient, number: int) -> None:
    answer = await client.put(f"/v1/operators/operator-{number}", json={"capacity": CAPACITY})
    answer.raise_for_status()

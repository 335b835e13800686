"""Before the first round: operators, a full backlog at every depth, everything warm."""

import asyncio
import math
from collections.abc import Mapping, Sequence

from bench.load import Answers, GeneratorFailed, Load
from bench.plan import Plan
from bench.runs import OPERATORS, QUIET_SECONDS, Work, ask
from bench.stage import Contender, Scene

CAPACITY = 100
# Enough for a first second of serving on any machine of today.
FIRST_SURPLUS = 8000
TRIALS = 2
# A run may be so much faster than the trial was.
MARGIN = 1.25

# Over HTTP it would take longer than the whole quick bench.
ADD_OPERATORS = """
INSERT INTO operators (name, queues, skills, capacity, created_at, changed_at)
SELECT 'operator-' || n, '{main}', '{}', $2, now(), now() FROM generate_series(1, $1::int) AS n
"""

Surplus = Mapping[str, int]


def contenders(scene: Scene, plan: Plan) -> Sequence[Contender]:
    """Who takes turns; in a hurry there is no time for the harder floor."""
    return (scene.floor, scene.service) if plan.quick else scene.contenders


async def prepare(scenes: Sequence[Scene], plan: Plan) -> None:
    """Make the operators, and fill every backlog to its depth and a surplus.

    The surplus is about what a run serves, so that about the named depth is left at its end; in a
    hurry it is what no machine of today serves in a run.
    """
    trial = Load(plan.load.connections, 1)
    for scene in scenes:
        await scene.pool.execute(ADD_OPERATORS, OPERATORS, CAPACITY)
        for contender in (scene.service, scene.floor):
            await _try(contender, Work.INTAKE, trial)
    if plan.quick:
        surplus: Surplus = dict.fromkeys(("service", "floor"), FIRST_SURPLUS)
    else:
        surplus = await _try_serving(scenes[0], plan, trial)
    for scene in scenes:
        for contender in (scene.service, scene.floor):
            await contender.backlog.fill(scene.depth + surplus[contender.name])


async def _try_serving(scene: Scene, plan: Plan, trial: Load) -> Surplus:
    for contender in (scene.service, scene.floor):
        await contender.backlog.fill(FIRST_SURPLUS)
    rates = {item.name: await _rate_of_serving(item, trial) for item in contenders(scene, plan)}
    rates["floor"] = max(rates["floor"], rates.get("harder floor", 0))  # they share a backlog
    return {name: math.ceil(MARGIN * plan.load.seconds * rate) for name, rate in rates.items()}


async def _rate_of_serving(contender: Contender, trial: Load) -> float:
    """The best of some trials: the first is slow, and other programs may slow down any."""
    found = []
    for _ in range(TRIALS):
        found.append(await _try(contender, Work.SERVING, trial))
        await contender.backlog.restore()
    best = max(found, key=lambda answers: answers.per_second)
    if best.errors or not best.count:
        raise GeneratorFailed(f"the {contender.name} does not serve: {best}")
    return best.per_second


async def _try(contender: Contender, work: Work, trial: Load) -> Answers:
    answers = await ask(contender, work, trial)
    await asyncio.sleep(QUIET_SECONDS)
    return answers

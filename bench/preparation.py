"""Before the first round: operators, a full backlog at every depth, everything warm."""

import math
from collections.abc import Sequence

from bench.load import GeneratorFailed, Load
from bench.plan import Plan
from bench.runs import OPERATORS, ask, quiet
from bench.stage import Contender, Scene
from bench.works import Work

CAPACITY = 100
# Enough for a first second of serving on any machine of today.
FIRST_SURPLUS = 8000
# A turn serves twice, alone and in pairs, and is faster than the trial, which is the first run.
TAKEN = 3
TRIAL = Load(32, 1)

# Over HTTP it would take longer than the whole quick bench.
ADD_OPERATORS = """
INSERT INTO operators (name, queues, skills, capacity, created_at, changed_at)
SELECT 'operator-' || n, '{main}', '{}', $2, now(), now() FROM generate_series(1, $1::int) AS n
"""


async def prepare(scenes: Sequence[Scene], plan: Plan) -> None:
    """Make the operators, and fill every backlog to its depth and a surplus.

    The surplus is about what a turn serves, so that about the named depth is left at its end; in a
    hurry it is what no machine of today serves in all.
    """
    surplus = FIRST_SURPLUS
    for scene in scenes:
        for pool in scene.operators:
            await pool.execute(ADD_OPERATORS, OPERATORS, CAPACITY)
        for contender in scene.own_backlogs:
            if Work.INTAKE in contender.works:
                await ask(contender, Work.INTAKE, TRIAL)
                await quiet(contender)
    if not plan.quick:
        surplus = await _surplus(scenes[0], plan)
    for scene in scenes:
        for contender in scene.own_backlogs:
            await contender.backlog.fill(scene.depth + surplus)


async def _surplus(scene: Scene, plan: Plan) -> int:
    """By the fastest of those who have a line of the service's leads."""
    rates = []
    for contender in scene.own_backlogs:
        if Work.INTAKE in contender.works:
            await contender.backlog.fill(FIRST_SURPLUS)
            rates.append(await _rate_of_serving(contender))
    return math.ceil(TAKEN * plan.seconds * max(rates))


async def _rate_of_serving(contender: Contender) -> float:
    answers = await ask(contender, Work.SERVING, TRIAL)
    await quiet(contender)
    await contender.backlog.restore()
    if answers.errors or not answers.count:
        raise GeneratorFailed(f"the {contender.name} does not serve: {answers}")
    return answers.per_second

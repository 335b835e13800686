"""A policy came into force: whoever waits, is held or parked is ranked by it, in batches.

Claims go on meanwhile. Each batch is one statement, guarded by the leads' versions: what changed
at the same moment is ranked with the next batch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from service.flows.show_in_line import show_all_in_line
from service.leads.lead import Lead, Rush
from service.ranking.again import stand_again
from service.resources import Resources
from service.storage.bases import Basis
from service.storage.restanding import Restanding, outdated, restand

log = structlog.get_logger()

BATCH = 500
MOST_BATCHES = 40
SLICE = 50  # so many leads are ranked before others have their turn


async def rank_outdated_anew(resources: Resources) -> None:
    """Rank leads by the policy in force that were ranked by an earlier one, some thousands."""
    for queue, basis in (await resources.stores.bases.all()).items():
        version, count = basis.policy.version, 0
        for _ in range(MOST_BATCHES):
            leads = await outdated(resources.stores.database, queue, version, BATCH)
            count += await rank_anew(resources, leads, basis)
            if len(leads) < BATCH:
                break
        if count:
            log.info("queue.ranked_anew", queue=queue, policy_version=version, leads=count)


async def rank_anew(resources: Resources, leads: Sequence[Lead], basis: Basis) -> int:
    """Rank leads by a queue's basis; how many had not changed meanwhile."""
    now, restandings = resources.clock.now(), []
    for number, lead in enumerate(leads):
        situation = replace(lead.situation, rush=_rush_of(lead, basis))
        standing = stand_again(lead, situation, basis.policy, now, basis.observed)
        restandings.append(Restanding(lead, situation, standing))
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    moved = await restand(resources.stores.database, restandings, now) if restandings else []
    await show_all_in_line(resources, moved)
    return len(moved)


def _rush_of(lead: Lead, basis: Basis) -> Rush | None:
    return basis.rush or lead.situation.rush

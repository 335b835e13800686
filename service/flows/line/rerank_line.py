"""After a policy came into force, rank waiting, held and parked leads by it, in batches.

Claims continue meanwhile. Each batch is one statement, guarded by the leads' versions. Leads that
changed at the same moment are ranked with the next batch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import Lead
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.storage.database import exclusively
from service.storage.leads.reranking import (
    BATCH,
    SHARES,
    Reranking,
    outdated,
    some_outdated,
    store_reranked,
)
from service.storage.policies.queue_context import QueueContext

log = structlog.get_logger()

LOCK = "nextlead rank anew"
MAX_BATCHES = 1000
SLICE = 10  # leads ranked before other tasks run
FIRST_ID = UUID(int=0)


async def rerank_outdated(resources: Resources) -> None:
    """Rank leads by the policy in force if an earlier one ranked them.

    This takes long when many leads wait. So replicas share the work, and other chores go on.
    """
    for queue, basis in (await resources.stores.bases.all()).items():
        version = basis.policy.version
        if await some_outdated(resources.stores.database, queue, basis.policy):
            for share in range(SHARES):
                count = await _rerank_share(resources, queue, basis, share)
                log.info("queue.ranked_anew", queue=queue, policy_version=version, leads=count)


async def rerank_line(resources: Resources, leads: Sequence[Lead], basis: QueueContext) -> int:
    """Rank leads by a queue's policy; return how many were stored because they had not changed."""
    return await _store(resources, await _rank(leads, basis, resources.clock.now()))


async def _rerank_share(resources: Resources, queue: str, basis: QueueContext, share: int) -> int:
    """Rank one share of a queue, unless another replica does; return the number of leads."""
    name = f"{LOCK} {queue} {share}"
    async with exclusively(resources.stores.database, name, wait=False) as ours:
        return await _rank_pages(resources, queue, basis, share) if ours else 0


async def _rank_pages(resources: Resources, queue: str, basis: QueueContext, share: int) -> int:
    """Rank page by page; the next batch is computed while one is stored."""
    count, after, storing = 0, FIRST_ID, None
    database = resources.stores.database
    try:
        for _ in range(MAX_BATCHES):
            leads = await outdated(database, queue, basis.policy, share, after)
            ranked = await _rank(leads, basis, resources.clock.now())
            count += await storing if storing else 0
            storing = asyncio.create_task(_store(resources, ranked))
            if len(leads) < BATCH:
                break
            after = leads[-1].id
        return count + (await storing if storing else 0)
    finally:
        if storing is not None:
            storing.cancel()


async def _rank(leads: Sequence[Lead], basis: QueueContext, now: datetime) -> list[Reranking]:
    restandings = []
    for number, lead in enumerate(leads):
        situation = lead.situation
        if basis.rush is not None and basis.rush != situation.rush:
            situation = replace(situation, rush=basis.rush)
        ranking = rerank_lead(lead, situation, basis.policy, now, basis.observed)
        restandings.append(Reranking(lead, situation, ranking))
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    return restandings


async def _store(resources: Resources, restandings: Sequence[Reranking]) -> int:
    """Store new ranks and show them in the line; return how many leads had not changed."""
    if not restandings:
        return 0
    moved = await store_reranked(resources.stores.database, restandings, resources.clock.now())
    await show_all_in_line(resources, moved)
    return len(moved)

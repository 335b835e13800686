"""Reconciliation: leases end, callbacks fall due, and the line is made equal to Postgres.

One replica does it at a time, under an advisory lock. Postgres changes first, then the line shows
the result. Every step may be repeated and may stop half-way.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from service.flows.claims.ask_of_invoices import ask_of_invoices
from service.flows.claims.end_live_leads import end_live_leads
from service.flows.claims.pause_held import let_paused_go_on
from service.flows.claims.visit_over import bring_back_after_visits
from service.flows.claims.watch_replies import watch_replies
from service.flows.customers.finish_erasures import finish_erasures
from service.flows.customers.part_leads import finish_undoings
from service.flows.customers.remind_of_orders import remind_of_orders
from service.flows.leads.expire_tasks import expire_overdue_tasks
from service.flows.line.follow_time import bring_back_due_callbacks, take_due_steps
from service.flows.line.notify_late import notify_late
from service.flows.line.offer_again import offer_declined_again, watch_declined
from service.flows.line.rebuild_line import LOCK, rebuild_line
from service.flows.line.rerank_line import rerank_outdated
from service.flows.line.show_in_line import show_all_in_line
from service.flows.line.watch_cutoffs import watch_cutoffs
from service.flows.line.watch_rush import watch_rush
from service.flows.line.watch_staff import watch_staff
from service.flows.senders.follow_call import end_silent_calls
from service.flows.senders.watch_silence import watch_silence
from service.flows.upkeep.absorb_own_cards import absorb_own_cards
from service.flows.upkeep.leave_to_duty import leave_to_duty
from service.flows.upkeep.read_marks import read_marks
from service.flows.upkeep.sum_outcomes import sum_outcomes
from service.leads.claim_end import REPEATABLE_FOR
from service.leads.errors import NextleadError
from service.leads.lead import Lead
from service.metrics.families import CHORE_FAILURES, CLAIMS, LINE_MISSED
from service.queue.in_step import InStep, in_step, set_in_step, versions
from service.resources import Resources
from service.storage.database import exclusively
from service.storage.leads.ended_claims import prune_ended_claims
from service.storage.leads.leads import find_many
from service.storage.leads.line_changes import COMMITS_WITHIN, LineChange, changes, end_leases
from service.storage.operators.operators import queue_names

log = structlog.get_logger()

WATCH_LOCK = "nextlead watch"
BATCH = 500
MAX_BATCHES = 40
LOOK_BACK_EVERY = timedelta(seconds=10)
OVERLAP = timedelta(seconds=2)
REMEMBER_GONE = timedelta(hours=1)
FIRST_ID = UUID(int=0)


async def keep_in_step(resources: Resources) -> bool:
    """Do all due work once; False when another replica is doing it."""
    ours = await keep_time(resources)
    await keep_watch(resources)
    await _attempt(rerank_outdated, resources)
    return ours


async def keep_time(resources: Resources) -> bool:
    """Do all due work except ranking by a new policy, which may take long.

    A failure of one part is logged and does not stop the others.
    """
    await _attempt(write_attendance, resources)  # each replica writes its own
    async with exclusively(resources.stores.database, LOCK, wait=False) as ours:
        if ours:
            for part in PARTS:
                await _attempt(part, resources)
        return ours


async def keep_watch(resources: Resources) -> None:
    """Run the checks whose cost grows with the line."""
    async with exclusively(resources.stores.database, WATCH_LOCK, wait=False) as ours:
        if ours:
            for part in WATCHES:
                await _attempt(part, resources)


async def _attempt(part: Callable[[Resources], Awaitable[None]], resources: Resources) -> None:
    try:
        await part(resources)
    except NextleadError as error:
        CHORE_FAILURES.add(part.__name__)
        log.warning("keep_in_step.failed", part=part.__name__, why=str(error))


async def write_attendance(resources: Resources) -> None:
    """Store when operators were last seen by this process."""
    await resources.stores.attendance.write()


async def end_overdue_leases(resources: Resources) -> None:
    """Put leads whose lease is over back in their places."""
    for _ in range(MAX_BATCHES):
        ended = await end_leases(resources.stores.database, resources.clock.now(), BATCH)
        CLAIMS.add("expired", "", by=len(ended))
        for lease in ended:
            log.info("lead.lease_ended", lead_id=str(lease.lead.id))
        await show_all_in_line(resources, [lease.lead for lease in ended])
        await leave_to_duty(resources, ended)
        if len(ended) < BATCH:
            return


async def forget_ended_claims(resources: Resources) -> None:
    """Delete ended claims older than a day; requests to end them are no longer repeated."""
    before = resources.clock.now() - REPEATABLE_FOR
    for _ in range(MAX_BATCHES):
        if await prune_ended_claims(resources.stores.database, before, BATCH) < BATCH:
            return


async def keep_line_equal(resources: Resources) -> None:
    """Rebuild lost lines, show every line what it missed, let reservations expire."""
    queues = await _queues(resources)
    existing = await in_step(resources.line, queues)
    for queue in [queue for queue in queues if queue not in existing]:
        await rebuild_line(resources, queue)
    if existing:
        await compare_changes(resources, existing)
    now = resources.clock.now()
    for queue in queues:
        await resources.line.put_back_due(queue, now)
        await resources.line.take_steps(queue, now)
        await resources.lane_names.tidy(queue)
        await resources.line.forget(queue, now - REMEMBER_GONE)


async def compare_changes(resources: Resources, existing: Mapping[str, InStep]) -> None:
    """Show the line every recent change that it missed.

    Each round reads the new changes. Now and then a round reads back as far as a transaction may
    take to commit; only such a round moves the certain point forward.
    """
    started = resources.clock.now()
    certain = min(item.until for item in existing.values())
    newest = min(item.compared_at for item in existing.values())
    thorough = started - certain >= LOOK_BACK_EVERY + COMMITS_WITHIN
    since = certain if thorough else max(certain, newest - OVERLAP)
    reached = await _compare_from(resources, since) or started
    if thorough:
        certain = max(certain, min(reached, started - COMMITS_WITHIN))
    await set_in_step(resources.line, existing, InStep(certain, reached))


async def _compare_from(resources: Resources, since: datetime) -> datetime | None:
    """Compare changes from a moment on; return the point reached if there were too many."""
    after = FIRST_ID
    for _ in range(MAX_BATCHES):
        page = await changes(resources.stores.database, since, after, BATCH)
        await _show_missed(resources, page)
        if len(page) < BATCH:
            return None
        since, after = page[-1].changed_at, page[-1].lead_id
    return since


async def _show_missed(resources: Resources, page: Sequence[LineChange]) -> None:
    by_queue: dict[str, list[LineChange]] = defaultdict(list)
    for change in page:
        by_queue[change.queue].append(change)
    missed: list[UUID] = []
    for queue, of_queue in by_queue.items():
        existing = await versions(resources.line, queue, [str(item.lead_id) for item in of_queue])
        pairs = zip(of_queue, existing, strict=True)
        missed += [pair.lead_id for pair, version in pairs if version < pair.version]
    if missed:
        leads = await _read(resources, missed)
        LINE_MISSED.add(by=len(leads))
        log.info("line.behind", leads=len(leads))
        await resources.line.show_all(leads, resources.clock.now())


async def _read(resources: Resources, ids: Sequence[UUID]) -> list[Lead]:
    async with resources.stores.database.transaction() as connection:
        return await find_many(connection, ids)


async def _queues(resources: Resources) -> list[str]:
    return await queue_names(resources.stores.database)


PARTS = (
    end_live_leads,  # before the lease of a talk ends
    end_overdue_leases,
    let_paused_go_on,
    bring_back_after_visits,
    expire_overdue_tasks,
    bring_back_due_callbacks,
    take_due_steps,
    offer_declined_again,
    watch_replies,
    notify_late,
    end_silent_calls,
    keep_line_equal,
    sum_outcomes,
)

WATCHES = (
    watch_staff,
    watch_declined,
    watch_cutoffs,
    watch_rush,
    watch_silence,
    remind_of_orders,
    ask_of_invoices,
    forget_ended_claims,
    read_marks,
    absorb_own_cards,
    finish_erasures,
    finish_undoings,
)

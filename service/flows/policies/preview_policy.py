"""Show how a candidate policy would reorder the line now; nothing moves, nothing is written.

Every waiting lead is read from Postgres and ranked again in the process for heavy work, a page at a
time, so that other works have their turn between. Leads that come or go during the preview may be
missing from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from service.flows.policies.check_text import CheckedText, check_text
from service.flows.policies.trial import PolicyText, Trial, changes_of, compared, reasons_of
from service.leads.lead import State
from service.ranking.comparison import Comparison, Move, RankedChange
from service.resources import Resources
from service.rules.policy import Mode
from service.storage.leads.leads import find_many
from service.storage.leads.reranking import waiting_rows
from service.storage.policies.policies import find_version
from service.storage.policies.queue_context import QueueContext
from service.storage.queues.rush import operators_on_shift

MAX_LEADS = 100_000
PAGE = 100  # leads that the process ranks before the work of others


@dataclass(frozen=True, slots=True)
class Preview:
    """What a candidate would do to a queue's line.

    `complete` is False when more leads wait than were compared. `reasons` names, by lead id, what
    differs for the greatest moves. The comparison is of the `mode` in force, calm or rush.
    `other_mode` compares the same line under both policies' numbers of the other mode; it is None
    where neither policy has a rush. `operators` is how many operators work on the line, at least
    one.
    """

    queue: str
    at: datetime
    policy_version: int
    complete: bool
    comparison: Comparison
    reasons: Mapping[UUID, Sequence[RankedChange]]
    mode: Mode = Mode.CALM
    other_mode: Comparison | None = None
    operators: float = 1.0


async def preview_policy(
    resources: Resources, queue: str, text: str, limit: int = MAX_LEADS
) -> Preview:
    """Compare the line with the line under a candidate; raises InvalidRequest, QueueNotFound."""
    basis, now = await resources.stores.bases.of(queue), resources.clock.now()
    checked = await check_text(resources, text)
    trials, mode = await _trials(resources, queue, checked, basis, now)
    parts, complete = await _parts(resources, queue, trials, limit)
    operators = max(1.0, await _on_shift(resources, queue, now))
    comparisons = await resources.heavy_work.run(compared, parts, operators)
    reasons = await _reasons(resources, trials[0], comparisons[0].greatest)
    return Preview(
        queue=queue,
        at=now,
        policy_version=basis.policy.version,
        complete=complete,
        comparison=comparisons[0],
        reasons=reasons,
        mode=mode,
        other_mode=comparisons[1] if len(comparisons) > 1 else None,
        operators=operators,
    )


async def _trials(
    resources: Resources, queue: str, checked: CheckedText, basis: QueueContext, now: datetime
) -> tuple[list[Trial], Mode]:
    """Make a trial for the mode in force, and one for the other mode where either policy has it."""
    mode = Mode.RUSH if basis.policy.rush_number % 2 else Mode.CALM
    other = Mode.CALM if mode is Mode.RUSH else Mode.RUSH
    version = basis.policy.version
    candidate = PolicyText(checked.text, version + 1)
    first = Trial(candidate, mode, basis.observed, basis.rush, now)
    in_force = await resources.stores.bases.policy(queue, version)
    if not checked.has_rush and in_force.rush is None:
        return [first], mode
    async with resources.stores.database.transaction() as connection:
        written = await find_version(connection, queue, version)
    return [first, replace(first, mode=other, instead=PolicyText(written.text, version))], mode


async def _on_shift(resources: Resources, queue: str, now: datetime) -> float:
    async with resources.stores.database.transaction() as connection:
        return (await operators_on_shift(connection, now)).get(queue, 0.0)


async def _parts(
    resources: Resources, queue: str, trials: Sequence[Trial], limit: int
) -> tuple[list[list[bytes]], bool]:
    """The changes of the leads that wait, a page at a time, and whether these are all leads."""
    parts, after = [await resources.heavy_work.run(changes_of, trials, [])], UUID(int=0)
    left = limit
    while rows := await waiting_rows(resources.stores.database, queue, after, PAGE):
        taken = rows[:left]
        parts.append(await resources.heavy_work.run(changes_of, trials, taken))
        left -= len(taken)
        if len(taken) < len(rows):
            return parts, False
        after = rows[-1]["id"]
    return parts, True


async def _reasons(
    resources: Resources, trial: Trial, moves: Sequence[Move]
) -> dict[UUID, list[RankedChange]]:
    """Explain why some leads move. These are read again: all explanations at once are large."""
    ids = [move.shift.lead_id for move in moves]
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, ids)
    present = [lead for lead in leads if lead.state is State.WAITING]
    return await resources.heavy_work.run(reasons_of, trial, present)

"""Time moves leads: callbacks fall due; waiting and near deadlines raise leads.

The line applies the steps of its timelines by itself, on time. Here Postgres follows, and then the
line shows the row. Both get the same place, because it is a function of the time.
"""

from datetime import datetime

from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import Lead, ParkedFor, Ranking, State
from service.ranking.rank import rank_lead
from service.ranking.reranking import observed_before, rerank_lead
from service.resources import Resources
from service.rules.audience import rules_of_skills
from service.rules.lane_names import lane_of
from service.rules.lanes import whose_first
from service.rules.policy import Policy
from service.rules.returns import CAUSES, PROMISED
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, move
from service.storage.leads.line_changes import is_any_due, lock_due
from service.storage.leads.reranking import Reranking, due_steps, store_reranked
from service.storage.rows import ranking_columns

BATCH = 500
MAX_BATCHES = 40


async def bring_back_due_callbacks(resources: Resources) -> None:
    """Let due parked leads wait again, on the callback's stage (rules A8, A11)."""
    if not await is_any_due(resources.stores.database, resources.clock.now()):
        return
    for _ in range(MAX_BATCHES):
        now = resources.clock.now()
        async with resources.stores.database.transaction() as connection:
            due = await lock_due(connection, now, BATCH)
            back = [await follow_time(connection, resources, lead, now) for lead in due]
        await show_all_in_line(resources, back)
        if len(due) < BATCH:
            return


async def take_due_steps(resources: Resources, batches: int = MAX_BATCHES) -> None:
    """Store due steps of the timelines in Postgres, after the line applied them."""
    for _ in range(batches):
        now = resources.clock.now()
        due = await due_steps(resources.stores.database, now, BATCH)
        steps = [_stepped(lead, await _policy(resources, lead), now) for lead in due]
        moved = await store_reranked(resources.stores.database, steps, now) if steps else []
        await show_all_in_line(resources, moved)
        if len(due) < BATCH or len(moved) < len(due):
            return


async def follow_time(
    connection: Connection, resources: Resources, lead: Lead, now: datetime
) -> Lead:
    """Apply the due step to a locked lead and return it; without one it is unchanged."""
    if lead.state is State.PARKED and lead.parked_until is not None and lead.parked_until <= now:
        policy = await _policy(resources, lead)
        reading = lead.ranking.reading
        ranking = rank_lead(lead.situation, policy, now, observed_before(lead), reading)
        event = LeadEvent("lead.due", now, "nextlead", _why_due(lead))
        return await move(connection, lead, State.WAITING, event, ranking_columns(ranking))
    if is_behind(lead, now):
        step = _stepped(lead, await _policy(resources, lead), now)
        event = LeadEvent(step.event_type, now, "nextlead", step.reason, step.details)
        return await alter(connection, lead, event, ranking_columns(step.ranking))
    return lead


def _why_due(lead: Lead) -> str:
    cause = lead.parked_for or ParkedFor.CALLBACK
    return "the promised time has come" if cause in PROMISED else CAUSES[cause].source


def is_behind(lead: Lead, now: datetime) -> bool:
    """Whether a lead in line has a due step that Postgres has not applied yet."""
    timeline = lead.ranking.timeline
    in_line = lead.state in (State.WAITING, State.CLAIMED)
    return in_line and bool(timeline) and timeline[0].at <= now


def _stepped(lead: Lead, policy: Policy, now: datetime) -> Reranking:
    ranking = rerank_lead(lead, lead.situation, policy, now, observed_before(lead))
    return Reranking(lead, lead.situation, ranking, _reason(lead, ranking, now))


def _reason(lead: Lead, ranking: Ranking, now: datetime) -> str | None:
    """The reason for the history; None when only the score changes."""
    if ranking.lane != lead.ranking.lane:
        rule = whose_first(lead.situation)[1]
        if not rule and lane_of(ranking.lane).skills:
            return f"the head of sales is asked as well ({_rules_of(ranking.lane)})"
        return f"the owner's time is over ({rule or 'B20'})"
    if ranking.stage == lead.ranking.stage:
        return None
    return [step for step in lead.ranking.timeline if step.at <= now][-1].source


def _rules_of(lane: str) -> str:
    return ", ".join(rules_of_skills(lane_of(lane).skills))


async def _policy(resources: Resources, lead: Lead) -> Policy:
    ranking = lead.ranking
    bases = resources.stores.bases
    return await bases.policy(lead.signal.queue, ranking.policy_version, ranking.rush_number)

"""The telephony reports what happened to a call: answered, hung up, transferred.

This is a fact: the order of the line, capacity and other claims do not stop it. Postgres first,
under the lock of the operator who talks, with the event; then the line. A repeated or late report
changes nothing more.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from service.flows.claims.count_claim import count_claim
from service.flows.claims.end_talk import end_talk, show_end_of_talk
from service.flows.claims.pause_held import let_held_go_on, pause_held
from service.flows.leads.update_lead import check_known
from service.flows.line.show_in_line import show_all_in_line
from service.leads.call import CallEvent, CallNews
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import MOVES, Claim, Lead, State
from service.leads.operator import Operator
from service.metrics.families import FIRST_ANSWER
from service.ranking.decision import ServedVia, decide
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.calls import is_news
from service.storage.leads.claim_events import CHANGED, CLAIMED, claim_details
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import locked_with_held
from service.storage.leads.leads import alter, count_held, hold, move
from service.storage.leads.merge_target import locked_merge_target
from service.storage.rows import ranking_columns

TRANSFERRED = "lead.transferred"


async def report_call_event(
    resources: Resources,
    lead_id: UUID,
    news: CallNews,
    sender: Sender,
    *,
    in_order: bool = False,
) -> Lead:
    """Apply a call event to a lead, or to the lead that it was merged into, and return it.

    A lead that is over stays as it is. An operator who answers, or gets the call by transfer, holds
    the lead while the talk goes on; at capacity, on top of their other leads. An unanswered client
    who hangs up is to be called back now (A8). Only the operator ends a claim, and has time to
    finish first. A report `in_order` is known to be later than the one before; otherwise its time
    decides. Raises LeadNotFound, OperatorNotFound, and InvalidRequest without an operator.
    """
    news = replace(news, at=min(news.at, resources.clock.now()))
    if news.event is CallEvent.HUNG_UP:
        return await _hang_up(resources, lead_id, news, sender, in_order=in_order)
    if news.operator is None:
        remedy = "Name the operator who has the client on the line."
        raise InvalidRequest([FieldMistake("operator", f"`{news.event}` needs it", remedy)])
    operator = await resources.stores.directory.operator(news.operator)
    return await _give(resources, lead_id, news, operator, sender, in_order=in_order)


async def _give(
    resources: Resources,
    lead_id: UUID,
    news: CallNews,
    operator: Operator,
    sender: Sender,
    *,
    in_order: bool,
) -> Lead:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, operator.name)
        lead, held = await locked_with_held(connection, operator.name, lead_id)
        assert lead is not None, "it was asked for"
        await check_known(connection, lead, sender)
        is_new = await is_news(connection, lead.id, news) or in_order
        if not is_new or not MOVES[lead.state]:
            return lead
        found = lead
        before, still = lead.claim, []
        if before is not None and before.operator == operator.name:
            lead = await _talk(connection, resources, lead, before, news)
        else:
            claim = await _claim(resources, lead, operator, held, now)
            if claim.on_top:
                still = await pause_held(connection, held, operator.name, now)
            lead = await _held_by(connection, resources, lead, claim, news)
    _count(found, lead)
    resources.stores.attendance.seen(operator.name, now)
    await show_all_in_line(resources, [lead, *still])
    if before is not None and before.operator != operator.name:
        await let_held_go_on(resources, before)
    return lead


def _count(before: Lead, after: Lead) -> None:
    if before.claim is None:
        count_claim(after, ServedVia.ASKED_FOR)
    if before.first_answer_at is None and after.first_answer_at is not None:
        waited = after.first_answer_at - after.signal.received_at
        FIRST_ANSWER.observe(waited.total_seconds(), after.ranking.kind.value)


async def _talk(
    connection: Connection, resources: Resources, lead: Lead, claim: Claim, news: CallNews
) -> Lead:
    """Note that the holder of the lead now talks with the client; otherwise nothing changes."""
    if not lead.signal.live or claim.talking_since is not None:
        return lead
    now = resources.clock.now()
    until = max(claim.lease_until, now + await _lease(resources, lead, talks=True))
    paused = claim.paused_since is not None
    columns = {
        "talking_since": now,
        "lease_until": claim.lease_until if paused else until,
        **_answered(lead, news),
    }
    event = LeadEvent(CHANGED, now, claim.operator, f"the call was {news.event}")
    return await alter(connection, lead, event, columns)


async def _claim(
    resources: Resources, lead: Lead, operator: Operator, held: Sequence[Lead], now: datetime
) -> Claim:
    """A claim for the operator; during a talk it needs no renewal (A12)."""
    talks = lead.signal.live
    return Claim(
        operator=operator.name,
        token=secrets.token_urlsafe(16),
        since=now,
        lease_until=now + await _lease(resources, lead, talks=talks),
        on_top=len(held) >= operator.capacity,
        talking_since=now if talks else None,
    )


async def _lease(resources: Resources, lead: Lead, *, talks: bool) -> timedelta:
    policy = (await resources.stores.bases.of(lead.signal.queue)).policy
    return policy.talk_for if talks else policy.lease


def _answered(lead: Lead, news: CallNews) -> dict[str, object]:
    """The columns of an answer: an answered call is one, a chat that was only taken is not."""
    if not lead.signal.live:
        return {}
    at = max(news.at, lead.signal.received_at)
    return {"first_answer_at": lead.first_answer_at or at, "own_answer_at": at}


async def _held_by(
    connection: Connection, resources: Resources, lead: Lead, claim: Claim, news: CallNews
) -> Lead:
    """Give the lead to the operator who talks with the client, whatever its state is."""
    now, reason, answered = claim.since, f"the call was {news.event}", _answered(lead, news)
    if lead.claim is not None:
        moved = {"from": lead.claim.operator, "to": claim.operator}
        event = LeadEvent(TRANSFERRED, now, claim.operator, reason, moved)
        columns = {
            "claimed_by": claim.operator,
            "claim_token": claim.token,
            "claimed_since": now,
            "lease_until": claim.lease_until,
            "on_top": claim.on_top,
            "paused_since": None,
            "talking_since": claim.talking_since,
            **answered,
        }
        return await alter(connection, lead, event, columns)
    if lead.state is State.PARKED:
        lead = await _wait_again(connection, resources, lead, now, reason)
    why = claim_details(lead, decide(ServedVia.ASKED_FOR, lead.ranking.rank))
    event = LeadEvent(CLAIMED, now, claim.operator, reason, why)
    return await hold(connection, lead, claim, event, answered)


async def _wait_again(
    connection: Connection, resources: Resources, lead: Lead, now: datetime, reason: str
) -> Lead:
    basis = await resources.stores.bases.of(lead.signal.queue)
    waiting = replace(lead, state=State.WAITING, parked_until=None)
    ranking = rerank_lead(waiting, lead.situation, basis.policy, now, basis.observed)
    event = LeadEvent("lead.due", now, "nextlead", reason)
    return await move(connection, lead, State.WAITING, event, ranking_columns(ranking))


async def _hang_up(
    resources: Resources, lead_id: UUID, news: CallNews, sender: Sender, *, in_order: bool
) -> Lead:
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, lead_id)
        await check_known(connection, lead, sender)
        there = MOVES[lead.state] and lead.signal.live
        is_new = await is_news(connection, lead.id, news) or in_order
        if not is_new or not there:
            return lead
        event = LeadEvent(CHANGED, resources.clock.now(), sender.name, "the client hung up")
        lead = await end_talk(connection, resources, lead, event, missed=news.missed)
    await show_end_of_talk(resources, lead)
    return lead

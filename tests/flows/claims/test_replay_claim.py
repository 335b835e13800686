"""A claim is made again from what was stored, and is found to be the same, or not."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from driven_clock import DrivenClock
from open_always import open_always
from redis.asyncio import Redis
from sqlalchemy import text
from stories import Receive, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.release_claim import release_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead_events
from service.flows.upkeep.keep_in_step import keep_in_step
from service.flows.upkeep.replay_claim import Replay, replay_claim
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, Intent, Item, Lead
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.leads.claim_events import last_claim
from service.storage.leads.duplicates import Sender
from service.storage.policies.policies import Version, put_in_force

TEXT = "2 комплекта колодок до 9000 руб, JTDBR32E720123456"


async def differing(resources: Resources, wanted: Any) -> list[str]:
    return [difference.part for difference in (await replay_claim(resources, wanted)).differences]


async def claim_of(resources: Resources, lead: Lead) -> int:
    async with resources.stores.database.transaction() as connection:
        claim = await last_claim(connection, lead.id)
    assert claim is not None
    return claim.id


async def tamper(resources: Resources, statement: str) -> None:
    async with resources.stores.database.transaction() as connection:
        await connection.execute(text(statement))


async def report(
    resources: Resources, lead: Lead, *, from_client: bool = False, **facts: Any
) -> None:
    """New facts of a lead come in."""
    reported = LeadUpdate(facts, from_client, Sender("crm", may_read=True))
    await update_lead(resources, lead.id, reported)


async def test_a_claim_by_the_line_is_found_again(resources: Resources, receive: Receive) -> None:
    await receive()
    lead = await receive(text=TEXT, received_at=resources.clock.now() - timedelta(minutes=2))
    await claim_lead(resources, (await receive()).id, "boris")
    taken = await take(resources, "anna")
    assert taken.id == lead.id
    replay = await replay_claim(resources, lead.id)
    assert (replay.differences, replay.claim.operator) == ([], "anna")
    assert replay.ranking.explanation == taken.ranking.explanation
    assert replay.claim.decision["rank"] == taken.ranking.rank
    assert replay.claim.decision["way"] == "line"


async def test_a_claim_without_the_line_is_found_again(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    lead = await receive(text=TEXT)
    await redis.flushall()
    await take(resources, "anna")
    replay = await replay_claim(resources, lead.id)
    assert replay.differences == []
    assert replay.claim.decision == {
        "way": "storage",
        "rank": lead.ranking.rank,
        "stage": lead.ranking.stage,
        "score": float(lead.ranking.score),
        "second": None,
    }


async def test_a_claim_by_id_is_found_again(resources: Resources, receive: Receive) -> None:
    lead = await receive(text=TEXT)
    await claim_lead(resources, lead.id, "anna")
    replay = await replay_claim(resources, lead.id)
    assert (replay.differences, replay.claim.decision["way"]) == ([], "asked_for")


@pytest.mark.parametrize("followed", [True, False])
async def test_a_claim_after_steps_in_time_is_found_again(
    resources: Resources, receive: Receive, clock: DrivenClock, followed: bool
) -> None:
    lead = await receive(needed_by=clock.now() + timedelta(hours=3))
    clock.pass_by(minutes=100)
    if followed:
        await keep_in_step(resources)
    taken = await take(resources, "anna")
    assert taken.ranking.stage == 620
    assert taken.ranking.score > lead.ranking.score
    assert await differing(resources, lead.id) == []
    clock.pass_by(minutes=60)
    await keep_in_step(resources)
    assert await differing(resources, lead.id) == []


async def test_a_claim_is_found_again_by_the_policy_and_the_outcomes_of_its_time(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    taken = await take(resources, "anna")
    won = Settlement(Outcome.WON, amount=Decimal(5), note="paid")
    await settle_claim(resources, lead.id, taken.claim.token, won)
    resources.stores.bases.forget()
    corrected = await receive()
    assert corrected.ranking.observed is not None
    await take(resources, "boris")
    await put_policy(resources, open_always().replace("chance: 0.45", "chance: 0.55"))
    later = await receive()
    assert later.ranking.policy_version == 2
    assert await differing(resources, lead.id) == []
    assert await differing(resources, corrected.id) == []


async def put_policy(resources: Resources, sent: str) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_in_force(connection, Version("main", 2, sent, "head", resources.clock.now()))
    resources.stores.bases.forget()


async def test_a_claim_is_found_again_by_the_facts_of_its_time(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    needed_by = clock.now() + timedelta(days=1)
    lead = await receive(text=TEXT, budget=Decimal("5000"), needed_by=needed_by, vin="XTA12345")
    await take(resources, "anna")
    await report(resources, lead, budget=Decimal(7), needed_by=None, intent=Intent.RETURN)
    clock.pass_by(minutes=1)
    items = (Item("x", Decimal(1), Decimal(3)),)
    await report(resources, lead, from_client=True, budget=None, text=None, items=items, vin=None)
    assert await differing(resources, lead.id) == []


async def test_facts_that_changed_before_the_claim_are_those_of_the_claim(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive(budget=Decimal(5000))
    await report(resources, lead, budget=Decimal(1))
    await take(resources, "anna")
    replay = await replay_claim(resources, lead.id)
    assert (replay.differences, replay.explanation["budget"]["value"]) == ([], "1.00")


async def test_a_callback_that_was_due_is_found_again(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.SITE_ORDER)
    token = (await take(resources, "anna")).claim.token
    await settle_claim(resources, lead.id, token, Settlement(Outcome.CALLBACK, note="later"))
    clock.pass_by(minutes=31)
    await keep_in_step(resources)
    taken = await take(resources, "boris")
    assert (taken.id, taken.ranking.stage) == (lead.id, 750)
    assert await differing(resources, lead.id) == []


async def test_each_claim_of_a_lead_has_its_own_number(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    first = await take(resources, "anna")
    number = await claim_of(resources, lead)
    await release_claim(resources, lead.id, first.claim.token, None)
    clock.pass_by(minutes=10)
    await take(resources, "boris")
    earlier, later = [await replay_claim(resources, item) for item in (number, lead.id)]
    assert (earlier.claim.operator, later.claim.operator) == ("anna", "boris")
    assert (earlier.ranking.stage, later.ranking.stage) == (600, 620)
    assert [*earlier.differences, *later.differences] == []


TAMPERED = """
UPDATE lead_events SET details = jsonb_set(details::jsonb, '{path}', '{value}')::json
WHERE type = 'lead.claimed'
"""


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("{explanation,score}", "99.5", ["score"]),
        ("{explanation,kind}", '"task"', ["kind"]),
        ("{explanation,intent}", '"return"', ["intent"]),
        ("{explanation,rank}", "1", ["rank"]),
        ("{explanation,cost_per_minute}", "7", ["cost_per_minute"]),
        ("{explanation,chance,value}", "1", ["chance.value"]),
        ("{explanation,budget,source}", '"stated"', ["budget.source"]),
        ("{explanation,urgency}", "null", ["urgency.value", "urgency.source", "urgency.rule"]),
        ("{explanation,stage,value}", "900", ["stage.value"]),
        ("{decision,rank}", "1", ["decision.rank"]),
        ("{decision}", "null", ["decision.rank"]),
    ],
)
async def test_a_stored_number_that_was_changed_differs(
    resources: Resources, receive: Receive, path: str, value: str, parts: list[str]
) -> None:
    lead = await receive()
    await take(resources, "anna")
    await tamper(resources, TAMPERED.format(path=path, value=value))
    assert await differing(resources, lead.id) == parts


async def test_a_policy_that_was_changed_behind_our_back_makes_a_difference(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await take(resources, "anna")
    await tamper(resources, "UPDATE policies SET text = replace(text, '0.45', '0.46')")
    resources.stores.bases.forget()
    replay = await replay_claim(resources, lead.id)
    parts = {
        difference.part: (difference.stored, difference.found) for difference in replay.differences
    }
    assert parts["chance.value"] == (0.45, 0.46)
    numbers = {"chance.value", "cost_per_minute", "index", "score", "rank", "decision.rank"}
    assert set(parts) == numbers


async def test_what_cannot_be_replayed_is_said(resources: Resources, receive: Receive) -> None:
    lead = await receive()
    with pytest.raises(LeadNotFound, match=f"Nobody has claimed the lead {lead.id} yet"):
        await replay_claim(resources, lead.id)
    with pytest.raises(LeadNotFound, match="No lead has the id"):
        await replay_claim(resources, uuid4())
    for number in (0, 2**63 - 1, await received_event(resources, lead)):
        with pytest.raises(LeadNotFound, match=f"No claim has the event id {number}"):
            await replay_claim(resources, number)


async def received_event(resources: Resources, lead: Lead) -> int:
    (record,) = await view_lead_events(resources, lead.id, after=0, limit=10)
    return record.id


async def test_a_claim_that_kept_nothing_is_not_judged(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await take(resources, "anna")
    await tamper(resources, "UPDATE lead_events SET details = NULL WHERE type = 'lead.claimed'")
    with pytest.raises(LeadNotFound, match="without what it was made from"):
        await replay_claim(resources, lead.id)


async def test_the_steps_foreseen_then_are_told_in_the_queues_zone(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await take(resources, "anna")
    replay: Replay = await replay_claim(resources, lead.id)
    assert [f"{step.at:%H:%M %Z}" for step in replay.steps] == ["12:05 MSK"]

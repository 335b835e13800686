"""What outcomes teach: counted once, with the claim's end, and slow to change a chance."""

import asyncio
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from sqlalchemy import text
from stories import Receive, put_policy, take

from service.flows.claims import settle_claim as settling
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.flows.upkeep.sum_outcomes import sum_outcomes
from service.leads.errors import ClaimGone, InvalidRequest, StorageFailed
from service.leads.lead import Channel, Intent, Kind, Lead, Outcomes, State
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.leads.history import LeadEvent
from service.storage.operators.operators import Queue, put_operator, put_queue
from service.storage.policies.conversions import observed_outcomes, uncount_outcome

WON = Settlement(Outcome.WON, amount=5000, note="paid")
LOST = Settlement(Outcome.LOST, reason="too dear", note="told")
CHATS = (Kind.CHAT, Intent.SALE)

Counted = dict[tuple[Kind, Intent], Outcomes]


async def counted(resources: Resources, queue: str = "main") -> Counted:
    return await observed_outcomes(resources.stores.database, queue)


async def end(resources: Resources, settlement: Settlement, operator: str = "anna") -> Lead:
    lead = await take(resources, operator)
    return await settle_claim(resources, lead.id, lead.claim.token, settlement)


async def existing(
    resources: Resources, won: int, lost: int, queue: str = "main", intent: Intent = Intent.SALE
) -> None:
    """So many claims of chats have ended, and every process knows."""
    statement = "INSERT INTO conversions VALUES (:queue, 'chat', :intent, :won, :lost)"
    values = {"queue": queue, "intent": intent.value, "won": won, "lost": lost}
    async with resources.stores.database.transaction() as connection:
        await connection.execute(text(statement), values)
    resources.stores.bases.forget()


@pytest.mark.parametrize(
    ("settlement", "outcomes"),
    [
        (WON, Outcomes(1, 0)),
        (LOST, Outcomes(0, 1)),
        (Settlement(Outcome.CANCELLED, reason="a joke", note="told"), Outcomes(0, 1)),
    ],
)
async def test_every_end_is_won_or_not(
    resources: Resources, receive: Receive, settlement: Settlement, outcomes: Outcomes
) -> None:
    await receive()
    await end(resources, settlement)
    assert await counted(resources) == {CHATS: outcomes}


async def test_who_is_called_again_is_counted_when_it_ends(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive(channel=Channel.PHONE)
    for minutes in (30, 180, 1440):
        await end(resources, Settlement(Outcome.NO_ANSWER))
        clock.pass_by(minutes=minutes)
        await keep_in_step(resources)
    await end(resources, Settlement(Outcome.CALLBACK))
    assert await counted(resources) == {}
    clock.pass_by(minutes=30)
    await keep_in_step(resources)
    await end(resources, Settlement(Outcome.NO_ANSWER))
    assert await counted(resources) == {(Kind.PHONE, Intent.SALE): Outcomes(0, 1)}


async def test_each_kind_intent_and_queue_counts_for_itself(
    resources: Resources, receive: Receive
) -> None:
    for sent in ({}, {"intent": Intent.RETURN}, {"channel": Channel.EMAIL}):
        await receive(**sent)
        await end(resources, LOST)
    one = Outcomes(0, 1)
    assert await counted(resources) == {
        CHATS: one,
        (Kind.CHAT, Intent.RETURN): one,
        (Kind.OFFLINE, Intent.SALE): one,
    }
    assert await counted(resources, "elsewhere") == {}


async def test_a_claim_ends_once_however_often_it_is_said(
    resources: Resources, receive: Receive
) -> None:
    await receive()
    lead = await take(resources, "anna")
    sent = [settle_claim(resources, lead.id, lead.claim.token, WON) for _ in range(10)]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert not any(isinstance(answer, Exception) for answer in answers), "it is repeated"
    assert await counted(resources) == {CHATS: Outcomes(1, 0)}


async def test_claims_that_end_at_once_are_all_counted(
    resources: Resources, receive: Receive
) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, Operator("anna", ("main",), capacity=15), NOON)
    resources.stores.directory.forget()
    for _ in range(15):
        await receive()
    held = [await take(resources, "anna") for _ in range(15)]
    ends = [WON if number < 10 else LOST for number in range(15)]
    await asyncio.gather(
        *(
            settle_claim(resources, lead.id, lead.claim.token, item)
            for lead, item in zip(held, ends, strict=True)
        )
    )
    assert await counted(resources) == {CHATS: Outcomes(10, 5)}


async def test_what_was_not_settled_counts_nothing(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    await receive()
    lead = await take(resources, "anna")
    with pytest.raises(ClaimGone):
        await settle_claim(resources, lead.id, "another token", WON)
    with pytest.raises(InvalidRequest):
        await settle_claim(resources, lead.id, lead.claim.token, Settlement(Outcome.LOST))

    def refused_by_its_table(*_: Any) -> LeadEvent:
        return LeadEvent("x", NOON, "anna", details={"a NUL": "\0"})

    monkeypatch.setattr(settling, "_event", refused_by_its_table)
    with pytest.raises(StorageFailed):
        await settle_claim(resources, lead.id, lead.claim.token, WON)
    assert await counted(resources) == {}
    assert (await view_lead(resources, lead.id)).state is State.CLAIMED


async def test_outcomes_that_are_summed_up_count_the_same(
    resources: Resources, receive: Receive
) -> None:
    for settlement in (WON, LOST, LOST):
        await receive()
        lead = await end(resources, settlement)
    await sum_outcomes(resources)
    assert await resources.stores.database.fetch("SELECT FROM fresh_outcomes") == []
    assert await counted(resources) == {CHATS: Outcomes(1, 2)}
    async with resources.stores.database.transaction() as connection:
        await uncount_outcome(connection, lead)
    assert await counted(resources) == {CHATS: Outcomes(1, 1)}
    await sum_outcomes(resources)
    assert await counted(resources) == {CHATS: Outcomes(1, 1)}


async def chance(resources: Resources, receive: Receive, **sent: Any) -> float:
    resources.stores.bases.forget()
    return (await receive(**sent)).ranking.chance


async def test_one_early_win_does_not_swing_a_chance(
    resources: Resources, receive: Receive
) -> None:
    assert await chance(resources, receive) == 0.45
    await end(resources, WON)
    assert 0.45 < await chance(resources, receive) < 0.46


async def test_many_losses_do(resources: Resources, receive: Receive) -> None:
    await existing(resources, won=100, lost=400)
    lead = await receive()
    assert lead.ranking.chance == pytest.approx((45 + 100) / 600)
    assert lead.ranking.explanation["chance"]["source"] == "kind chat, 100 of 500 won so far"


async def test_other_intents_and_queues_teach_nothing(
    resources: Resources, receive: Receive
) -> None:
    async with resources.stores.database.transaction() as connection:
        elsewhere = Queue("elsewhere", "elsewhere", "RUB", "Europe/Moscow")
        await put_queue(connection, elsewhere, resources.clock.now())
    await existing(resources, won=0, lost=500, queue="elsewhere")
    await existing(resources, won=0, lost=500, intent=Intent.RETURN)
    assert await chance(resources, receive) == 0.45
    assert await chance(resources, receive, intent=Intent.RETURN) == pytest.approx(9 / 600)


async def test_a_policy_that_does_not_learn_keeps_its_chances(
    resources: Resources, receive: Receive
) -> None:
    await existing(resources, won=100, lost=400)
    await put_policy(resources, learning={"enabled": False, "prior_weight": 100})
    assert await chance(resources, receive) == 0.45
    await end(resources, WON)
    assert await counted(resources) == {CHATS: Outcomes(101, 400)}


async def test_the_weight_of_the_policy_is_its_own(resources: Resources, receive: Receive) -> None:
    await put_policy(resources, learning={"enabled": True, "prior_weight": 10})
    await existing(resources, won=0, lost=5)
    assert await chance(resources, receive) == pytest.approx(4.5 / 15)


async def test_who_waits_keeps_his_chance_until_he_is_ranked_anew(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    await existing(resources, won=0, lost=500)
    clock.pass_by(minutes=5)
    await keep_in_step(resources)
    stepped = (await view_lead(resources, lead.id)).ranking
    assert (stepped.stage, stepped.chance, stepped.score) == (620, 0.45, lead.ranking.score)
    await put_policy(resources)
    await keep_in_step(resources)
    again = (await view_lead(resources, lead.id)).ranking
    assert (again.policy_version, again.chance) == (2, pytest.approx(45 / 600))
    assert again.score < lead.ranking.score

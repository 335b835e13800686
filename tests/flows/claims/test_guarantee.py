"""The guarantee as operators meet it: the longest-late lead, the decision, the view."""

from datetime import timedelta

from driven_clock import DrivenClock
from stories import Receive, put_policy

from service.explaining.sentences import sentences
from service.flows.claims.claim_next import claim_next
from service.flows.claims.view_line import view_line
from service.flows.upkeep.replay_claim import replay_claim
from service.leads.lead import Channel, Lead
from service.policies.reading import default_text
from service.policies.yaml_text import read_yaml
from service.resources import Resources

KINDS = read_yaml(default_text())["kinds"]
UNLIFTED = {**KINDS, "offline": {**KINDS["offline"], "escalations": []}}


async def late_and_fresh(
    resources: Resources, receive: Receive, clock: DrivenClock, *, every: int = 2
) -> tuple[Lead, list[Lead]]:
    """A request that is late, and fresh chats before it."""
    await put_policy(resources, guarantee={"every": every}, kinds=UNLIFTED)
    request = await receive(channel=Channel.EMAIL)
    clock.pass_by(hours=12)
    return request, [await receive(channel=Channel.WHATSAPP) for _ in range(3)]


async def test_the_longest_late_is_given_with_reason_count_and_whom_it_was_put_before(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    request, _ = await late_and_fresh(resources, receive, clock)
    first = await claim_next(resources, "anna")
    second = await claim_next(resources, "boris")
    assert first.decision is not None
    assert first.decision["guarantee"] is None
    assert second.lead is not None
    assert second.lead.id == request.id
    assert second.decision is not None
    assert second.decision["guarantee"] == {"every": 2, "count": 2}
    passed_over = second.decision["second"]
    assert isinstance(passed_over, dict)
    assert passed_over["behind_by"] is None
    assert passed_over["stage"] == 600
    replay = await replay_claim(resources, second.lead.id)
    assert replay.differences == []
    said = sentences(replay.explanation, replay.steps, replay.claim.decision, "en")
    assert any("late the longest" in sentence for sentence in said)
    assert any("was first: stage" in sentence for sentence in said)


async def test_the_view_names_the_late_lead_first_when_it_is_due_and_not_before(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    request, chats = await late_and_fresh(resources, receive, clock, every=3)
    orders, etags = [], []
    for operator in ("anna", "boris"):
        seen = await view_line(resources, operator, 10)
        orders.append(seen.leads[0].id)
        etags.append(seen.etag)
        await claim_next(resources, operator)
    seen = await view_line(resources, "anna", 10)
    assert orders == [chats[0].id, chats[1].id]
    assert seen.leads[0].id == request.id
    assert {lead.id for lead in seen.leads} == {request.id, chats[2].id}


async def test_a_live_call_goes_before_it(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await late_and_fresh(resources, receive, clock)
    await claim_next(resources, "anna")
    call = await receive(channel=Channel.PHONE, live=True)
    served = await claim_next(resources, "boris")
    assert served.lead is not None
    assert served.lead.id == call.id


async def test_without_a_guarantee_nobody_is_put_before_anybody(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await put_policy(resources, guarantee=None, kinds=UNLIFTED)
    request = await receive(channel=Channel.EMAIL)
    clock.pass_by(hours=6)
    chats = [await receive(channel=Channel.WHATSAPP) for _ in range(2)]
    given = [(await claim_next(resources, name)).lead for name in ("anna", "boris")]
    assert {lead.id for lead in given if lead} == {chat.id for chat in chats}
    assert request.ranking.late_at is not None
    assert request.ranking.late_at - request.signal.received_at == timedelta(hours=8)

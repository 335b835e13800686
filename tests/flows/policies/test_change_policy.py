"""A policy that is changed ranks everybody who is not settled anew, and stops no claim."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from builders import a_signal
from driven_clock import NOON, DrivenClock
from hypothesis import given
from hypothesis import strategies as st
from open_always import open_always
from stories import Receive, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.receive_signal import receive_signal
from service.flows.leads.view_leads import view_lead
from service.flows.operators.change_operator import change_operator
from service.flows.operators.change_queue import QueueRequest, change_queue
from service.flows.policies.change_policy import Revision, change_policy, restore_policy
from service.flows.policies.view_policy import view_policy
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import InvalidRequest, PolicyChanged, PolicyNotFound, QueueNotFound
from service.leads.lead import Channel, Kind, State
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.policies.rewriting import as_yaml, with_values
from service.policies.yaml_text import read_yaml
from service.resources import Resources, open_resources
from service.settings import Settings
from service.storage.leads.duplicates import Sender

TEXT = open_always()
CHATS_FIRST = TEXT.replace("usual_bill: 7000, stage: 600", "usual_bill: 7000, stage: 700")
CHATS_DEAR = TEXT.replace("usual_bill: 7000, stage: 600", "usual_bill: 9000, stage: 600")
MANY = 500
OPERATORS = 20
PATIENCE_SECONDS = 30
VERSIONS = "SELECT DISTINCT policy_version FROM leads WHERE state = ANY('{waiting,claimed,parked}')"


def revision(follows: int = 1, queue: str = "main") -> Revision:
    return Revision(queue, "head of sales", follows)


async def change(resources: Resources, text: str, follows: int = 1) -> None:
    assert (await change_policy(resources, revision(follows), text)).version == follows + 1


async def test_waiting_held_and_parked_leads_are_ranked_anew(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    parked, held, waiting = [await receive(budget=budget) for budget in (3000, 2000, 1000)]
    taken = await take(resources, "anna")
    later = Settlement(Outcome.CALLBACK, note="позже", until=clock.now() + timedelta(hours=1))
    await settle_claim(resources, taken.id, taken.claim.token, later)
    await take(resources, "anna")
    await change(
        resources, CHATS_FIRST.replace("{promised_callback: 750,", "{promised_callback: 760,")
    )
    await keep_in_step(resources)
    found = [await view_lead(resources, item.id) for item in (parked, held, waiting)]
    assert [item.state for item in found] == [State.PARKED, State.CLAIMED, State.WAITING]
    assert [item.ranking.stage for item in found] == [760, 700, 700]
    assert {item.ranking.policy_version for item in found} == {2}
    clock.pass_by(hours=1)
    await keep_in_step(resources)
    assert (await take(resources, "boris")).id == parked.id


async def test_the_line_is_served_in_the_new_order(resources: Resources, receive: Receive) -> None:
    call = await receive(channel=Channel.PHONE, live=True)
    chat = await receive()
    late = TEXT.replace("usual_bill: 6000, stage: 800", "usual_bill: 6000, stage: 10")
    await change(resources, late)
    await keep_in_step(resources)
    assert [(await take(resources, name)).id for name in ("anna", "boris")] == [chat.id, call.id]


async def test_settled_leads_keep_the_policy_that_they_were_ranked_by(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    held = await take(resources, "anna")
    lost = Settlement(Outcome.LOST, reason="передумал", note="написала в чат")
    await settle_claim(resources, held.id, held.claim.token, lost)
    await change(resources, CHATS_FIRST)
    await keep_in_step(resources)
    assert (await view_lead(resources, lead.id)).ranking.policy_version == 1


async def test_claims_go_on_while_many_are_ranked_anew(
    resources: Resources, clock: DrivenClock
) -> None:
    names = [f"operator-{number}" for number in range(OPERATORS)]
    for name in names:
        await change_operator(resources, Operator(name, ("main",), capacity=100))
    numbers = count()
    come = [
        receive_signal(resources, a_signal(received_at=NOON, budget=next(numbers)), Sender("tests"))
        for _ in range(MANY)
    ]
    ids = {item.lead.id for item in await asyncio.gather(*come)}
    await change(resources, CHATS_FIRST)
    ranking = asyncio.create_task(keep_in_step(resources))
    given: list[object] = []
    beside: list[int] = []
    ranking.add_done_callback(lambda _: beside.append(len(given)))

    async def serve(name: str) -> None:
        for _ in range(20):
            served = await claim_next(resources, name)
            assert served.lead is not None
            given.append(served.lead.id)

    await asyncio.gather(*(serve(name) for name in names))
    await ranking
    assert beside[0] > 0
    assert len(given) == len(set(given)) == 20 * OPERATORS
    await keep_in_step(resources)
    versions = await resources.stores.database.fetch(VERSIONS)
    assert [row["policy_version"] for row in versions] == [2]
    while (served := await claim_next(resources, names[len(given) % OPERATORS])).lead is not None:
        if served.lead.id in given:  # at capacity he is given what he holds
            break
        given.append(served.lead.id)
    line = await resources.stores.database.fetch("SELECT id FROM leads WHERE state = 'waiting'")
    assert {row["id"] for row in line} | set(given) == ids
    assert len(line) + len(given) == MANY


async def test_another_replica_ranks_by_it_without_a_restart(
    resources: Resources, settings: Settings, clock: DrivenClock
) -> None:
    async with open_resources(settings, clock) as other:
        assert (await other.stores.bases.of("main")).policy.version == 1
        await change(resources, CHATS_FIRST)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await other.stores.bases.of("main")).policy.version == 1:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        lead = (await receive_signal(other, a_signal(received_at=NOON), Sender("tests"))).lead
        assert (lead.ranking.stage, lead.ranking.policy_version) == (700, 2)


async def test_replicas_do_not_undo_each_other(
    resources: Resources, settings: Settings, clock: DrivenClock
) -> None:
    await view_policy(resources, "main")
    async with open_resources(settings, clock) as other:
        changes = [
            change_policy(item, revision(), TEXT + f"# {number}\n")
            for number, item in enumerate((resources, other) * 3)
        ]
        done = await asyncio.gather(*changes, return_exceptions=True)
    assert sum(isinstance(item, PolicyChanged) for item in done) == 5
    (winner,) = (item for item in done if not isinstance(item, BaseException))
    assert winner == await view_policy(resources, "main")


async def test_what_is_refused_changes_nothing(resources: Resources) -> None:
    with pytest.raises(InvalidRequest):
        await change_policy(resources, revision(), "currency: RUB")
    with pytest.raises(PolicyChanged):
        await change_policy(resources, revision(2), CHATS_FIRST)
    with pytest.raises(QueueNotFound):
        await change_policy(resources, revision(queue="nowhere"), CHATS_FIRST)
    with pytest.raises(PolicyNotFound):
        await restore_policy(resources, revision(), 2)
    assert (await view_policy(resources, "main")).text == TEXT


async def test_a_queue_that_is_changed_changes_only_two_values_of_its_policy(
    resources: Resources,
) -> None:
    await change_queue(resources, QueueRequest("east", "East", "RUB", "Europe/Moscow"), "tests")
    await change_policy(resources, revision(queue="east"), CHATS_DEAR)
    await change_queue(resources, QueueRequest("east", "East", "KZT", "Asia/Almaty"), "boss")
    found = await view_policy(resources, "east")
    assert (found.version, found.author) == (3, "boss")
    expected = CHATS_DEAR.replace("currency: RUB", 'currency: "KZT"', 1)
    assert found.text == expected.replace("time_zone: Europe/Moscow", 'time_zone: "Asia/Almaty"', 1)
    basis = await resources.stores.bases.of("east")
    assert (basis.policy.version, basis.policy.currency) == (3, "KZT")
    assert basis.policy.kinds[Kind.CHAT].usual_bill == 9000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\ncurrency: RUB  # рубли 🙂\n", 'a: 1\ncurrency: "KZT"  # рубли 🙂\n'),
        ("# 🙂\ncurrency: 'RUB'", '# 🙂\ncurrency: "KZT"'),
        ('{"currency": "RUB", "a": {"currency": "USD"}}',
         '{"currency": "KZT", "a": {"currency": "USD"}}'),
        ("\ufeffcurrency:\n  RUB\na: b\n", 'currency:\n  "KZT"\na: b\n'),
        ("currency: >-\n  RUB\na: b\n", 'currency: "KZT"a: b\n'),
    ],
)  # fmt: skip
def test_a_value_is_changed_where_it_stands(text: str, expected: str) -> None:
    assert with_values(text, {"currency": "KZT"}) == expected


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
numbers = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(words, values, max_size=5))
def test_json_written_as_yaml_reads_the_same(sent: dict[str, object]) -> None:
    assert read_yaml(as_yaml(sent)) == sent

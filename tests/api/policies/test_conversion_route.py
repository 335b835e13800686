"""How many leads become orders: what the policy says, what came of it, and what is made of both."""

from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, take_next
from stories import put_policy

from service.leads.lead import Kind, Outcomes
from service.ranking.conversion import posterior
from service.resources import Resources

CHANCES = {
    **{"office": 0.9, "phone": 0.4, "chat": 0.45, "self_order": 0.98},
    **{"offline": 0.3, "registration": 0.1, "task": 0.1},
}


async def conversion(client: httpx.AsyncClient, queue: str = "main") -> dict[str, Any]:
    answer = await client.get(f"/v1/queues/{queue}/conversion")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def of_chats(client: httpx.AsyncClient, intent: str = "sale") -> dict[str, Any]:
    """What is held of chats."""
    (found,) = (
        item
        for item in (await conversion(client))["chances"]
        if (item["kind"], item["intent"]) == ("chat", intent)
    )
    return dict(found)


async def settle(client: httpx.AsyncClient, outcome: str, **sent: Any) -> None:
    """A lead comes, is taken, and ends so."""
    more = {"won": {"amount": "5"}, "lost": {"reason": "too dear"}}[outcome]
    await post_lead(client, **sent)
    lead = await take_next(client)
    answer = await do(client, lead, "settle", outcome=outcome, note="told", **more)
    assert answer.status_code == 200, answer.text


async def test_before_any_outcome_the_policy_is_all_that_is_known(
    client: httpx.AsyncClient,
) -> None:
    found = await conversion(client)
    assert (found["queue"], found["policy_version"]) == ("main", 1)
    assert found["learning"] == {"enabled": True, "prior_weight": 100.0}
    assert found["calibration"] == []
    assert {item["kind"]: item["prior"] for item in found["chances"]} == CHANCES
    for item in found["chances"]:
        assert (item["intent"], item["prior_weight"]) == ("sale", 100.0)
        assert item["observed"] == {"won": 0, "lost": 0}
        assert item["chance"] == item["posterior"]["mean"] == pytest.approx(item["prior"])
        assert item["posterior"]["low"] < item["prior"] < item["posterior"]["high"]


async def test_outcomes_move_the_mean_and_the_interval(client: httpx.AsyncClient) -> None:
    for outcome in ("won", "lost", "lost"):
        await settle(client, outcome)
    found = await of_chats(client)
    assert found["observed"] == {"won": 1, "lost": 2}
    by_hand = posterior(0.45, 100, Outcomes(1, 2))
    assert found["posterior"] == {
        "mean": by_hand.mean,
        "low": by_hand.low,
        "high": by_hand.high,
    }
    assert found["chance"] == found["posterior"]["mean"] == pytest.approx(46 / 103)


async def test_an_intent_is_told_once_there_are_outcomes_of_it(client: httpx.AsyncClient) -> None:
    await settle(client, "won", intent="return")
    found = await conversion(client)
    assert [item["intent"] for item in found["chances"]].count("sale") == len(Kind)
    assert len(found["chances"]) == len(Kind) + 1
    returns = await of_chats(client, "return")
    assert (returns["prior"], returns["chance"]) == pytest.approx((0.09, 10 / 101))


async def test_where_the_policy_does_not_learn_the_prior_is_in_use(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    put = await put_policy(resources, learning={"enabled": False, "prior_weight": 1})
    await settle(client, "lost")
    found = await conversion(client)
    assert found["learning"] == {"enabled": False, "prior_weight": 1.0}
    assert found["policy_version"] == put.version
    chats = await of_chats(client)
    assert (chats["chance"], chats["posterior"]["mean"]) == pytest.approx((0.45, 0.225))


SETTLED = """
INSERT INTO leads (id, version, state, created_at, created_by, changed_at, queue, channel,
    received_at, source, live, intent, paid, kind, stage, score, cost_per_minute, rank, lane,
    policy_version, explanation, unanswered_calls, outcome, amount, reason, settled_at, settled_by,
    asked_at, callback_due, chance, timeline, counted)
SELECT gen_random_uuid(), 2, 'settled', $3, 'tests', $3, 'main', 'vk', $3, 'tests', false, 'sale',
    false, 'chat', 600, 50, 1, 1, 'everybody', 1, '{}', 0, CASE WHEN $2 THEN 'won' ELSE 'lost' END,
    1, 'x', $3, 'anna', $3, false, $1, '[]', true
FROM generate_series(1, $4)
"""


async def test_what_was_foretold_is_held_against_what_came_true_by_tenths(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    for chance, won, leads in (
        *((0.0, False, 2), (0.41, True, 3), (0.49, False, 1)),
        *((0.5, True, 1), (1.0, True, 3), (1.0, False, 1)),
    ):
        now = resources.clock.now()
        await resources.stores.database.fetch(SETTLED, chance, won, now, leads)
    assert (await conversion(client))["calibration"] == [
        {"least": 0.0, "most": 0.1, "leads": 2, "predicted": 0.0, "won": 0.0},
        {"least": 0.4, "most": 0.5, "leads": 4, "predicted": pytest.approx(0.43), "won": 0.75},
        {"least": 0.5, "most": 0.6, "leads": 1, "predicted": 0.5, "won": 1.0},
        {"least": 0.9, "most": 1.0, "leads": 4, "predicted": 1.0, "won": 0.75},
    ]


async def test_a_lead_is_held_against_the_chance_that_it_was_ranked_by(
    client: httpx.AsyncClient,
) -> None:
    await settle(client, "won", vin="XTA21124070445066")
    (band,) = (await conversion(client))["calibration"]
    assert band == {
        **{"least": 0.5, "most": 0.6, "leads": 1, "won": 1.0},
        "predicted": pytest.approx(0.45 * 1.2),
    }


async def test_a_queue_that_is_not_there_has_no_chances(client: httpx.AsyncClient) -> None:
    problem_in(await client.get("/v1/queues/nowhere/conversion"), 404, "queue-not-found")

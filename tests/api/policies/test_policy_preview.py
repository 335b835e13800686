"""What a candidate policy would reorder right now; nothing moves."""

from typing import Any

import httpx
import pytest
from doors import post_lead, problem_in, rows, take_next
from driven_clock import DrivenClock
from open_always import open_always
from policy_doors import CALLS_LATE, CHATS_FIRST, MAIN, YAML, in_force, put_next
from redis.asyncio import Redis

from service.flows.policies.preview_policy import preview_policy
from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources


async def preview(client: httpx.AsyncClient, text: str) -> dict[str, Any]:
    answer = await client.post(f"{MAIN}/preview", content=text, headers={"Content-Type": YAML})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def line(client: httpx.AsyncClient, clock: DrivenClock) -> list[dict[str, Any]]:
    """Three calls and two chats that wait, in the order of the line, and one chat that is held."""
    held = await post_lead(client, budget=1_000_000)
    assert (await take_next(client))["id"] == held["id"]
    calls = []
    for _ in range(3):
        calls.append(await post_lead(client, channel="phone"))
        clock.pass_by(seconds=1)
    cheap, dear = [await post_lead(client, budget=budget) for budget in (100, 90_000)]
    return [*calls, dear, cheap]


def ids(leads: list[dict[str, Any]]) -> list[str]:
    return [lead["id"] for lead in leads]


async def test_an_empty_line_has_nothing_to_move(client: httpx.AsyncClient) -> None:
    found = await preview(client, CALLS_LATE)
    assert found == {
        **{"queue": "main", "at": "2026-06-10T09:00:00Z", "policy_version": 1, "complete": True},
        **{"leads": 0, "moved": 0, "first_before": [], "first_after": [], "top": []},
        **{
            "by_kind": [],
            "examples": found["examples"],
            "cost_per_minute_before": "0.00",
            "cost_per_minute_after": "0.00",
            "likely_lost_before": "0.00",
            "likely_lost_after": "0.00",
        },
        **{"mode": "calm", "other_mode": None, "operators": 1.0},
    }


async def test_the_policy_in_force_would_move_nobody(
    client: httpx.AsyncClient, line: list[dict[str, Any]]
) -> None:
    found = await preview(client, open_always())
    assert (found["leads"], found["moved"], found["top"]) == (5, 0, [])
    assert found["first_before"] == found["first_after"] == ids(line)
    assert found["cost_per_minute_before"] == found["cost_per_minute_after"]
    assert found["likely_lost_before"] == found["likely_lost_after"] != "0.00"


async def test_who_would_move_and_why_is_told(
    client: httpx.AsyncClient, line: list[dict[str, Any]]
) -> None:
    found = await preview(client, CALLS_LATE)
    first, second, third, dear, cheap = ids(line)
    assert found["first_before"] == [first, second, third, dear, cheap]
    assert found["first_after"] == [dear, cheap, first, second, third]
    assert found["moved"] == 5
    moves = [(item["lead_id"], item["place_before"], item["place_after"]) for item in found["top"]]
    assert moves == [
        *((dear, 4, 1), (cheap, 5, 2)),
        *((first, 1, 3), (second, 2, 4), (third, 3, 5)),
    ]
    (call,) = (item for item in found["top"] if item["lead_id"] == first)
    assert (call["kind"], call["stage_before"], call["stage_after"]) == ("phone", 800, 10)
    assert call["score_before"] == call["score_after"]
    title = "Kinds of leads go in a fixed order, from the office to registrations."
    before = {"value": 800, "source": "kind phone", "rule": "A2", "title": title}
    assert call["why"] == [{"what": "stage", "before": before, "after": {**before, "value": 10}}]
    assert found["top"][0]["why"] == []


async def test_what_changes_in_the_score_is_told(
    client: httpx.AsyncClient, line: list[dict[str, Any]]
) -> None:
    text = open_always().replace("chance: 0.45, urgency: 0.50", "chance: 0.45, urgency: 1.0")
    text = text.replace("score: {c0: 0.1,", "score: {c0: 0.2,")
    found = await preview(client, text.replace("stage: 600, ties", "stage: 900, ties"))
    (dear,) = (item for item in found["top"] if item["lead_id"] == line[3]["id"])
    assert [item["what"] for item in dear["why"]] == ["urgency", "stage", "formula", "index"]
    assert dear["why"][0]["before"]["value"] == 0.5
    assert dear["why"][0]["after"]["value"] == 1.0
    assert dear["score_before"] < dear["score_after"]


async def test_totals_are_given_by_kind(
    client: httpx.AsyncClient, line: list[dict[str, Any]]
) -> None:
    as_offline = CALLS_LATE.replace("whatsapp: chat", "whatsapp: offline")
    found = await preview(client, as_offline)
    offline, phone = found["by_kind"]
    assert (offline["kind_before"], offline["kind_after"]) == ("chat", "offline")
    assert (offline["leads"], offline["moved_up"], offline["moved_down"]) == (2, 2, 0)
    assert (phone["kind_before"], phone["kind_after"], phone["leads"]) == ("phone", "phone", 3)
    assert (phone["moved_up"], phone["moved_down"]) == (0, 3)
    assert phone["cost_per_minute_before"] == phone["cost_per_minute_after"] == "7200.00"
    before = sum(float(item["cost_per_minute_before"]) for item in found["by_kind"])
    assert float(found["cost_per_minute_before"]) == pytest.approx(before, abs=0.02)
    assert float(offline["cost_per_minute_after"]) < float(offline["cost_per_minute_before"])


async def test_a_preview_is_what_then_comes_true(
    client: httpx.AsyncClient, line: list[dict[str, Any]], resources: Resources
) -> None:
    foreseen = (await preview(client, CALLS_LATE))["first_after"]
    await put_next(client, CALLS_LATE, 2)
    await keep_in_step(resources)
    await client.put("/v1/operators/boris", json={"capacity": 5})
    served = [(await take_next(client, "boris"))["id"] for _ in line]
    assert served == foreseen


async def test_nothing_is_written_and_nothing_moves(
    client: httpx.AsyncClient, line: list[dict[str, Any]], resources: Resources, redis: Redis
) -> None:
    async def everything() -> tuple[Any, ...]:
        leads = (await client.get("/v1/leads")).json()
        keys = {key: await redis.dump(key) for key in sorted(await redis.keys())}
        return leads, await rows(resources), await in_force(client), keys

    before = await everything()
    first, second = await preview(client, CHATS_FIRST), await preview(client, CHATS_FIRST)
    assert first == second
    assert await everything() == before


async def test_the_fifty_greatest_moves_are_enough(client: httpx.AsyncClient) -> None:
    for _ in range(55):
        await post_lead(client)
    await post_lead(client, channel="phone")
    found = await preview(client, CALLS_LATE)
    assert (found["moved"], len(found["top"]), len(found["first_after"])) == (56, 50, 10)
    greatest = found["top"][0]
    assert (greatest["kind"], greatest["place_before"], greatest["place_after"]) == ("phone", 1, 56)


async def test_a_line_that_is_too_long_is_cut_off(
    client: httpx.AsyncClient, line: list[dict[str, Any]], resources: Resources
) -> None:
    whole = await preview_policy(resources, "main", CALLS_LATE, limit=5)
    part = await preview_policy(resources, "main", CALLS_LATE, limit=4)
    assert (whole.complete, whole.comparison.leads) == (True, 5)
    assert (part.complete, part.comparison.leads) == (False, 4)


async def test_a_queue_that_is_not_there_has_no_line(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/queues/nowhere/policy/preview",
        content=CHATS_FIRST,
        headers={"Content-Type": YAML},
    )
    problem_in(answer, 404, "queue-not-found")

"""A scripted hour, and its figures computed by hand; and which times may be asked for."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, take_next, wrong_fields
from driven_clock import NOON, DrivenClock

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

STATS = "/v1/queues/main/operators/stats"


async def stats_of(client: httpx.AsyncClient, **params: str) -> dict[str, dict[str, Any]]:
    answer = await client.get(STATS, params=params)
    assert answer.status_code == 200, answer.text
    return {item["operator"]: item for item in answer.json()["operators"]}


def counts(item: dict[str, Any], *names: str) -> list[tuple[int, str]]:
    return [(item[name]["leads"], item[name]["stake"]) for name in names]


async def taken_after(
    client: httpx.AsyncClient, clock: DrivenClock, operator: str, budget: str, minutes: float
) -> dict[str, Any]:
    """A lead of that budget comes, and the operator is given it so many minutes later."""
    await post_lead(client, budget=budget)
    clock.pass_by(minutes=minutes)
    return await take_next(client, operator)


async def scripted_hour(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    """Anna is offered 1000, 2000 and 4000, and picks 8000; boris is offered 3000 and 5000."""
    won = await taken_after(client, clock, "anna", "1000", 1)
    clock.pass_by(minutes=1)
    await do(client, won, "settle", outcome="won", amount="900", note="paid")
    released = await taken_after(client, clock, "anna", "2000", 3)
    await do(client, released, "release", reason="lunch")
    clock.pass_by(seconds=1)
    lost = await take_next(client, "boris")  # of 2000, not its first answer
    clock.pass_by(seconds=30)
    await do(client, lost, "settle", outcome="lost", reason="price", note="told")
    await taken_after(client, clock, "anna", "4000", 5)
    clock.pass_by(minutes=3)
    await keep_in_step(resources)  # her lease is over
    stored = await take_next(client, "boris")
    await do(client, stored, "settle", outcome="callback", note="later")
    picked = await post_lead(client, budget="8000")
    await client.post(f"/v1/leads/{picked['id']}/claim", json={"operator": "anna"})
    clock.pass_by(seconds=1)


async def test_the_figures_of_a_scripted_hour(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await scripted_hour(client, resources, clock)
    found = await stats_of(client)
    anna, boris = found["anna"], found["boris"]
    assert counts(anna, "offered", "taken", "declined", "released", "expired", "picked") == [
        (3, "7000.00"), (1, "1000.00"), (0, "0.00"), (1, "2000.00"), (1, "4000.00"), (1, "8000.00"),
    ]  # fmt: skip
    assert [anna[name]["share"] for name in ("taken", "released", "expired")] == [
        round(part / 7000, 4) for part in (1000, 2000, 4000)
    ]
    assert anna["outcomes"] == {"won": 1}
    # answered after 1, 3, 5 and 0 minutes
    assert anna["first_answer_median_seconds"] == 120
    assert anna["first_answer_95_percent_seconds"] == pytest.approx(180 + 0.85 * 120)
    assert (anna["handling_median_seconds"], anna["handling_95_percent_seconds"]) == (60, 60)
    assert counts(boris, "offered", "taken", "picked") == [
        (2, "6000.00"), (2, "6000.00"), (0, "0.00"),
    ]  # fmt: skip
    assert boris["outcomes"] == {"lost": 1, "callback": 1}
    assert boris["first_answer_median_seconds"] is None
    assert boris["handling_median_seconds"] == 15


async def test_a_claim_counts_where_it_began_with_its_end_whenever_that_was(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    lead = await taken_after(client, clock, "anna", "1000", 1)
    clock.pass_by(hours=1)
    await do(client, lead, "settle", outcome="won", amount="900", note="paid")
    began, after = NOON.isoformat(), (NOON + timedelta(minutes=2)).isoformat()
    found = await stats_of(client, since=began, until=after)
    assert found["anna"]["outcomes"] == {"won": 1}
    assert await stats_of(client, since=after) == {}
    exactly = (NOON + timedelta(minutes=1)).isoformat()
    assert "anna" in await stats_of(client, since=exactly)
    assert await stats_of(client, since=began, until=exactly) == {}


async def test_other_queues_and_other_days_are_not_counted(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await client.put("/v1/queues/parts", json={})
    await taken_after(client, clock, "anna", "1000", 1)
    answer = (await client.get("/v1/queues/parts/operators/stats")).json()
    assert (answer["queue"], answer["operators"]) == ("parts", [])
    clock.pass_by(hours=24, seconds=1)
    assert await stats_of(client) == {}
    whole = await client.get(STATS)
    assert whole.json()["since"] == (clock.now() - timedelta(hours=24)).isoformat()[:19] + "Z"


async def test_the_figures_are_at_most_five_seconds_old(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    assert await stats_of(client) == {}
    await taken_after(client, clock, "anna", "1000", 0)
    clock.pass_by(seconds=4)
    assert await stats_of(client) == {}
    clock.pass_by(seconds=1)
    assert "anna" in await stats_of(client)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"since": "2026-06-10T12:00:00Z", "until": "2026-06-10T12:00:00Z"}, "since"),
        ({"since": "2026-06-11T12:00:00Z", "until": "2026-06-10T12:00:00Z"}, "since"),
        ({"since": "2026-05-01T12:00:00Z", "until": "2026-06-10T12:00:00Z"}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-06-10"}, "until"),
        ({"until": "0001-01-01T00:00:00Z"}, "until"),
    ],
)
async def test_a_time_that_cannot_be_counted_is_refused(
    client: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    assert wrong_fields(await client.get(STATS, params=params)) == [field]


async def test_an_unknown_queue_has_no_operators(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/queues/nowhere/operators/stats")
    problem_in(answer, 404, "queue-not-found")

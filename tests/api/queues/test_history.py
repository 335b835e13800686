"""A queue's history over HTTP."""

from datetime import timedelta

import httpx
import pytest
from doors import Newcomer
from driven_clock import DrivenClock

from service.flows.upkeep.count_hours import count_hours
from service.resources import Resources

HISTORY = "/v1/queues/main/history"


async def test_what_came_in_and_was_served_is_told_by_the_step(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    (await client.post("/v1/leads", json={"channel": "whatsapp"})).raise_for_status()
    clock.moment += timedelta(seconds=40)
    (await client.post("/v1/operators/anna/next")).raise_for_status()
    await count_hours(resources)
    for step in ("hour", "day"):
        told = (await client.get(f"{HISTORY}?step={step}")).json()
        assert (told["step"], told["time_zone"], told["currency"]) == (
            step,
            "Europe/Moscow",
            "RUB",
        )
        (point,) = told["points"]
        assert point["at"].endswith("+03:00")
        assert (point["kind"], point["received"], point["served"]) == ("chat", 1, 1)
        assert 30 <= point["first_answer_p50"] <= 45
        assert 30 <= point["first_answer_p90"] <= 45
        assert point["amount"] == "0.00"


async def test_since_bounds_what_is_told(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    (await client.post("/v1/leads", json={"channel": "whatsapp"})).raise_for_status()
    later = (clock.now() + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    clock.moment += timedelta(hours=3)
    await count_hours(resources)
    assert (await client.get(f"{HISTORY}?step=hour&since={later}")).json()["points"] == []
    assert len((await client.get(f"{HISTORY}?step=day&since={later}")).json()["points"]) == 1


@pytest.mark.parametrize(
    "query", ["step=week", "since=yesterday", "step=hour&since=2020-01-01T00:00:00Z", "limit=3"]
)
async def test_what_history_does_not_take(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"{HISTORY}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"]


async def test_a_history_of_nowhere(client: httpx.AsyncClient, newcomer: Newcomer) -> None:
    assert (await client.get("/v1/queues/nowhere/history")).status_code == 404
    program = await newcomer("operate")
    assert (await program.get(HISTORY)).status_code == 403

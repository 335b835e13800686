"""The worked cases of the business rules, posted and served over HTTP under a driven clock."""

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import do, post_lead
from driven_clock import DrivenClock
from stories import put_policy

from service.resources import Resources

FILE = Path(__file__).parents[1] / "ranking" / "cases.json"
CASES = json.loads(FILE.read_text("utf-8"))["cases"]


def id_of(case: dict[str, Any]) -> str:
    return str(case["name"])


async def prepare(case: dict[str, Any], resources: Resources, clock: DrivenClock) -> None:
    """The case's moment, and its hours and cut-off in the queue's policy."""
    clock.moment = datetime.fromisoformat(case["now"])
    parts: dict[str, Any] = {}
    if "hours" in case:
        parts["hours"] = {"weekly": case["hours"]}
    if "cutoff" in case:
        parts["cutoff"] = {"at": case["cutoff"]}
    if parts:
        await put_policy(resources, **parts)


async def serve_all(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Take and settle one lead after the other, as one operator does."""
    served = []
    while (answer := await client.post("/v1/operators/anna/next")).status_code == 200:
        served.append(answer.json())
        await do(client, served[-1], "settle", outcome="lost", reason="a test", note="a test")
    return served


@pytest.mark.parametrize("case", CASES, ids=id_of)
async def test_leads_are_served_in_the_order_of_the_case(
    case: dict[str, Any], client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await prepare(case, resources, clock)
    for lead in case["leads"]:
        sent = {name: value for name, value in lead.items() if name != "id"}
        await post_lead(client, **{**sent, "external_id": lead["id"]})
    served = await serve_all(client)
    assert [lead["external_id"] for lead in served] == case["order"]
    found = {lead["external_id"]: lead for lead in served}
    for name, score in case.get("scores", {}).items():
        assert found[name]["score"] == score
    for name, kind in case.get("kinds", {}).items():
        assert found[name]["kind"] == kind


async def test_the_same_leads_posted_in_any_order_give_the_same_line(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    clock.moment = datetime.fromisoformat("2026-06-10T12:00:00+03:00")
    reported = (lead for case in CASES for lead in case["leads"])
    leads = [
        item for item in reported if datetime.fromisoformat(item["received_at"]) <= clock.moment
    ]
    lines = [await line_of(client, f"shuffled-{seed}", leads, seed) for seed in range(4)]
    assert len(lines[0]) == len(leads) > 15
    assert lines.count(lines[0]) == 4


async def line_of(
    client: httpx.AsyncClient, queue: str, leads: list[dict[str, Any]], seed: int
) -> list[tuple[Any, ...]]:
    """The line of a queue to which the leads were posted in an order of the seed's.

    Leads of one second and rank follow their ids, which come with the posting: who of them is
    who is left out.
    """
    await client.put(f"/v1/queues/{queue}", json={})
    await client.put("/v1/operators/carol", json={"queues": [queue]})
    for number in random.Random(seed).sample(range(len(leads)), len(leads)):
        stated = {name: value for name, value in leads[number].items() if name != "id"}
        await post_lead(client, **{**stated, "queue": queue})
    line = (await client.get("/v1/operators/carol/queue?limit=200")).json()["leads"]
    return [(item["kind"], item["stage"], item["score"], item["received_at"]) for item in line]

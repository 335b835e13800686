"""/metrics: who may read it, what is there from the first scrape, what moves."""

import re
from pathlib import Path

import httpx
import pytest
from doors import Newcomer
from driven_clock import DrivenClock
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from stories import Receive

from service.leads.lead import Channel
from service.main import create_app
from service.metrics import families
from service.metrics.families import ALL
from service.resources import Resources
from service.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(nextlead_\w+)` \| (\w+) \| ([^|]*) \| (.*) \|$", re.MULTILINE)
Series = tuple[tuple[str, str], ...]


async def scraped(program: httpx.AsyncClient) -> dict[str, dict[Series, float]]:
    answer = await program.get("/metrics")
    assert answer.status_code == 200
    found: dict[str, dict[Series, float]] = {}
    for metric in text_string_to_metric_families(answer.text):
        for sample in metric.samples:
            series = tuple(sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[series] = sample.value
    return found


def of(found: dict[str, dict[Series, float]], name: str, **labels: str) -> float:
    return found.get(f"nextlead_{name}", {}).get(tuple(sorted(labels.items())), 0.0)


@pytest.mark.parametrize("scope", ["metrics", "read"])
async def test_a_key_of_either_scope_reads_it(newcomer: Newcomer, scope: str) -> None:
    answer = await (await newcomer(scope)).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")


async def test_no_key_and_another_scope_are_refused(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    answer = await client.get("/metrics", headers={"Authorization": ""})
    assert answer.status_code == 401
    answer = await (await newcomer("operate")).get("/metrics")
    assert answer.status_code == 403


async def test_a_key_of_metrics_reads_nothing_else(newcomer: Newcomer) -> None:
    answer = await (await newcomer("metrics")).get("/v1/queues")
    assert answer.status_code == 403


async def test_every_family_has_its_type_from_the_first_scrape(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics")).text
    typed = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)
    assert typed == [(family.name, family.kind) for family in ALL]
    assert len(typed) >= 20
    assert all(name.startswith("nextlead_") for name, _ in typed)


def test_the_page_lists_every_family_with_its_meaning() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    declared = [
        (
            family.name,
            family.kind,
            ", ".join(f"`{label}`" for label in family.labels),
            family.meaning,
        )
        for family in ALL
    ]
    assert rows == declared


async def test_a_leads_way_moves_the_figures(client: httpx.AsyncClient, clock: DrivenClock) -> None:
    before = await scraped(client)
    await client.post("/v1/leads", json={"channel": "site_chat", "text": "тормозные колодки"})
    waiting = await scraped(client)
    assert of(waiting, "queue_waiting", queue="main", kind="chat") == 1
    assert of(waiting, "queue_cost_per_minute", queue="main", kind="chat", currency="RUB") > 0
    clock.pass_by(seconds=20)
    aged = await scraped(client)
    assert of(aged, "queue_oldest_wait_seconds", queue="main", kind="chat") == 20
    lead = (await client.post("/v1/operators/anna/next")).json()
    token = lead["claim"]["token"]
    ended = {"token": token, "outcome": "won", "amount": "100", "note": "paid"}
    assert (await client.post(f"/v1/leads/{lead['id']}/settle", json=ended)).status_code == 200
    after = await scraped(client)
    for name, labels in (
        ("leads_received_total", {"kind": "chat", "source": "tests", "result": "opened"}),
        ("claims_total", {"result": "served", "via": "line"}),
        ("leads_ended_total", {"kind": "chat", "source": "tests", "outcome": "won"}),
        ("requests_total", {"route": "/v1/leads", "method": "POST", "status": "201"}),
        ("request_seconds_count", {"route": "/v1/leads", "method": "POST"}),
        ("first_claim_seconds_count", {"kind": "chat"}),
    ):
        assert of(after, name, **labels) - of(before, name, **labels) == 1, name
    waited = {"kind": "chat"}
    assert of(after, "first_claim_seconds_sum", **waited) - of(
        before, "first_claim_seconds_sum", **waited
    ) == pytest.approx(20)
    assert of(after, "queue_waiting", queue="main", kind="chat") == 0


async def test_a_second_claim_is_no_first_one(
    client: httpx.AsyncClient, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.SITE_CHAT)
    for _ in range(2):
        clock.pass_by(seconds=5)
        before = await scraped(client)
        taken = (await client.post("/v1/operators/anna/next")).json()
        token = {"token": taken["claim"]["token"]}
        assert (await client.post(f"/v1/leads/{lead.id}/release", json=token)).status_code == 200
    after = await scraped(client)
    assert of(after, "claims_total", result="served", via="line") == 1 + of(
        before, "claims_total", result="served", via="line"
    )
    first = {"kind": "chat"}
    assert of(after, "first_claim_seconds_count", **first) == of(
        before, "first_claim_seconds_count", **first
    )


async def test_sources_that_requests_name_are_one_series(client: httpx.AsyncClient) -> None:
    before = await scraped(client)
    for number in range(3):
        sent = {
            "channel": "email",
            "source": f"+7916000000{number}",
            "external_id": "1",
            "text": "x",
        }
        assert (await client.post("/v1/leads", json=sent)).status_code == 201
    after = await scraped(client)
    labels = {"source": "api", "result": "opened"}
    kinds = {dict(series)["kind"] for series in after["nextlead_leads_received_total"]}
    added = sum(
        of(after, "leads_received_total", kind=kind, **labels)
        - of(before, "leads_received_total", kind=kind, **labels)
        for kind in kinds
    )
    assert added == 3
    assert "+7916" not in (await client.get("/metrics")).text


async def test_routes_and_methods_are_bounded(client: httpx.AsyncClient) -> None:
    await client.get("/nowhere/+79161234567")
    await client.request("PURGE", "/v1/leads")
    text = (await client.get("/metrics")).text
    assert "+7916" not in text
    assert "PURGE" not in text
    assert of(
        await scraped(client), "requests_total", route="unmatched", method="GET", status="404"
    )


async def test_who_is_off_shift_is_refused(client: httpx.AsyncClient) -> None:
    await client.put("/v1/operators/anna/presence", json={"status": "offline"})
    before = await scraped(client)
    assert (await client.post("/v1/operators/anna/next")).status_code == 409
    after = await scraped(client)
    refused = {"result": "refused", "via": ""}
    assert of(after, "claims_total", **refused) - of(before, "claims_total", **refused) == 1
    assert of(after, "operators", presence="offline") >= 1


async def test_the_port_answers_metrics_without_a_key_and_nothing_else(
    settings: Settings, clock: DrivenClock, resources: Resources
) -> None:
    app = create_app(settings.model_copy(update={"metrics_port": 9464}), clock)
    app.state.resources = resources
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9464") as there:
        answer = await there.get("/metrics")
        assert answer.status_code == 200
        assert "nextlead_workers 1.0" in answer.text
        for path in ("/readyz", "/v1/queues", "/", "/docs"):
            assert (await there.get(path)).status_code == 404, path
        assert (await there.post("/metrics")).status_code == 404
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as usual:
        assert (await usual.get("/metrics")).status_code == 401


async def test_a_redis_that_is_away_takes_only_its_own_figures(
    settings: Settings, clock: DrivenClock, receive: Receive
) -> None:
    await receive(channel=Channel.SITE_CHAT)
    nowhere = settings.model_copy(
        update={"redis_url": SecretStr("redis://127.0.0.1:1/0"), "metrics_port": 9464}
    )
    app = create_app(nowhere, clock)
    async with app.router.lifespan_context(app):
        found = await scraped(program_at(app, 9464))
    assert of(found, "store_up", store="redis") == 0
    assert of(found, "store_up", store="postgres") == 1
    assert of(found, "line_degraded", queue="main") == 1
    assert of(found, "queue_waiting", queue="main", kind="chat") == 1
    assert of(found, "store_errors_total", store="redis", error="away") >= 1


def program_at(app: FastAPI, port: int) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}")


def test_no_family_names_people() -> None:
    labels = {label for family in ALL for label in family.labels}
    assert labels.isdisjoint({"lead", "operator", "client", "customer", "phone", "key"})
    assert families.OPERATORS.labels == ("presence",)

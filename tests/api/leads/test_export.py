"""All leads go out: as programs read them, as spreadsheets open them, and in again."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
from doors import post_lead, take_next, wrong_fields
from driven_clock import DrivenClock
from sqlalchemy import text

from service.flows.leads import export_leads as exporting
from service.resources import Resources

PATH = "/v1/leads/export"
FULL = {
    "channel": "site_order",
    "external_id": "order-1",
    "source": "shop",
    "received_at": "2026-06-10T08:00:00.123456Z",
    "customer": {
        **{"external_id": "c-1", "name": "Ирина; «Ёлка»", "phone": "+79161234567"},
        **{"email": "irina@example.ru", "messengers": {"telegram": "42"}},
    },
    "text": '=HYPERLINK("http://x")\nи "кавычки", да',
    "items": [{"name": "-20% масло", "quantity": "1.5", "price": "450.90"}],
    "budget": "5000.50",
    "urgency": 0.123456789,
    "needed_by": "2026-06-11T08:00:00Z",
    "vin": "XTA210990Y2766389",
    "paid": True,
    "attributes": {"город": "Тверь", "n": [1, None]},
}
TASK = {
    **{"channel": "crm_task", "external_id": "t-1", "source": "crm"},
    "task": {"campaign": "birthday", "operator": "anna", "expires_at": "2026-12-31T00:00:00Z"},
}
SEVERAL = {"channel": "vk", "external_id": "'=1", "items": [{"name": "a"}, {"name": "b"}]}
SAID = (
    *("queue", "kind", "channel", "source", "external_id", "received_at", "live", "customer"),
    *("text", "items", "budget", "urgency", "needed_by", "vin", "intent", "paid", "attributes"),
    "task",
)


async def export(client: httpx.AsyncClient, **query: Any) -> httpx.Response:
    answer = await client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def exported(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """What the lines of NDJSON say."""
    return [json.loads(line) for line in (await export(client, **query)).text.splitlines()]


def table(answer: httpx.Response, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of CSV as any program reads them."""
    text = answer.content.decode("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)]


async def test_each_line_is_the_lead_as_it_is_shown(client: httpx.AsyncClient) -> None:
    posted = [await post_lead(client, **item) for item in (FULL, TASK, SEVERAL)]
    answer = await export(client)
    assert answer.headers["content-type"] == "application/x-ndjson"
    shown = [(await client.get(f"/v1/leads/{item['id']}")).json() for item in posted]
    assert [json.loads(line) for line in answer.text.splitlines()] == shown


async def test_tokens_are_not_exported(client: httpx.AsyncClient) -> None:
    await post_lead(client)
    token = (await take_next(client))["claim"]["token"]
    (lead,) = await exported(client)
    assert (lead["claim"]["operator"], lead["claim"]["token"]) == ("anna", None)
    assert token not in (await export(client, format="csv")).text


async def test_leads_are_chosen_by_queue_state_and_time(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await client.put("/v1/queues/parts", json={})
    await post_lead(client, external_id="1")
    await take_next(client)
    clock.pass_by(hours=1)
    await post_lead(client, external_id="2")
    later = clock.now().isoformat()
    clock.pass_by(hours=1)
    await post_lead(client, external_id="3", queue="parts")

    async def ids(**query: str) -> list[str]:
        return [lead["external_id"] for lead in await exported(client, **query)]

    assert await ids() == ["1", "2", "3"]
    assert await ids(queue="parts") == ["3"]
    assert await ids(state="claimed") == ["1"]
    assert await ids(since=later) == ["2", "3"]
    assert await ids(until=later) == ["1"]
    assert await ids(since=later, queue="main") == ["2"]
    assert await ids(state="settled") == []


async def test_pages_follow_each_other_without_a_gap(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 3)
    for number in range(9):
        await post_lead(client, external_id=str(number), channel=["vk", "email"][number % 2])
    ids = [lead["external_id"] for lead in await exported(client)]
    assert ids == [str(number) for number in range(9)]
    assert len(table(await export(client, format="csv"))) == 9


@pytest.mark.parametrize(
    "query", [{"format": "ndjson"}, {"format": "csv"}, {"format": "csv", "excel": "1"}]
)
async def test_what_was_exported_can_be_imported(
    client: httpx.AsyncClient, resources: Resources, query: dict[str, str]
) -> None:
    for item in (FULL, TASK, SEVERAL):
        await post_lead(client, **item)
    before, file = await exported(client), (await export(client, **query)).content
    async with resources.stores.database.transaction() as connection:
        for emptied in ("lead_events", "lead_signals", "lead_identities", "leads", "customers"):
            await connection.execute(text(f"DELETE FROM {emptied}"))
    headers = {"Content-Type": "text/csv" if "csv" in query["format"] else "application/x-ndjson"}
    report = (await client.post("/v1/leads/import", content=file, headers=headers)).json()
    assert (report["created"], report["errors"]) == (3, [])
    after = {lead["external_id"]: lead for lead in await exported(client)}
    for lead in before:
        again = after[lead["external_id"]]
        assert {name: again[name] for name in SAID} == {name: lead[name] for name in SAID}
    report = (await client.post("/v1/leads/import", content=file, headers=headers)).json()
    assert (report["repeated"], report["errors"]) == (3, [])


async def test_no_cell_is_a_formula(client: httpx.AsyncClient) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "+7916=cmd|' /C calc'!A0"]
    for number, item in enumerate(evil):
        attributes = {"customer": {"external_id": f"c{number}", "name": item, "phone": item}}
        await post_lead(client, text=item, external_id=item, **attributes)
    for query, delimiter in (({}, ","), ({"excel": "1"}, ";")):
        rows = table(await export(client, format="csv", **query), delimiter)
        cells = [cell for row in rows for cell in row.values() if cell]
        assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
        assert [row["text"] for row in rows] == [f"'{item}" for item in evil]


async def test_a_phone_is_bare_for_programs_and_guarded_for_excel(
    client: httpx.AsyncClient,
) -> None:
    await post_lead(client, **FULL)
    (row,) = table(await export(client, format="csv"))
    assert (row["customer.phone"], row["budget"]) == ("+79161234567", "5000.50")
    answer = await export(client, format="csv", excel="1")
    assert answer.content.startswith(b"\xef\xbb\xbfid;state;")
    (row,) = table(answer, ";")
    assert (row["customer.phone"], row["budget"]) == ("'+79161234567", "5000,50")
    assert (row["item.quantity"], row["items"]) == ("1,5", "")


async def test_without_leads_there_is_a_header_or_nothing(client: httpx.AsyncClient) -> None:
    assert (await export(client)).content == b""
    answer = await export(client, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("id,state,queue,kind,channel,")
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"queue": "nowhere"}, "queue"),
        ({"state": "lost"}, "state"),
        ({"since": "yesterday"}, "since"),
        ({"format": "xlsx"}, "format"),
    ],
)
async def test_a_wrong_wish_is_refused(
    client: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    assert wrong_fields(await client.get(PATH, params=query)) == [field]

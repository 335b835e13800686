"""Files of leads come in: good lines are kept, wrong ones told, and nothing is taken twice."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import Newcomer, opened, problem_in, program, rows, wrong_fields
from driven_clock import DrivenClock
from fastapi import FastAPI
from gate import Gate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from service.api.leads import files
from service.flows.leads import import_leads as importing
from service.flows.leads import receive_signal as receiving
from service.flows.leads.receive_signal import receive_signal
from service.leads.errors import StorageUnavailable
from service.main import create_app
from service.resources import Resources
from service.settings import Settings

PATH = "/v1/leads/import"
CSV = {"Content-Type": "text/csv; charset=windows-1251"}
NDJSON_TYPE = "application/x-ndjson"
NDJSON = {"Content-Type": NDJSON_TYPE}
RUSSIAN = (Path(__file__).parents[2] / "interchange" / "excel_cp1251.csv").read_bytes()


def lines(count: int, **more: Any) -> Iterator[bytes]:
    """Lines of NDJSON, each of another client."""
    for number in range(count):
        phone = f"+7916{number:07}"
        sent = {"channel": "whatsapp", "text": f"заявка {number}", "customer": {"phone": phone}}
        yield json.dumps({**sent, **more}).encode() + b"\n"


async def send(
    client: httpx.AsyncClient, body: Any, headers: dict[str, str] = NDJSON, **query: str
) -> Any:
    """The report on a file."""
    answer = await client.post(PATH, content=body, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    done = report["created"] + report["joined"] + report["repeated"] + report["failed"]
    assert report["lines"] == done
    return report


async def leads_of(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """All leads, the oldest first."""
    leads = (await client.get("/v1/leads", params={"limit": 200})).json()["leads"]
    return sorted(leads, key=lambda item: str(item["external_id"]))


async def test_lines_become_leads_as_if_each_was_posted(client: httpx.AsyncClient) -> None:
    sent = {
        **{"channel": "site_order", "external_id": "order-1", "source": "shop", "live": False},
        **{"received_at": "2026-06-10T08:00:00Z", "budget": "5000.00", "urgency": 0.9},
        "customer": {"phone": "+79161234567", "messengers": {"telegram": "42"}},
        "items": [{"name": "oil", "quantity": "2", "price": "450.00", "currency": None}],
        "attributes": {"city": "Тверь"},
    }
    report = await send(client, json.dumps(sent))
    assert (report["lines"], report["created"], report["errors"]) == (1, 1, [])
    (lead,) = await leads_of(client)
    shown = {name: lead[name] for name in sent if name != "customer"}
    assert shown == {name: value for name, value in sent.items() if name != "customer"}
    assert lead["customer"]["messengers"] == {"telegram": "42"}
    events = (await client.get(f"/v1/leads/{lead['id']}/events")).json()["events"]
    assert [event["type"] for event in events] == ["lead.received"]
    assert events[0]["actor"] == "tests"


async def test_what_a_russian_excel_saved_is_read(client: httpx.AsyncClient) -> None:
    report = await send(client, RUSSIAN, CSV, source="excel")
    assert (report["lines"], report["created"], report["failed"]) == (3, 2, 1)
    assert report["errors"] == [
        {
            **{"line": 5, "field": "paid", "reason": "it is neither yes nor no"},
            "remedy": "Write да or нет, true or false.",
        }
    ]
    first, second = sorted(await leads_of(client), key=lambda item: str(item["channel"]))
    assert (first["channel"], first["source"], first["text"]) == ("email", "excel", "масло 5W-30")
    assert first["received_at"] == "2026-06-09T21:00:00Z"
    assert second["text"] == 'нужны "круговые" колодки;\nсрочно'
    assert (second["budget"], second["paid"]) == ("12500.50", True)
    assert second["received_at"] == "2026-06-10T08:05:00Z"
    assert second["customer"]["name"] == "Ирина Ёлкина"
    assert second["items"] == [
        {"name": "колодки", "quantity": "1.5", "price": "450.90", "currency": None}
    ]


async def test_broken_lines_in_the_middle_cost_only_themselves(client: httpx.AsyncClient) -> None:
    good = [*lines(4)]
    broken = b'{"channel": \n', b"[]\n", b'{"channel": "fax"}\n', b"\xff\xfe\n", b'"text"\n'
    body = b"".join([good[0], b"\n", *broken, good[1], good[2], b"x" * 300_000, b"\n", good[3]])
    report = await send(client, body)
    assert (report["lines"], report["created"], report["failed"]) == (10, 4, 6)
    reported = [(item["line"], item["field"]) for item in report["errors"]]
    at_line = [(line, "line") for line in (3, 4, 6, 7, 10)]
    assert reported == sorted([*at_line, (5, "channel")])
    assert all(item["reason"] and item["remedy"] for item in report["errors"])


async def test_the_intake_itself_refuses_single_lines(client: httpx.AsyncClient) -> None:
    wrong = [
        {"channel": "vk", "queue": "nowhere"},
        {"channel": "vk", "received_at": "2027-01-01T00:00:00Z"},
        {"channel": "vk", "customer": {"email": "nobody"}},
    ]
    body = b"\n".join([next(lines(1)), *(json.dumps(item).encode() for item in wrong)])
    report = await send(client, body)
    assert (report["created"], report["failed"]) == (1, 3)
    reported = [(item["line"], item["field"]) for item in report["errors"]]
    assert reported == [(3, "queue"), (4, "received_at"), (5, "customer.email")]


async def test_the_same_file_again_opens_nothing(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    ndjson = b"".join(lines(50))
    assert (await send(client, ndjson))["created"] == 50
    assert (await send(client, RUSSIAN, CSV))["created"] == 2
    before = await rows(resources)
    again = await send(client, ndjson)
    assert (again["created"], again["repeated"], again["failed"]) == (0, 50, 0)
    again = await send(client, RUSSIAN, CSV)
    assert (again["created"], again["repeated"], again["failed"]) == (0, 2, 1)
    assert await rows(resources) == before


async def test_a_line_without_an_id_gets_one_from_what_it_says(client: httpx.AsyncClient) -> None:
    one = {"channel": "vk", "text": "колёса", "customer": {"phone": "+79161234567", "name": "А"}}
    other_order = dict(reversed([*one.items()]))
    await send(client, json.dumps(one))
    assert (await send(client, json.dumps(other_order)))["repeated"] == 1
    csv = "channel,text,customer.phone,customer.name\nvk,колёса,+79161234567,А\n"
    assert (await send(client, csv.encode(), CSV))["repeated"] == 1
    (lead,) = await leads_of(client)
    assert lead["external_id"].startswith("line:")
    assert len(lead["external_id"]) == len("line:") + 32


async def test_a_line_joins_the_open_lead_of_its_client(client: httpx.AsyncClient) -> None:
    one = {"channel": "vk", "text": "колёса", "customer": {"phone": "+79161234567"}}
    await send(client, json.dumps(one))
    report = await send(client, json.dumps({**one, "text": "и диски"}))
    assert (report["created"], report["joined"], report["repeated"]) == (0, 1, 0)
    report = await send(client, json.dumps(one), source="other")
    assert (report["created"], report["joined"], report["repeated"]) == (0, 1, 0)
    assert len(await leads_of(client)) == 1


async def test_queue_and_source_of_the_request_are_for_lines_that_name_none(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/queues/parts", json={})
    body = b'{"channel": "vk", "external_id": "1"}\n'
    body += b'{"channel": "vk", "external_id": "2", "queue": "main", "source": "crm"}'
    await send(client, body, queue="parts", source="march")
    first, second = await leads_of(client)
    assert (first["queue"], first["source"]) == ("parts", "march")
    assert (second["queue"], second["source"]) == ("main", "crm")


@pytest.mark.parametrize(
    "client_of_all", [{"phone": "+79161234567"}, {"external_id": "c-1", "email": "a@example.ru"}]
)
async def test_many_lines_of_one_client_at_once_are_one_lead(
    client: httpx.AsyncClient, client_of_all: dict[str, str]
) -> None:
    body = b"".join(
        json.dumps({"channel": "vk", "text": f"{number}", "customer": client_of_all}).encode()
        + b"\n"
        for number in range(40)
    )
    report = await send(client, body)
    assert (report["created"], report["joined"], report["failed"]) == (1, 39, 0)
    assert len(await leads_of(client)) == 1


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"format": "ndjson"}, {}),
        ({"format": "ndjson"}, CSV),
        ({}, {"Content-Type": "application/jsonl"}),
        ({}, {"Content-Type": "application/X-NDJSON; charset=utf-8"}),
    ],
)
async def test_the_format_is_said_or_is_that_of_the_content(
    client: httpx.AsyncClient, sent: dict[str, str], headers: dict[str, str]
) -> None:
    assert (await send(client, b'{"channel": "vk"}', headers, **sent))["created"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        *({}, {"Content-Type": "application/json"}, {"Content-Type": "multipart/form-data"}),
        {**CSV, "Content-Encoding": "gzip"},
    ],
)
async def test_what_is_no_file_of_leads_is_not_taken(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post(PATH, content=b'{"channel": "vk"}', headers=headers)
    problem_in(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        *((CSV, b""), (CSV, b"\n\n"), (CSV, b"PK\x03\x04\x14\x00\x06\x00"), (CSV, b"a\0b\n1\n")),
        *((CSV, "канал;телефон\n".encode("utf-16")), (CSV, b"x" * 1_000_000)),
        *((NDJSON, b"channel,text\nvk,x\n"), (NDJSON, b"\x00" * 1000), (NDJSON, b"[{}]")),
        (NDJSON, b"no json\n" * 100_000),
    ],
)
async def test_what_is_neither_csv_nor_ndjson_at_all_is_refused_whole(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    answer = await client.post(PATH, content=body, headers=headers)
    assert wrong_fields(answer) == ["body"]


async def test_unknown_columns_are_named_or_kept(client: httpx.AsyncClient) -> None:
    body = "Канал;Менеджер;Город;Телефон\nvk;Анна;Тверь;+79161234567\n".encode("cp1251")
    answer = await client.post(PATH, content=body, headers=CSV)
    assert wrong_fields(answer) == ["column Менеджер", "column Город"]
    assert "customer.phone" in answer.json()["errors"][0]["remedy"]
    assert (await send(client, body, CSV, unknown="attributes"))["created"] == 1
    (lead,) = await leads_of(client)
    assert lead["attributes"] == {"Менеджер": "Анна", "Город": "Тверь"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"queue": "nowhere"}, "queue"),
        ({"queue": "NO"}, "queue"),
        ({"source": ""}, "source"),
        ({"format": "xlsx"}, "format"),
        ({"unknown": "maybe"}, "unknown"),
    ],
)
async def test_a_wrong_query_is_refused_before_the_file_is_read(
    client: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    answer = await client.post(PATH, content=b'{"channel": "vk"}', headers=NDJSON, params=query)
    assert wrong_fields(answer) == [field]


async def test_mistakes_beyond_a_thousand_are_only_counted(client: httpx.AsyncClient) -> None:
    body = next(lines(1)) + b'{"channel": "fax"}\n' * 1500
    report = await send(client, body)
    assert (report["created"], report["failed"]) == (1, 1500)
    assert (len(report["errors"]), report["errors_left_out"]) == (1000, 500)
    assert [item["line"] for item in report["errors"]] == sorted({*range(2, 1502)})[:1000]


async def test_lines_of_another_key_are_told_apart_from_its_own(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    line = b'{"channel": "vk", "external_id": "1"}'
    assert (await send(client, line))["created"] == 1
    report = await send(await newcomer("intake"), line)
    assert (report["failed"], report["errors"][0]["line"]) == (1, 1)
    assert "Another key" in report["errors"][0]["reason"]


async def test_what_a_line_says_for_the_card_is_kept_though_the_first_try_ended_before_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, tries = receiving.store_on_card, 0

    async def keep_the_second_time(*sent: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StorageUnavailable("The database cannot be reached.")
        await keep(*sent)

    monkeypatch.setattr(receiving, "store_on_card", keep_the_second_time)
    customer = {"external_id": "c-1", "context": {"cars": ["XTAGFK330JY144213"]}}
    line = {"channel": "vk", "external_id": "1", "customer": customer}
    assert (await send(client, json.dumps(line).encode()))["failed"] == 0
    card = (await client.get("/v1/customers/c-1")).json()
    assert card["cars"] == ["XTAGFK330JY144213"]


async def test_a_long_stream_is_read_no_faster_than_it_is_stored(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = taken = under_way = max_under_way = max_ahead = 0
    broken = b'{"channel":\n' * 4

    async def receive_counted(*sent: Any) -> Any:
        nonlocal taken, under_way, max_under_way, max_ahead
        under_way += 1
        max_under_way = max(max_under_way, under_way)
        max_ahead = max(max_ahead, given - taken)
        received = await receive_signal(*sent)
        under_way -= 1
        taken += 1
        return received

    async def stream() -> AsyncIterator[bytes]:
        nonlocal given
        for line in lines(1000):
            given += 1
            yield line + broken

    monkeypatch.setattr(importing, "receive_signal", receive_counted)
    report = await send(client, stream())
    assert (report["lines"], report["created"], report["failed"]) == (5000, 1000, 4000)
    assert 1 < max_under_way <= importing.IN_FLIGHT
    assert max_ahead <= importing.IN_FLIGHT + 2


async def send_and_leave(
    app: FastAPI, client: httpx.AsyncClient, body: bytes, *, hang_up: bool
) -> tuple[int, dict[str, Any]]:
    """Begin to send a file, then hang up or fall silent; the answer that nobody waits for."""
    messages = [{"type": "http.request", "body": body, "more_body": True}]
    answered: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        if not hang_up:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def note(message: Any) -> None:
        answered.append(message)

    sent = {"authorization": client.headers["authorization"], "content-type": NDJSON_TYPE}
    scope = {
        **{"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"},
        **{"path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": ""},
        **{"client": ("test", 1), "server": ("test", 80)},
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    await app(scope, receive, note)
    return answered[0]["status"], json.loads(answered[1]["body"])


@pytest.mark.parametrize(
    ("hang_up", "reported"), [(True, "The connection ended"), (False, "Nothing arrived for")]
)
async def test_what_was_read_stays_when_the_sender_leaves(
    app: FastAPI,
    client: httpx.AsyncClient,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    hang_up: bool,
    reported: str,
) -> None:
    monkeypatch.setattr(files, "SILENT_SECONDS", 0.01)
    whole = [*lines(10)]
    begun = b"".join(whole[:6]) + whole[6][:20]
    status, problem = await send_and_leave(app, client, begun, hang_up=hang_up)
    assert (status, problem["type"]) == (400, "urn:nextlead:problem:malformed-body")
    assert problem["detail"].startswith(reported)
    assert "6 lines were taken (6 new, 0 joined, 0 repeated)" in problem["detail"]
    assert (await rows(resources))["leads"] == 6
    report = await send(client, b"".join(whole))
    assert (report["created"], report["repeated"]) == (4, 6)


async def test_a_file_beyond_the_most_lines_is_taken_until_there(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_LINES", 3)
    answer = await client.post(PATH, content=b"".join(lines(5)), headers=NDJSON)
    assert "3 lines were taken" in problem_in(answer, 413, "body-too-large")["detail"]
    assert len(await leads_of(client)) == 3


async def test_a_lost_database_is_told_with_what_was_taken(
    settings: Settings, clock: DrivenClock, client: httpx.AsyncClient
) -> None:
    with tempfile.TemporaryDirectory(prefix="nl-gate-") as directory:
        gate = Gate(settings.database_url.get_secret_value(), directory)
        await gate.open()
        through = settings.model_copy(update={"database_url": SecretStr(gate.url)})
        application = create_app(through, clock)

        async def stream() -> AsyncIterator[bytes]:
            whole = [*lines(200)]
            for line in whole[:100]:
                yield line
            await until_stored(client, 100)
            gate.shut()
            for line in whole[100:]:
                yield line

        async with opened(application), program(application) as door:
            headers = {**NDJSON, "Authorization": client.headers["authorization"]}
            answer = await door.post(PATH, content=stream(), headers=headers)
    detail = problem_in(answer, 503, "import-stopped")["detail"]
    assert detail.startswith("100 lines were taken (100 new, 0 joined, 0 repeated), 0 had mistakes")
    report = await send(client, b"".join(lines(200)))
    assert (report["created"], report["repeated"]) == (100, 100)


async def until_stored(client: httpx.AsyncClient, count: int) -> None:
    """Wait until so many leads are there."""
    async with asyncio.timeout(20):
        while len(await leads_of(client)) < count:  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=300)
    | st.lists(st.sampled_from([b'"', b";", b",", b"\n", b"vk", b"\xff", b"{", b"}", b"\0"])).map(
        b"".join
    ),
    beginning=st.sampled_from([b"", b"channel;text\n", b"\xef\xbb\xbfchannel,text\n", b"{}\n"]),
    headers=st.sampled_from([CSV, NDJSON]),
)
async def test_arbitrary_bytes_are_never_a_fault_of_ours(
    door: httpx.AsyncClient, body: bytes, beginning: bytes, headers: dict[str, str]
) -> None:
    answer = await door.post(PATH, content=beginning + body, headers=headers)
    assert answer.status_code in (200, 400, 422)


async def test_what_no_line_says_can_be_said_for_all(client: httpx.AsyncClient) -> None:
    table = "Имя;Телефон;E-mail\nПётр;89000000405;p405@example.com\nАнна;89000000406;\n"
    said = {"channel": "landing_form", "kind": "offline", "received_at": "2026-06-10T08:00:00Z"}
    report = await send(client, table.encode(), CSV, file="клиенты.csv", **said)
    assert report["created"] == 2
    for lead in await leads_of(client):
        assert (lead["channel"], lead["source"]) == ("landing_form", "import:клиенты.csv")
        assert (lead["kind"], lead["received_at"]) == ("offline", "2026-06-10T08:00:00Z")
    assert (await send(client, b'{"channel": "vk", "text": "a"}', NDJSON, channel="max"))["created"]
    assert {lead["channel"] for lead in await leads_of(client)} == {"landing_form", "vk"}


async def test_a_file_without_a_channel_is_refused_once(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content="Имя\nПётр\nАнна\n".encode(), headers=CSV)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "channel")
    assert await leads_of(client) == []


async def test_no_file_speaks_in_the_name_of_a_webhook_source(client: httpx.AsyncClient) -> None:
    source = {"adapter": "tilda"}
    assert (await client.put("/v1/sources/site", json=source)).status_code == 201
    line = b'{"channel": "vk", "text": "a"}'
    query = {"source": "site"}
    answer = await client.post(PATH, content=line, headers=NDJSON, params=query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "source")
    report = await send(client, b'{"channel": "vk", "source": "site"}\n' + line)
    assert (report["created"], report["failed"]) == (1, 1)
    assert report["errors"][0]["field"] == "source"


@pytest.mark.parametrize("option", ["chanel", "delimiter", "charset"])
async def test_unknown_options_are_refused(client: httpx.AsyncClient, option: str) -> None:
    answer = await client.post(PATH, content=b"{}", headers=NDJSON, params={option: "x"})
    assert answer.status_code == 422

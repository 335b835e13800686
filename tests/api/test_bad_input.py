"""What is refused, naming the field, before anything is written down."""

import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from doors import post_raw, problem_in, rows, wrong_fields
from fastapi import FastAPI

from service.api.body import MAX_BYTES
from service.schemas.leads import MAX_ATTRIBUTE_BYTES
from service.strict_json import MAX_DEPTH, depth_of

LEAD = "01970000-0000-7000-8000-000000000000"
CHAT = '{"channel": "whatsapp", %s}'
TOO_MANY_BYTES = b'{"channel": "whatsapp", "text": "' + b"x" * 10_000_000 + b'"}'


@pytest.fixture(scope="module")
async def rows_before(app: FastAPI) -> dict[str, int]:
    return await rows(app.state.resources)


@pytest.fixture(autouse=True)
async def nothing_is_written(app: FastAPI, rows_before: dict[str, int]) -> AsyncIterator[None]:
    """Whatever is refused in a test, no row may be left behind."""
    yield
    assert await rows(app.state.resources) == rows_before


def nested(depth: int) -> str:
    """An object of so many levels."""
    return '{"a":' * depth + "1" + "}" * depth


MALFORMED = {
    "nothing": b"",
    "blanks": b" \n",
    "half an object": b'{"channel": "whatsapp"',
    "two objects": b'{"channel": "whatsapp"} {"channel": "whatsapp"}',
    "a trailing comma": b'{"channel": "whatsapp",}',
    "single quotes": b"{'channel': 'whatsapp'}",
    "a comment": b'{"channel": "whatsapp"} // by Olga',
    "not a number": b'{"channel": "whatsapp", "budget": NaN}',
    "infinity": b'{"channel": "whatsapp", "budget": Infinity}',
    "less than minus infinity": b'{"channel": "whatsapp", "budget": -Infinity}',
    "a number beyond doubles": b'{"channel": "whatsapp", "budget": 1e400}',
    "an endless integer": b'{"channel": "whatsapp", "attributes": {"a": ' + b"9" * 5000 + b"}}",
    "a leading zero": b'{"channel": "whatsapp", "budget": 05000}',
    "a raw NUL": b'{"channel": "whatsapp", "text": "a\0b"}',
    "a raw line break": b'{"channel": "whatsapp", "text": "a\nb"}',
    "half a surrogate pair": rb'{"channel": "whatsapp", "text": "\ud83d"}',
    "surrogates the wrong way round": rb'{"channel": "whatsapp", "text": "\ude00\ud83d"}',
    "half a surrogate pair in a name": rb'{"channel": "whatsapp", "attributes": {"\ud83d": 1}}',
    "bytes that are no UTF-8": b'{"channel": "whatsapp", "text": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"channel": "whatsapp", "text": "\xed\xa0\xbd"}',
    "an overlong NUL": b'{"channel": "whatsapp", "text": "\xc0\x80"}',
    "UTF-16": '{"channel": "whatsapp"}'.encode("utf-16"),
    "CP1251": '{"channel": "whatsapp", "text": "привет"}'.encode("cp1251"),
    "ten thousand objects in each other": nested(10_000).encode(),
    "ten thousand arrays in each other": b"[" * 10_000 + b"]" * 10_000,
    "ten thousand arrays begun": b"[" * 10_000,
    "attributes a level too deep": (CHAT % f'"attributes": {nested(MAX_DEPTH)}').encode(),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_not_well_formed_is_refused(door: httpx.AsyncClient, body: bytes) -> None:
    problem_in(await post_raw(door, "/v1/leads", body), 400, "malformed-body")


@pytest.mark.parametrize("body", ["null", "true", "5", '"whatsapp"', "[]", '[{"channel": "vk"}]'])
async def test_a_body_that_is_no_object_is_refused(door: httpx.AsyncClient, body: str) -> None:
    assert wrong_fields(await post_raw(door, "/v1/leads", body)) == ["body"]


async def test_a_body_without_a_channel_is_told_what_is_missing(door: httpx.AsyncClient) -> None:
    assert wrong_fields(await post_raw(door, "/v1/leads", "{}")) == ["channel"]


STRINGS = ("source", "external_id", "text", "vin", "queue", "channel", "kind", "intent")
NO_STRING = ("5", "true", "[]", "{}", "1.5")
MOMENTS = ("received_at", "needed_by")
NO_MOMENT = (
    *("1781082000", "1781082000.5", "true", "{}", "[]", '""', '"now"', '"tomorrow"'),
    *('"1781082000"', '"2026-06-10"', '"12:00"', '"10.06.2026 12:00"', '"P1D"'),
    *('"2026-06-10T12:00:00"', '"2026-06-10T12:00:00+25:00"', '"2026-06-10T12:00:00+03:00 "'),
    *('"2026-02-30T12:00:00Z"', '"2026-06-10T24:00:01Z"', '"2026-06-10T11:59:60Z"'),
    *('"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"', '"0001-01-01T00:00:00+03:00"'),
    *('"9999-12-31T23:59:59Z"', '"9999-12-31T23:59:59-03:00"', '"10000-01-01T00:00:00Z"'),
)
NO_MONEY = (
    *("-1", '"-0.01"', "true", "false", "[]", "{}", '""', '" "', '"five"', '"5,00"', '"5 000"'),
    *('"0x10"', '"NaN"', '"sNaN"', '"Infinity"', '"-Infinity"', "1000000000.01", '"1e400"'),
    *('"1e999999999999999999999"', "0.001", '"5000.001"', "1e-7", "0.30000000000000004"),
    *("1e300", "18446744073709551616", "-18446744073709551616", '"' + "9" * 5000 + '"'),
)
WRONG_VALUES = [
    *((name, value) for name in STRINGS for value in NO_STRING),
    *((name, value) for name in MOMENTS for value in NO_MOMENT),
    *(("budget", value) for value in NO_MONEY),
    *(("urgency", value) for value in ("-0.01", "1.01", "2", '"0.5"', "true", "[]", "{}")),
    *((name, value) for name in ("live", "paid") for value in ("0", "1", '"true"', "[]", '"yes"')),
    *((name, "null") for name in ("channel", "queue", "items", "paid")),
    *(("channel", value) for value in ('""', '"fax"', '"WhatsApp"', '" whatsapp"')),
    *(("kind", value) for value in ('""', '"fax"', '"whatsapp"')),
    *(("intent", value) for value in ('""', '"buy"')),
    *(("queue", value) for value in ('""', '"no_such_queue"', '"Main"', '"main\\n"', '"../main"')),
    *((name, '""') for name in ("source", "external_id", "text", "vin")),
    *((name, '" \\t\\u00a0"') for name in ("source", "external_id", "text")),
    *((name, json.dumps("я" * 201)) for name in ("source", "external_id")),
    *(("vin", value) for value in ('"XTA2"', json.dumps("X" * 33))),
    ("text", json.dumps("я" * 8001)),
    ("received_at", '"2026-06-10T09:05:00.001Z"'),
    ("received_at", '"2026-06-10T12:05:01+03:00"'),
    ("received_at", '"1999-12-31T23:59:59Z"'),
    ("needed_by", '"2031-06-09T09:00:01Z"'),
    ("needed_by", '"1999-12-31T23:59:59Z"'),
    *(("customer", value) for value in ("5", '"Olga"', "[]", "true")),
    *(("items", value) for value in ("5", '"pads"', "{}", "true")),
    ("items", json.dumps([{"name": "pads"}] * 201)),
    *(("attributes", value) for value in ("5", '"red"', "[]", "true")),
    ("attributes", json.dumps({f"a{number}": 1 for number in range(65)})),
    ("attributes", json.dumps({"a": "x" * MAX_ATTRIBUTE_BYTES})),
    ("attributes", json.dumps({"a": "я" * (MAX_ATTRIBUTE_BYTES // 2)}, ensure_ascii=False)),
]


@pytest.mark.parametrize(("field", "value"), WRONG_VALUES, ids=lambda sent: sent[:40])
async def test_a_wrong_value_is_refused_by_its_name(
    door: httpx.AsyncClient, field: str, value: str
) -> None:
    before = "" if field == "channel" else '"channel": "whatsapp", '
    answer = await post_raw(door, "/v1/leads", f'{{{before}"{field}": {value}}}')
    assert wrong_fields(answer) == [field]


INSIDE = {
    'customer: {"external_id": ""}': "customer.external_id",
    'customer: {"external_id": 5}': "customer.external_id",
    'customer: {"name": " "}': "customer.name",
    'customer: {"name": ["Olga"]}': "customer.name",
    'customer: {"phone": 79161234567}': "customer.phone",
    'customer: {"phone": ""}': "customer.phone",
    f'customer: {{"phone": "{"1" * 41}"}}': "customer.phone",
    'customer: {"email": "olga"}': "customer.email",
    f'customer: {{"email": "{"o" * 250}@e.org"}}': "customer.email",
    'customer: {"messengers": []}': "customer.messengers",
    'customer: {"messengers": {"vk": 5}}': "customer.messengers.vk",
    'customer: {"messengers": {"vk": ""}}': "customer.messengers.vk",
    'customer: {"messengers": {"path": 5}}': "customer.messengers.path",
    'items: ["pads"]': "items.0",
    'items: [{"name": "pads"}, {}]': "items.1.name",
    'items: [{"name": ""}]': "items.0.name",
    'items: [{"name": 5}]': "items.0.name",
    'items: [{"name": "pads", "quantity": 0}]': "items.0.quantity",
    'items: [{"name": "pads", "quantity": -1}]': "items.0.quantity",
    'items: [{"name": "pads", "quantity": true}]': "items.0.quantity",
    'items: [{"name": "pads", "quantity": 0.0001}]': "items.0.quantity",
    'items: [{"name": "pads", "quantity": 100000.001}]': "items.0.quantity",
    'items: [{"name": "pads", "quantity": null}]': "items.0.quantity",
    'items: [{"name": "pads", "price": -1}]': "items.0.price",
    'items: [{"name": "pads", "price": "free"}]': "items.0.price",
    'items: [{"name": "pads", "price": true}]': "items.0.price",
    'attributes: {"a": {"b": [18446744073709551616]}}': "attributes.a.b.0",
    'attributes: {"a": -9223372036854775809}': "attributes.a",
    'attributes: {"a": 100000000000000000000000000000000}': "attributes.a",
    "colour: 1": "colour",
    "body: 1": "body",
    "query: 1": "query",
    "path: 1": "path",
    "id: 1": "id",
    'state: "settled"': "state",
    "stage: 900": "stage",
    'Text: "pads"': "Text",
    'customer: {"colour": 1}': "customer.colour",
    'customer: {"body": 1}': "customer.body",
    'items: [{"name": "pads", "colour": 1}]': "items.0.colour",
    r'text: "a\u0000b"': "text",
    r'source: "\u0000"': "source",
    r'queue: "main\u0000"': "queue",
    r'channel2: "\u0000"': "channel2",
    r'customer: {"name": "Olga\u0000"}': "customer.name",
    r'items: [{"name": "pads"}, {"name": "\u0000"}]': "items.1.name",
    r'attributes: {"a\u0000b": 1}': "attributes.ab",
    r'attributes: {"a": {"b": ["c", "\u0000"]}}': "attributes.a.b.1",
}


@pytest.mark.parametrize(("sent", "field"), INSIDE.items(), ids=lambda sent: sent[:50])
async def test_a_wrong_part_is_refused_by_its_place(
    door: httpx.AsyncClient, sent: str, field: str
) -> None:
    name, value = sent.split(": ", 1)
    assert wrong_fields(await post_raw(door, "/v1/leads", CHAT % f'"{name}": {value}')) == [field]


async def test_every_mistake_is_named_at_once(door: httpx.AsyncClient) -> None:
    answer = await post_raw(
        door, "/v1/leads", '{"channel": "fax", "budget": -1, "live": 1, "colour": "red"}'
    )
    assert wrong_fields(answer) == ["channel", "live", "budget", "colour"]


async def test_both_times_are_named_at_once(door: httpx.AsyncClient) -> None:
    answer = await post_raw(
        door,
        "/v1/leads",
        '{"channel": "vk", "received_at": "2027-01-01T00:00:00Z",'
        ' "needed_by": "2040-01-01T00:00:00Z"}',
    )
    assert wrong_fields(answer) == ["received_at", "needed_by"]


async def test_at_most_fifty_mistakes_are_named(door: httpx.AsyncClient) -> None:
    many = ", ".join(f'"colour{number}": 1' for number in range(5000))
    assert len(wrong_fields(await post_raw(door, "/v1/leads", CHAT % many))) == 50


async def test_a_mistake_does_not_repeat_what_was_sent(door: httpx.AsyncClient) -> None:
    customer = '"customer": {"phone": "+79161234567", "email": "olga.example", "name": 5}'
    answer = await post_raw(door, "/v1/leads", CHAT % customer)
    assert wrong_fields(answer) == ["customer.name", "customer.email"]
    assert "9161234567" not in answer.text
    assert "olga" not in answer.text


async def in_pieces(body: bytes, read: list[int]) -> AsyncIterator[bytes]:
    """A body without Content-Length; notes how much of it was read."""
    for start in range(0, len(body), 65_536):
        read.append(len(body[start : start + 65_536]))
        yield body[start : start + 65_536]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/leads"),
        ("PUT", "/v1/operators/anna"),
        ("PUT", "/v1/queues/main"),
        ("POST", f"/v1/leads/{LEAD}/settle"),
    ],
)
class TestEveryDoorWithABody:
    async def test_a_large_body_is_refused_by_its_length(
        self, door: httpx.AsyncClient, method: str, path: str
    ) -> None:
        read: list[int] = []
        sent = {"Content-Type": "application/json", "Content-Length": str(len(TOO_MANY_BYTES))}
        answer = await door.request(
            method, path, content=in_pieces(TOO_MANY_BYTES, read), headers=sent
        )
        problem_in(answer, 413, "body-too-large")
        assert sum(read) == 0

    async def test_a_large_body_in_pieces_is_not_read_to_its_end(
        self, door: httpx.AsyncClient, method: str, path: str
    ) -> None:
        read: list[int] = []
        sent = {"Content-Type": "application/json"}
        answer = await door.request(
            method, path, content=in_pieces(TOO_MANY_BYTES, read), headers=sent
        )
        problem_in(answer, 413, "body-too-large")
        assert MAX_BYTES < sum(read) <= MAX_BYTES + 2 * 65_536

    @pytest.mark.parametrize("length", ["-1", "", "²"])
    async def test_a_false_length_does_not_help_a_large_body(
        self, door: httpx.AsyncClient, method: str, path: str, length: str
    ) -> None:
        sent = [
            (b"Content-Type", b"application/json"),
            (b"Content-Length", length.encode("latin-1")),
        ]
        answer = await door.request(
            method, path, content=in_pieces(TOO_MANY_BYTES, []), headers=sent
        )
        problem_in(answer, 413, "body-too-large")

    @pytest.mark.parametrize(
        "sent",
        ["text/plain", "text/json", "application/xml", "application/x-www-form-urlencoded", "json"],
    )
    async def test_another_media_type_is_refused(
        self, door: httpx.AsyncClient, method: str, path: str, sent: str
    ) -> None:
        answer = await door.request(method, path, content="{}", headers={"Content-Type": sent})
        problem_in(answer, 415, "unsupported-media-type")

    @pytest.mark.parametrize(
        "sent", [None, "application/json; charset=utf-8", "APPLICATION/JSON", "application/x+json"]
    )
    async def test_json_is_read_however_it_is_said(
        self, door: httpx.AsyncClient, method: str, path: str, sent: str | None
    ) -> None:
        headers = {} if sent is None else {"Content-Type": sent}
        answer = await door.request(method, path, content='{"colour": 1}', headers=headers)
        assert "colour" in wrong_fields(answer)

    @pytest.mark.parametrize("body", ["", "{", nested(100), "NaN", r'"\ud83d"'])
    async def test_what_is_not_well_formed_is_refused(
        self, door: httpx.AsyncClient, method: str, path: str, body: str
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await door.request(method, path, content=body, headers=headers)
        problem_in(answer, 400, "malformed-body")

    @pytest.mark.parametrize("body", ["[]", "5", "null", '"x"'])
    async def test_a_body_that_is_no_object_is_refused(
        self, door: httpx.AsyncClient, method: str, path: str, body: str
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await door.request(method, path, content=body, headers=headers)
        assert wrong_fields(answer) == ["body"]


async def test_as_many_bytes_as_allowed_are_read(door: httpx.AsyncClient) -> None:
    frame = CHAT % '"colour": "%s"'
    filled = frame % ("x" * (MAX_BYTES - len(frame) + 2))
    assert len(filled) == MAX_BYTES
    assert wrong_fields(await post_raw(door, "/v1/leads", filled)) == ["colour"]
    problem_in(await post_raw(door, "/v1/leads", filled + " "), 413, "body-too-large")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 33 + b'"' + b'\\"' * 125_000,
        b"[" * 33 + b'"' * 250_001,
        b"[" * 33 + b'"' + b"\\" * 250_001,
        b'["' * 125_000,
        b"{" * 250_000,
    ],
    ids=["escaped quotes", "quotes", "backslashes", "strings", "braces"],
)
def test_the_depth_of_a_hostile_body_is_found_in_no_time(body: bytes) -> None:
    started = time.process_time()
    depth_of(body)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        (rb'{"a": "[[[["}', 1),
        (rb'{"a": "\"[[["}', 1),
        (rb'{"a": "\\", "b": [[]]}', 3),
        (rb'[{"]": [1, "["]}, []]', 3),
        (b'{"a": "\\\n[", "b": []}', 2),
        (b"5", 0),
    ],
)
def test_brackets_in_strings_are_no_depth(body: bytes, depth: int) -> None:
    assert depth_of(body) == depth


WRONG_KEYS = {
    "none": b"",
    "a character too many": b"k" * 201,
    "very long": b"k" * 100_000,
}


@pytest.mark.parametrize("key", WRONG_KEYS.values(), ids=WRONG_KEYS)
async def test_a_wrong_idempotency_key_is_refused(door: httpx.AsyncClient, key: bytes) -> None:
    headers = {b"Idempotency-Key": key}
    answer = await door.post("/v1/leads", json={"channel": "vk"}, headers=headers)
    assert wrong_fields(answer) == ["Idempotency-Key"]


BAD_ADDRESSES = [
    ("GET", "/v1/leads?limit=0", "limit"),
    ("GET", "/v1/leads?limit=201", "limit"),
    ("GET", "/v1/leads?limit=x", "limit"),
    ("GET", "/v1/leads?limit=1.5", "limit"),
    ("GET", "/v1/leads?limit=99999999999999999999", "limit"),
    ("GET", "/v1/leads?limit=" + "9" * 5000, "limit"),
    ("GET", "/v1/leads?limit=", "limit"),
    ("GET", "/v1/leads?limit=%00", "limit"),
    ("GET", "/v1/leads?cursor=x", "cursor"),
    ("GET", "/v1/leads?cursor=", "cursor"),
    ("GET", "/v1/leads?cursor=5", "cursor"),
    ("GET", "/v1/leads?state=lost", "state"),
    ("GET", "/v1/leads?kind=fax", "kind"),
    ("GET", "/v1/leads?queue=%00", "queue"),
    ("GET", "/v1/leads?queue=main%00", "queue"),
    ("GET", "/v1/leads/x", "lead_id"),
    ("GET", "/v1/leads/5", "lead_id"),
    ("GET", "/v1/leads/%00", "lead_id"),
    ("GET", f"/v1/leads/{LEAD}x", "lead_id"),
    ("GET", "/v1/leads/x/events", "lead_id"),
    ("GET", "/v1/leads/x/explanation", "lead_id"),
    ("GET", f"/v1/leads/{LEAD}/events?cursor=x", "cursor"),
    ("GET", f"/v1/leads/{LEAD}/events?cursor=-1", "cursor"),
    ("GET", f"/v1/leads/{LEAD}/events?cursor=9223372036854775808", "cursor"),
    ("GET", f"/v1/leads/{LEAD}/events?cursor=" + "9" * 5000, "cursor"),
    ("GET", f"/v1/leads/{LEAD}/events?limit=0", "limit"),
    ("GET", f"/v1/leads/{LEAD}/events?limit=201", "limit"),
    ("GET", "/v1/operators/anna/queue?limit=0", "limit"),
    ("GET", "/v1/operators/anna/queue?limit=201", "limit"),
    ("GET", "/v1/operators/a%20b", "operator"),
    ("GET", "/v1/operators/a%00b", "operator"),
    ("GET", "/v1/operators/анна", "operator"),
    ("GET", "/v1/operators/" + "a" * 65, "operator"),
    ("GET", "/v1/operators/anna%0A", "operator"),
    ("GET", "/v1/operators/a%20b/queue", "operator"),
    ("GET", "/v1/operators/a%20b/leads", "operator"),
    ("POST", "/v1/operators/a%00b/next", "operator"),
    ("POST", "/v1/operators/anna/next?wait=abc", "wait"),
    ("POST", "/v1/operators/anna/next?wait=", "wait"),
    ("POST", "/v1/operators/anna/next?wait=-1", "wait"),
    ("POST", "/v1/operators/anna/next?wait=-0.001", "wait"),
    ("POST", "/v1/operators/anna/next?wait=60.001", "wait"),
    ("POST", "/v1/operators/anna/next?wait=nan", "wait"),
    ("POST", "/v1/operators/anna/next?wait=inf", "wait"),
    ("POST", "/v1/operators/anna/next?wait=-inf", "wait"),
    ("POST", "/v1/operators/anna/next?wait=1e400", "wait"),
    ("POST", "/v1/operators/anna/next?wait=%00", "wait"),
    ("GET", "/v1/queues/Main/stats", "queue"),
    ("GET", "/v1/queues/a%00b/stats", "queue"),
    ("GET", "/v1/queues/" + "a" * 65 + "/stats", "queue"),
]


@pytest.mark.parametrize(("method", "path", "field"), BAD_ADDRESSES, ids=lambda sent: sent[:60])
async def test_a_wrong_address_is_refused_by_the_name_of_its_part(
    door: httpx.AsyncClient, method: str, path: str, field: str
) -> None:
    assert wrong_fields(await door.request(method, path)) == [field]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/operators/a%2Fb/next", "not-found"),
        ("/v1/operators//next", "not-found"),
        ("/v1/operators/a%20b/next", "operator-not-found"),
        ("/v1/operators/%FF/next", "operator-not-found"),
        ("/v1/operators/" + "a" * 5000 + "/next", "operator-not-found"),
        ("/v1/operators/nobody/next", "operator-not-found"),
        ("/v1/operators/nobody/next?wait=60", "operator-not-found"),
    ],
)
async def test_nobody_of_that_name_is_served(door: httpx.AsyncClient, path: str, kind: str) -> None:
    problem_in(await door.post(path), 404, kind)


WRONG_BODIES = [
    ("PUT", "/v1/operators/a%20b", "{}", ["operator"]),
    ("PUT", "/v1/operators/a%00b", "{}", ["operator"]),
    ("PUT", "/v1/operators/carol", '{"queues": []}', ["queues"]),
    ("PUT", "/v1/operators/carol", '{"queues": "main"}', ["queues"]),
    ("PUT", "/v1/operators/carol", '{"queues": ["main", "Main"]}', ["queues.1"]),
    ("PUT", "/v1/operators/carol", '{"queues": ["main", 5]}', ["queues.1"]),
    ("PUT", "/v1/operators/carol", r'{"queues": ["main\u0000"]}', ["queues.0"]),
    ("PUT", "/v1/operators/carol", json.dumps({"queues": ["main"] * 101}), ["queues"]),
    ("PUT", "/v1/operators/carol", '{"skills": ["super vip"]}', ["skills.0"]),
    ("PUT", "/v1/operators/carol", '{"skills": {}}', ["skills"]),
    ("PUT", "/v1/operators/carol", '{"capacity": 0}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"capacity": 101}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"capacity": "1"}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"capacity": 1.5}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"capacity": true}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"capacity": 18446744073709551616}', ["capacity"]),
    ("PUT", "/v1/operators/carol", '{"name": "carol b"}', ["name"]),
    ("PUT", "/v1/operators/carol", '{"body": 1}', ["body"]),
    ("PUT", "/v1/queues/Parts", "{}", ["queue"]),
    ("PUT", "/v1/queues/-parts", "{}", ["queue"]),
    ("PUT", "/v1/queues/parts", '{"title": ""}', ["title"]),
    ("PUT", "/v1/queues/parts", json.dumps({"title": "я" * 201}), ["title"]),
    ("PUT", "/v1/queues/parts", '{"currency": "rub"}', ["currency"]),
    ("PUT", "/v1/queues/parts", '{"currency": "RUBL"}', ["currency"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": "Moscow"}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": ""}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": "Europe"}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": "../../etc/passwd"}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": "/etc/localtime"}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", '{"time_zone": "Европа/Москва"}', ["time_zone"]),
    ("PUT", "/v1/queues/parts", r'{"time_zone": "Europe/Moscow\n"}', ["time_zone"]),
    ("POST", f"/v1/leads/{LEAD}/claim", "{}", ["operator"]),
    ("POST", f"/v1/leads/{LEAD}/claim", '{"operator": "a b"}', ["operator"]),
    ("POST", f"/v1/leads/{LEAD}/renew", "{}", ["token"]),
    ("POST", f"/v1/leads/{LEAD}/renew", '{"token": ""}', ["token"]),
    ("POST", f"/v1/leads/{LEAD}/renew", json.dumps({"token": "t" * 101}), ["token"]),
    ("POST", f"/v1/leads/{LEAD}/renew", r'{"token": "\u0000"}', ["token"]),
    ("POST", f"/v1/leads/{LEAD}/release", '{"token": "t", "reason": ""}', ["reason"]),
    ("POST", f"/v1/leads/{LEAD}/release", '{"token": "t", "until": null}', ["until"]),
    ("POST", f"/v1/leads/{LEAD}/settle", "{}", ["token", "outcome"]),
    ("POST", f"/v1/leads/{LEAD}/settle", '{"token": "t", "outcome": "joined"}', ["outcome"]),
    (
        "POST",
        f"/v1/leads/{LEAD}/settle",
        '{"token": "t", "outcome": "won", "amount": -1}',
        ["amount"],
    ),
    (
        "POST",
        f"/v1/leads/{LEAD}/settle",
        '{"token": "t", "outcome": "callback", "until": "9999-12-31T23:59:59-03:00"}',
        ["until"],
    ),
    (
        "POST",
        f"/v1/leads/{LEAD}/settle",
        '{"token": "t", "outcome": "callback", "until": "2026-06-10T12:00:00"}',
        ["until"],
    ),
    ("POST", "/v1/leads/x/settle", '{"token": "t", "outcome": "won"}', ["lead_id"]),
]


@pytest.mark.parametrize(("method", "path", "body", "fields"), WRONG_BODIES)
async def test_wrong_parts_of_other_bodies_are_refused_by_name(
    door: httpx.AsyncClient, method: str, path: str, body: str, fields: list[str]
) -> None:
    answer = await door.request(
        method, path, content=body, headers={"Content-Type": "application/json"}
    )
    assert wrong_fields(answer) == fields


@pytest.mark.parametrize("name", ["a%2Fb", "a/b", "a%2F..%2Fb", ""])
async def test_names_with_slashes_lead_nowhere(door: httpx.AsyncClient, name: str) -> None:
    answer = await door.put(f"/v1/operators/{name}", json={})
    problem_in(answer, 404, "not-found")

"""A policy with mistakes is refused whole, with all of them; the old one stays in force."""

from typing import Any

import httpx
import pytest
from doors import problem_in, wrong_fields
from open_always import open_always
from policy_doors import MAIN, YAML, in_force, put_text

from service.policies.yaml_text import MAX_BYTES

TEXT = open_always()
CLOSED_EARLY = 'hours: {weekly: {mon-fri: "13:00-19:00"}}\n'
OVERLAPPING = 'hours: {weekly: {mon-fri: ["09:00-19:00", "12:00-20:00"]}}\n'

# What was written, what stands there instead, and the paths that are named.
LEXICON_LINE = f"line {TEXT.splitlines().index('lexicon:') + 1}"
MISTAKES = [
    ("lease_seconds: 120", "lease_seconds: 120\nlunch: long", {"lunch"}),
    ("{chance: 0.90, urgency", "{weight: 1, chance: 0.90, urgency", {"kinds.office.weight"}),
    ("# hours:\n", OVERLAPPING, {"hours.weekly.mon-fri.1"}),
    ("# hours:\n", CLOSED_EARLY, {"cutoff.at"}),
    ("urgency: 1.00", "urgency: 1.5", {"kinds.phone.urgency"}),
    ("на подъёмнике}, phrases: [", "на подъёмнике}, phrases: ['', ", {"lexicon.0.phrases.0"}),
    ("lexicon:\n", "lexicon: &all\n- *all\n", {LEXICON_LINE}),
    ("currency: RUB", "currency: RUB\ncurrency: KZT", {"line 4"}),
    ("currency: RUB", "currency: [RUB}", {"line 3"}),
    ("currency: RUB", "currency: roubles", {"currency"}),
    ("Europe/Moscow", "Moscow", {"time_zone"}),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "paths"), MISTAKES)
async def test_a_mistake_is_named_by_its_path(
    client: httpx.AsyncClient, written: str, instead: str, paths: set[str]
) -> None:
    assert TEXT.count(written) >= 1
    answer = await put_text(client, TEXT.replace(written, instead, 1))
    assert set(wrong_fields(answer)) == paths
    await nothing_changed(client)


async def test_all_mistakes_are_told_at_once(client: httpx.AsyncClient) -> None:
    text = TEXT
    single = [item for item in MISTAKES if not any(path.startswith("line") for path in item[2])]
    for written, instead, _ in (item for item in single if item[0] != "# hours:\n"):
        text = text.replace(written, instead, 1)
    paths = set.union(*(item[2] for item in single if item[0] != "# hours:\n"))
    for answer in (await put_text(client, text), await preview(client, text)):
        assert set(wrong_fields(answer)) == paths
    await nothing_changed(client)


async def test_five_megabytes_are_refused_before_they_are_read(client: httpx.AsyncClient) -> None:
    for body in ("# long\n" * 750_000, chunks()):
        answer = await put_text(client, body)  # type: ignore[arg-type]
        problem_in(answer, 413, "body-too-large")
    problem_in(await preview(client, "#" * (MAX_BYTES + 1)), 413, "body-too-large")
    await nothing_changed(client)


async def chunks() -> Any:
    for _ in range(5):
        yield b"#" * 2**20


async def test_as_much_as_is_allowed_is_read(client: httpx.AsyncClient) -> None:
    room = MAX_BYTES - len(TEXT.encode())
    assert (await put_text(client, TEXT + "#" * room)).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status", "problem"),
    [
        (b"x", "text/plain", 415, "unsupported-media-type"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{", "application/json", 400, "malformed-body"),
        (b"", "application/json", 400, "malformed-body"),
        (b"", YAML, 422, "invalid-request"),
        (b"[]", "application/json", 422, "invalid-request"),
        (b'{"currency": "RUB", "currency": "KZT"}', "application/json", 422, "invalid-request"),
        (b'{"currency": 1e999}', "application/json", 400, "malformed-body"),
        (b"\xff\xfe", YAML, 422, "invalid-request"),
        (b"a: \0", YAML, 422, "invalid-request"),
        (b"a: !!python/object:os.system x", YAML, 422, "invalid-request"),
        (b"[" * 30, YAML, 422, "invalid-request"),
        (b"[" * 100_000, YAML, 422, "invalid-request"),
        (b"[" * 100_000, "application/json", 400, "malformed-body"),
    ],
)
async def test_what_is_no_policy_at_all_is_refused(
    client: httpx.AsyncClient, body: bytes, kind: str, status: int, problem: str
) -> None:
    for answer in (
        await put_text(client, body, headers={"Content-Type": kind}),
        await preview(client, body, kind),
    ):
        problem_in(answer, status, problem)
    await nothing_changed(client)


async def test_a_body_of_no_type_is_read_as_yaml(client: httpx.AsyncClient) -> None:
    request = client.build_request("PUT", MAIN, content=TEXT, headers={"If-Match": '"1"'})
    request.headers.pop("content-type", None)
    assert (await client.send(request)).status_code == 200


@pytest.mark.parametrize("note", ["x" * 501, "\0"])
async def test_a_note_is_short_text(client: httpx.AsyncClient, note: str) -> None:
    assert wrong_fields(await put_text(client, TEXT, params={"note": note})) == ["note"]


async def preview(client: httpx.AsyncClient, body: str | bytes, kind: str = YAML) -> httpx.Response:
    return await client.post(f"{MAIN}/preview", content=body, headers={"Content-Type": kind})


async def nothing_changed(client: httpx.AsyncClient) -> None:
    assert (await in_force(client))["version"] == 1
    versions = (await client.get(f"{MAIN}/versions")).json()["versions"]
    assert [version["version"] for version in versions] == [1]

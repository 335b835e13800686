"""Streams of two replicas: one order, nothing missed when one is killed, a slow reader is cut."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from replicas import replica
from running import KEY, PATIENCE_SECONDS, Running, running_service, wait_until

pytestmark = [pytest.mark.timeout(400), pytest.mark.more]

STREAM = "/v1/queues/main/stream"
LEADS = 12
MANY = """
INSERT INTO lead_events (lead_id, at, type, actor, reason, state_before, state_after)
SELECT $1, now(), 'lead.changed', 'tests', repeat('words ', 80), 'waiting', 'waiting'
FROM generate_series(1, 1000)
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        service.http.put("/v1/operators/anna", json={}).raise_for_status()
        yield service


def post(http: httpx.Client, number: int) -> str:
    lead = {"channel": "whatsapp", "source": "streams", "external_id": f"{number}"}
    answer = http.post("/v1/leads", json=lead)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ids and messages of the stored events, as they come."""
    number = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = value
        elif name == "data" and "id" in (message := json.loads(value))["data"]:
            yield number, message


@contextmanager
def listening(http: httpx.Client, last: str | None = None) -> Iterator[Iterator[str]]:
    """The lines of a stream, once it has begun."""
    headers = {} if last is None else {"Last-Event-ID": last}
    with http.stream("GET", STREAM, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        for line in lines:
            if line.startswith(("id: ", "event: ")):
                break
        yield lines


def take(http: httpx.Client, last: str, count: int) -> list[tuple[str, str]]:
    """So many events after an id: their ids and leads."""
    headers = {"Last-Event-ID": last}
    with http.stream("GET", STREAM, headers=headers, timeout=60) as answer:
        found = events(answer.iter_lines())
        taken = [next(found) for _ in range(count)]
    return [(number, message["data"]["lead_id"]) for number, message in taken]


def first_id(http: httpx.Client) -> str:
    with http.stream("GET", STREAM, timeout=60) as answer:
        return next(
            line.removeprefix("id: ") for line in answer.iter_lines() if line.startswith("id: ")
        )


def test_replicas_tell_the_same_and_a_killed_one_loses_nothing(
    running: Running, tmp_path: Path
) -> None:
    with replica(running, tmp_path) as other:
        begin_at = first_id(running.http)
        leads = [post((running.http, other.http)[n % 2], n) for n in range(LEADS)]
        here, there = (take(one, begin_at, LEADS) for one in (running.http, other.http))
        assert here == there
        assert sorted(lead for _, lead in here) == sorted(leads)

        middle = here[LEADS // 2][0]
        other.process.kill()
        other.process.join(PATIENCE_SECONDS)
        later = post(running.http, LEADS)
    rest = take(running.http, middle, LEADS - LEADS // 2)
    assert rest == [*here[LEADS // 2 + 1 :], (rest[-1][0], later)]

    with replica(running, tmp_path) as again:
        assert take(again.http, middle, LEADS - LEADS // 2) == rest


def test_a_replica_that_is_stopped_ends_its_streams_itself(
    running: Running, tmp_path: Path
) -> None:
    with (
        replica(running, tmp_path) as other,
        other.http.stream("GET", STREAM, timeout=60) as answer,
    ):
        lines = answer.iter_lines()
        next(line for line in lines if line.startswith("id: "))
        other.interrupt()
        assert [line for line in lines if line.startswith("event: reset")] == []
        other.process.join(PATIENCE_SECONDS)
        assert other.process.exitcode == 0


def test_a_slow_reader_is_cut_and_misses_nothing(running: Running) -> None:
    begin_at = first_id(running.http)
    lead = post(running.http, 10_000)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", running.port))
        slow.sendall(
            f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
            f"Last-Event-ID: {begin_at}\r\n\r\n".encode()
        )
        assert slow.recv(100)
        written = write_many(running, lead, 15)
        port = slow.getsockname()[1]
        wait_until(lambda: port not in peers_of(running))  # nothing was read until then
        slow.settimeout(PATIENCE_SECONDS)
        assert is_cut(slow)
    taken = take(running.http, begin_at, written + 1)
    assert len(taken) == len(dict(taken)) == written + 1
    assert post(running.http, 10_001)


def write_many(running: Running, lead: str, times: int) -> int:
    """Thousands of events, more than any socket holds; how many."""
    import asyncio

    import asyncpg

    async def write() -> None:
        urls = json.loads((running.data_dir / "addresses.json").read_text())
        connection = await asyncpg.connect(urls["database_url"])
        for _ in range(times):
            await connection.execute(MANY, lead)
        await connection.close()

    asyncio.run(write())
    return 1000 * times


def peers_of(running: Running) -> set[int]:
    """The ports from which somebody is connected to the service."""
    assert running.process.pid is not None
    connections = psutil.Process(running.process.pid).net_connections("tcp")
    return {item.raddr.port for item in connections if item.raddr}


def is_cut(slow: socket.socket) -> bool:
    """Whether the stream was ended from the other side, and not by a last chunk."""
    tail = b""
    try:
        while some := slow.recv(65536):
            tail = (tail + some)[-16:]
    except ConnectionResetError:
        return True
    return not tail.endswith(b"0\r\n\r\n")

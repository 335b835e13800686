"""How long senders of webhooks wait at the door: python -m bench.webhooks

In turns with a floor that only commits the body, at the same steady rate. Told besides: how long
after a delivery came it was read, and that every one was.
"""

import asyncio
import hashlib
import hmac
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import asyncpg
import click
import httpx

from bench.processes import finish, free_port, running, wait_until_ready
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from bench.steady import Steady, drive_steadily
from service.logs import configure_logs
from service.sealing import new_key

SECRET, KEY, SALT = "hush", "key", "salt"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
GIVE_UP_SECONDS = 120
SOURCES = {
    "tawk": {"adapter": "tawk", "secrets": {"secret": SECRET}},
    "mango": {"adapter": "mango", "secrets": {"vpbx_api_key": KEY, "salt": SALT}},
}
UNREAD = "SELECT count(*) FROM deliveries WHERE state = 'received'"
DELAYS = """
SELECT state, count(*) AS count,
    percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
        ORDER BY 1000 * extract(epoch FROM read_at - received_at)
    ) AS delays
FROM deliveries WHERE source = $1 GROUP BY state
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """How much is sent in a run, and how many runs there are."""

    per_second: int
    seconds: int
    rounds: int


@click.command(context_settings={"show_default": True})
@click.option("--per-second", default=100, type=click.IntRange(1, 5000))
@click.option("--seconds", default=5, type=click.IntRange(1, 60), help="How long a run takes.")
@click.option("--rounds", default=3, type=click.IntRange(1, 20))
def main(per_second: int, seconds: int, rounds: int) -> None:
    """Measure the door of webhooks beside a floor."""
    configure_logs("warning")
    asyncio.run(_measure(Rate(per_second, seconds, rounds)))


async def _measure(rate: Rate) -> None:
    with servers() as (addresses, directory):
        own = await own_database(addresses, "webhooks")
        service = environment_of(
            NEXTLEAD_DATABASE_URL=own.database_url,
            NEXTLEAD_REDIS_URL=own.redis_url,
            NEXTLEAD_SECRET_KEYS=new_key(),
        )
        await finish([NEXTLEAD, "migrate"], service)
        key = await finish([NEXTLEAD, "keys", "create", "bench", "--scope", "admin"], service)
        port, floor_port = free_port(), free_port()
        floor = environment_of(FLOOR_DATABASE_URL=own.database_url, FLOOR_PORT=f"{floor_port}")
        serve = [NEXTLEAD, "serve", "--host", "127.0.0.1", "--port", f"{port}"]
        floor_command = [sys.executable, "-m", "bench.webhook_floor"]
        async with (
            running(serve, service, directory / "service.log") as program,
            running(floor_command, floor, directory / "floor.log") as floor_program,
            asyncpg.create_pool(own.database_url, min_size=1) as pool,
        ):
            await wait_until_ready(program, f"http://127.0.0.1:{port}/readyz")
            await _put_sources(port, key)
            await _until_floor(floor_port)
            floor_program.check()
            await _rounds(rate, port, floor_port, pool)


async def _rounds(rate: Rate, port: int, floor_port: int, pool: asyncpg.Pool) -> None:
    contenders: Mapping[str, tuple[int, Callable[[int], bytes]]] = {
        "floor": (floor_port, lambda number: _request("/floor", _chat(number), JSON)),
        "tawk": (port, _tawk),
        "mango": (port, _mango),
    }
    found: dict[str, list[Steady]] = {name: [] for name in contenders}
    count, drained = rate.per_second * rate.seconds, []
    for number in range(rate.rounds):
        for name, (where, build) in contenders.items():
            requests = [build(number * count + item) for item in range(count)]
            found[name].append(await drive_steadily(where, requests, rate.per_second))
            drained.append(await _drained(pool))
    _show(rate, found, drained)
    for name in SOURCES:
        for row in await pool.fetch(DELAYS, name):
            median, slow = row["delays"]
            click.echo(
                f"{name:6} {row['count']} {row['state']}: after {median:.0f} ms (median),"
                f" {slow:.0f} ms (p99)"
            )


def _show(rate: Rate, found: Mapping[str, Sequence[Steady]], drained: Sequence[float]) -> None:
    click.echo(
        f"{rate.per_second} deliveries a second, {rate.rounds} runs of {rate.seconds} s,"
        f" {os.cpu_count()} processors; medians of the runs"
    )
    floor = _median(found["floor"], 99)
    for name, runs in found.items():
        wrong = sum(run.wrong for run in runs)
        click.echo(
            f"{name:6} p50 {_median(runs, 50):6.1f} ms   p99 {_median(runs, 99):6.1f} ms"
            f"   p99 by the floor's {_median(runs, 99) / floor:5.2f}   not 200: {wrong}"
        )
    click.echo(f"all read at most {max(drained):.1f} s after the last came")


def _median(runs: Sequence[Steady], percent: int) -> float:
    return statistics.median(run.percentile_ms(percent) for run in runs)


async def _drained(pool: asyncpg.Pool) -> float:
    """Seconds until everything that came is read."""
    begin = time.monotonic()
    while await pool.fetchval(UNREAD):
        if time.monotonic() - begin > GIVE_UP_SECONDS:
            raise SystemExit("bench: some deliveries are never read")
        await asyncio.sleep(0.05)
    return time.monotonic() - begin


async def _put_sources(port: int, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for name, sent in SOURCES.items():
            (await client.put(f"/v1/sources/{name}", json=sent)).raise_for_status()


async def _until_floor(port: int) -> None:
    request, begin = _request("/floor", b"", JSON), time.monotonic()
    while time.monotonic() - begin < GIVE_UP_SECONDS:
        try:
            await drive_steadily(port, [request] * 10, 100)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise SystemExit("bench: the floor does not answer")


def _chat(number: int) -> bytes:
    sent = {
        **{"event": "chat:start", "chatId": f"chat-{number}", "time": "2026-06-10T09:00:00.000Z"},
        "message": {
            "text": "Здравствуйте, нужны колодки",
            "type": "msg",
            "sender": {"type": "visitor"},
        },
        "visitor": {"name": "Ирина", "email": f"irina-{number}@example.com", "city": "Москва"},
        "property": {"id": "58ca8453b8a7e060cd3b1ecb", "name": "Shop"},
    }
    return json.dumps(sent, ensure_ascii=False).encode()


def _tawk(number: int) -> bytes:
    body = _chat(number)
    proof = {
        "X-Tawk-Signature": hmac.digest(SECRET.encode(), body, "sha1").hex(),
        "X-Hook-Event-Id": f"event-{number}",
    }
    return _request("/webhooks/tawk/tawk", body, JSON, proof)


def _mango(number: int) -> bytes:
    """A call that is over and that nobody took."""
    at = int(time.time())  # noqa: TID251  the sender's own clock
    sent = {
        **{"entry_id": f"entry-{number}", "call_direction": 1, "entry_result": 0},
        **{"create_time": at, "forward_time": 0, "talk_time": 0, "end_time": at},
        **{"from": {"number": f"7916{number:07d}"}, "to": {"number": "74951234567"}},
        **{"line_number": "74951234567", "disconnect_reason": 1100},
    }
    text = json.dumps(sent)
    sign = hashlib.sha256((KEY + text + SALT).encode()).hexdigest()
    body = urlencode({"vpbx_api_key": KEY, "sign": sign, "json": text}).encode()
    return _request("/webhooks/mango/mango/events/summary", body, FORM)


def _request(
    path: str, body: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> bytes:
    lines = {
        **{"Host": "127.0.0.1", "Content-Type": media_type, "Content-Length": f"{len(body)}"},
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


if __name__ == "__main__":
    main()

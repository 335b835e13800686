"""What a good sender notices of attackers: `python -m bench.attackers ADDRESS KEY`.

A sender posts leads, 20 a second, alone and then beside each attacker in turn, which is a process
of its own, on the last core and at low priority. Shown are the milliseconds until the sender is
answered, how often the attacker did what it does, and whether the target is met: p99 at most twice
that of the sender alone just before, or 50 ms more. The service is started with the defaults, on
the same machine and, where there are cores enough, not on the last one: `taskset -c 0 nextlead …`.
It takes about three minutes.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from ctypes import c_longlong
from urllib.parse import urlsplit

import httpx

SECONDS, RATE, BACKLOG = 8.0, 20, 1700
TIMES, MORE_MS = 2, 50  # what p99 may be, of that of the sender alone
ELSEWHERE = "127.0.0.2"  # the sender's own address: the attackers have another one
Ask = Callable[[httpx.AsyncClient], Awaitable[object]]
Attack = Callable[[str, str], Coroutine[None, None, None]]


done = multiprocessing.Value(c_longlong)  # what the attacker did so far


def _count() -> None:
    with done.get_lock():
        done.value += 1


async def _open(address: str) -> asyncio.StreamWriter:
    place = urlsplit(address)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    return writer


async def _again_and_again(count: int, ask: Ask) -> None:
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:

        async def one() -> None:
            while True:
                with suppress(httpx.HTTPError):
                    await ask(client)
                    _count()

        await asyncio.gather(*(one() for _ in range(count)))


async def endless_head(address: str, _: str) -> None:
    """One socket that sends a header without an end, and begins again when it is cut."""
    while True:
        with suppress(OSError):
            writer = await _open(address)
            writer.write(b"GET /healthz HTTP/1.1\r\nx: ")
            while not writer.transport.is_closing():
                writer.write(b"x" * 65_536)
                await writer.drain()
            _count()


async def idle_sockets(address: str, _: str) -> None:
    """2 000 sockets that say nothing."""
    held = []
    while True:
        with suppress(OSError):
            held.append(await _open(address))
            _count()
        if len(held) >= 2000:
            held = held[1000:]
            await asyncio.sleep(0.5)


async def many_probes(address: str, _: str) -> None:
    """64 sockets that ask without a key."""
    await _again_and_again(64, lambda client: client.get(f"{address}/healthz"))


async def guessed_keys(address: str, _: str) -> None:
    """64 sockets that guess keys."""
    headers = {"Authorization": "Bearer nl_guessed"}
    await _again_and_again(64, lambda client: client.get(f"{address}/v1/queues", headers=headers))


async def form_of_parts(address: str, _: str) -> None:
    """Forms of 200 000 parts without a proof, one after the other."""
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body, headers = part * 200_000, {"Content-Type": "multipart/form-data; boundary=b"}
    place = f"{address}/webhooks/mailgun/attacked"
    await _again_and_again(1, lambda client: client.post(place, content=body, headers=headers))


async def lists(address: str, key: str) -> None:
    """8 lists at once of one valid key."""
    headers, wanted = {"Authorization": f"Bearer {key}"}, {"limit": "200"}
    place = f"{address}/v1/leads"
    await _again_and_again(8, lambda client: client.get(place, headers=headers, params=wanted))


async def previews(address: str, key: str) -> None:
    """8 previews at once of one valid key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient() as client:
        wanted = {**headers, "Accept": "application/yaml"}
        text = (await client.get(f"{address}/v1/queues/main/policy", headers=wanted)).text
    place = f"{address}/v1/queues/main/policy/preview"
    sent = {**headers, "Content-Type": "application/yaml"}
    await _again_and_again(8, lambda client: client.post(place, headers=sent, content=text))


async def junk_policies(address: str, key: str) -> None:
    """4 policies of 250 KiB of junk at once of one valid key."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/yaml"}
    place, text = f"{address}/v1/queues/main/policy/preview", f"currency: [{'x, ' * 80_000}]"
    await _again_and_again(4, lambda client: client.post(place, headers=headers, content=text))


ATTACKS: tuple[Attack, ...] = (
    *(endless_head, idle_sockets, many_probes, guessed_keys, form_of_parts, lists, previews),
    junk_policies,
)


def _attack(attack: Attack, address: str, key: str) -> None:
    os.nice(10)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(attack(address, key))


async def good_sender(address: str, key: str) -> list[float]:
    """The milliseconds that each lead took; those that failed are not among them."""
    taken: list[float] = []
    headers, transport = (
        {"Authorization": f"Bearer {key}"},
        httpx.AsyncHTTPTransport(local_address=ELSEWHERE),
    )
    client = httpx.AsyncClient(headers=headers, transport=transport, timeout=20)

    async def post() -> None:
        began = time.perf_counter()
        with suppress(httpx.HTTPError):
            answer = await client.post(f"{address}/v1/leads", json={"channel": "email"})
            if answer.is_success:
                taken.append((time.perf_counter() - began) * 1000)

    async with client, asyncio.TaskGroup() as group:
        for _ in range(round(SECONDS * RATE)):
            group.create_task(post())
            await asyncio.sleep(1 / RATE)
    return sorted(taken)


def _percentile(taken: list[float], part: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * part))] if taken else float("inf")


def _fill(address: str, headers: dict[str, str]) -> None:
    """Let leads wait; those of an earlier run are repeated and open no others."""
    rows = ({"channel": "email", "external_id": f"{number}"} for number in range(BACKLOG))
    content = "\n".join(json.dumps(row) for row in rows)
    wanted = {"format": "ndjson", "file": "attackers"}
    place = f"{address}/v1/leads/import"
    answer = httpx.post(place, content=content, params=wanted, headers=headers, timeout=120)
    answer.raise_for_status()


def _beside(attack: Attack, address: str, key: str) -> str:
    """A line: the sender alone, then beside an attacker, and whether that is what was promised."""
    alone = _percentile(asyncio.run(good_sender(address, key)), 0.99)
    process = multiprocessing.Process(target=_attack, args=(attack, address, key))
    process.start()
    time.sleep(1)
    before, began = done.value, time.perf_counter()
    taken = asyncio.run(good_sender(address, key))
    rate = (done.value - before) / (time.perf_counter() - began)
    process.kill()
    process.join()
    p50, p99 = _percentile(taken, 0.5), _percentile(taken, 0.99)
    most = max(TIMES * alone, alone + MORE_MS)
    lost = round(SECONDS * RATE) - len(taken)
    verdict = "met" if p99 <= most and not lost else f"MISSED ({lost} lost)"
    load = os.getloadavg()[0]
    figures = f"{rate:9.1f} {alone:9.0f} {p50:6.0f} {p99:6.0f} {most:8.0f} {load:6.1f}"
    return f"{attack.__name__:14} {figures}  {verdict}"


def main() -> None:
    """Print a line for each attacker; exit with 1 when a target is missed."""
    address, key = sys.argv[1].rstrip("/"), sys.argv[2]
    headers = {"Authorization": f"Bearer {key}"}
    source = {"adapter": "mailgun", "secrets": {"signing_key": "bench"}}
    httpx.put(f"{address}/v1/sources/attacked", json=source, headers=headers)
    _fill(address, headers)
    print("attacker       times a s  p99 alone    p50    p99  at most   load  target")
    lines = []
    for attack in ATTACKS:
        lines.append(_beside(attack, address, key))
        print(lines[-1], flush=True)
    sys.exit(any("MISSED" in line for line in lines))


if __name__ == "__main__":
    main()

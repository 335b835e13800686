"""What a good sender notices of attackers: `python -m bench.attackers ADDRESS KEY`.

A sender posts leads, 20 a second, first alone and then beside each attacker, which is a process of
its own. Shown are the milliseconds until it is answered; the service must be started with the
defaults, on the same machine. On shared cores the attackers' own work is in the figures.
"""

import asyncio
import multiprocessing
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

SECONDS, RATE = 4.0, 20
ELSEWHERE = "127.0.0.2"  # the sender's own address: the attackers have another one
Ask = Callable[[httpx.AsyncClient], Awaitable[object]]
Attack = Callable[[str, str], Awaitable[None]]


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


async def idle_sockets(address: str, _: str) -> None:
    """2 000 sockets that say nothing."""
    held = []
    while True:
        with suppress(OSError):
            held.append(await _open(address))
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


ATTACKS: tuple[Attack, ...] = (
    *(endless_head, idle_sockets, many_probes, guessed_keys, form_of_parts, lists, previews),
)


def _attack(attack: Attack, address: str, key: str) -> None:
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


def _line(name: str, taken: list[float]) -> str:
    p50, p99 = (taken[min(len(taken) - 1, int(len(taken) * part))] for part in (0.5, 0.99))
    return f"{name:14} {len(taken):4} {p50:8.0f} {p99:8.0f} {os.getloadavg()[0]:6.1f}"


def main() -> None:
    """Print a line for each attacker: leads taken, p50, p99, and the load beside them."""
    address, key = sys.argv[1].rstrip("/"), sys.argv[2]
    headers = {"Authorization": f"Bearer {key}"}
    source = {"adapter": "mailgun", "secrets": {"signing_key": "bench"}}
    httpx.put(f"{address}/v1/sources/attacked", json=source, headers=headers)
    print("attacker       leads      p50      p99   load")
    print(_line("none", asyncio.run(good_sender(address, key))))
    for attack in ATTACKS:
        process = multiprocessing.Process(target=_attack, args=(attack, address, key))
        process.start()
        time.sleep(1)
        print(_line(attack.__name__, asyncio.run(good_sender(address, key))), flush=True)
        process.kill()
        process.join()
    print(_line("none again", asyncio.run(good_sender(address, key))))


if __name__ == "__main__":
    main()

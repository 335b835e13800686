"""A process full of operators at work, and of clients who write. Started by bench.scale.

Every operator looks at the line each five seconds, with the ETag of what they saw last. Who is free
and sees a lead takes the next one, settles it after eight seconds and asks for another at once.
"""

import asyncio
import json
import random
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

LOOK_SECONDS, WORK_SECONDS = 5.0, 8.0
SENDERS = 8
RIGHT = {"look": (200, 304), "next": (200, 204), "settle": (200,), "lead": (200, 201)}
SALE = {"outcome": "won", "amount": "5200.00", "note": "paid by card"}
TEXTS = ("Тормозные колодки на солярис", "Есть ли в наличии фильтр масляный?", "Масло 5W-30, 4 л")

Answer = tuple[int, str, bytes]


@dataclass(slots=True)
class Seen:
    """How long the answers to each sort of request took, in milliseconds, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in RIGHT})
    wrong: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    settled: int = 0


class Line:
    """A connection that stays open: one request at a time."""

    def __init__(self, address: str, key: str, seen: Seen) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._key, self._seen = parts.hostname, parts.port, key, seen
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, sort: str, method: str, path: str, body: object, etag: str = "") -> Answer:
        """Send a request and read its answer; what goes wrong is counted, its status is 0."""
        begun = time.perf_counter()
        try:
            answer = await self._asked(method, path, body, etag)
        except (OSError, EOFError) as error:
            self._streams, answer = None, (0, type(error).__name__, b"")
        self._seen.took[sort].append(1000 * (time.perf_counter() - begun))
        if answer[0] not in RIGHT[sort]:
            name = f"{sort} {answer[0] or answer[1]}"
            self._seen.wrong[name] = self._seen.wrong.get(name, 0) + 1
        return answer

    async def _asked(self, method: str, path: str, body: object, etag: str) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        sent = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
        head += f"If-None-Match: {etag}\r\n\r\n" if etag else "\r\n"
        writer.write(head.encode() + sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        return int(lines[0].split()[1]), headers.get("etag", ""), content


async def operate(line: Line, name: str, until: float, seen: Seen) -> None:
    """The day of one operator."""
    loop, path = asyncio.get_running_loop(), f"/v1/operators/{name}"
    look_at, end_at, held, etag = loop.time() + random.random() * LOOK_SECONDS, until, None, ""
    while min(look_at, end_at) < until:
        await asyncio.sleep(min(look_at, end_at) - loop.time())
        free = held is None
        if held is not None and end_at <= look_at:
            await line.ask("settle", "POST", f"/v1/leads/{held['id']}/settle", _end_of(held))
            seen.settled, end_at = seen.settled + 1, until
            wanted = True
        else:
            look_at += LOOK_SECONDS
            status, etag, content = await line.ask(
                "look", "GET", f"{path}/queue?limit=1", None, etag
            )
            seen.unchanged += status == 304
            wanted = free and status == 200 and b'"leads":[]' not in content
        if wanted:
            status, _, content = await line.ask("next", "POST", f"{path}/next", None)
            held = json.loads(content) if status == 200 else None
            end_at = loop.time() + WORK_SECONDS if held else until


def _end_of(held: Mapping[str, Any]) -> dict[str, str]:
    return {"token": held["claim"]["token"], **SALE}


async def send(line: Line, first: float, every: float, until: float) -> None:
    """Post leads at their moments."""
    loop, moment = asyncio.get_running_loop(), first
    while moment < until:
        await asyncio.sleep(moment - loop.time())
        moment += every
        number = uuid.uuid4()
        lead = {
            **{"channel": "whatsapp", "source": "bench", "external_id": str(number)},
            "customer": {"name": "Иван Петров", "phone": f"+7900{number.int % 10**7:07}"},
            "text": random.choice(TEXTS),
        }
        await line.ask("lead", "POST", "/v1/leads", lead)


async def main(address: str, key: str, rate: str, seconds: str, operators: Sequence[str]) -> Seen:
    """Work for so many seconds."""
    seen, loop = Seen(), asyncio.get_running_loop()
    until, every = loop.time() + float(seconds), SENDERS / float(rate)
    async with asyncio.TaskGroup() as group:
        for name in operators:
            group.create_task(operate(Line(address, key, seen), name, until, seen))
        for number in range(SENDERS):
            first = loop.time() + every * number / SENDERS
            group.create_task(send(Line(address, key, seen), first, every, until))
    return seen


if __name__ == "__main__":
    place, secret, leads_a_second, duration, *names = sys.argv[1:]
    found = asyncio.run(main(place, secret, leads_a_second, duration, names))
    print(json.dumps({name: getattr(found, name) for name in Seen.__slots__}))

"""A steady load: requests leave at their moments, whether those before were answered or not.

How long an answer took counts from the moment at which its request was to leave: a server that
stands still is not forgiven those who wait behind the first.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

CONNECTIONS = 32
OK = b"HTTP/1.1 200 "


@dataclass(frozen=True, slots=True)
class Steady:
    """How long each answer took, in seconds, and how many were not 200."""

    seconds: list[float]
    wrong: int

    def percentile_ms(self, percent: int) -> float:
        """So many percent of the answers took no longer."""
        return 1000 * quantiles(self.seconds, n=100)[percent - 1]


async def drive_steadily(port: int, requests: list[bytes], per_second: int) -> Steady:
    """Send ready requests at a rate over connections that stay open."""
    begin = time.perf_counter() + 0.1
    moments = iter(
        [(begin + number / per_second, request) for number, request in enumerate(requests)]
    )
    taken: list[float] = []
    wrong = sum(await asyncio.gather(*(_send(port, moments, taken) for _ in range(CONNECTIONS))))
    return Steady(taken, wrong)


async def _send(port: int, moments: Iterator[tuple[float, bytes]], taken: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wrong = 0
    for moment, request in moments:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        taken.append(time.perf_counter() - moment)
        wrong += not head.startswith(OK)
    writer.close()
    return wrong


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])

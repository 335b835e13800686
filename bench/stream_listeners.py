"""A process full of listeners: how late each of them hears of a lead. Started by bench.streams."""

import asyncio
import json
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

RECEIVED = "event: lead.received"


class Listeners:
    """Streams of some operators on sockets of their own, and the delays that they saw."""

    def __init__(self, address: str, key: str) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._key = parts.hostname, parts.port, key
        self.delays: list[tuple[str, float]] = []
        self._to_open = asyncio.Semaphore(0)

    async def listen(self, operator: str) -> None:
        """Keep one operator's stream open, for ever; note the queue and delay of each lead."""
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=2**20)
        head = f"GET /v1/operators/{operator}/stream HTTP/1.1\r\nHost: bench\r\n"
        writer.write(f"{head}Authorization: Bearer {self._key}\r\n\r\n".encode())
        is_lead, has_begun = False, False
        while line := (await reader.readline()).decode().strip():
            pass
        while True:
            line = (await reader.readline()).decode().strip()
            if line.startswith("id: ") and not has_begun:
                has_begun = True
                self._to_open.release()
            if line.startswith("data: ") and is_lead:
                self._note(json.loads(line.removeprefix("data: ")))
            if line:
                is_lead = line == RECEIVED

    async def all_opened(self, count: int) -> None:
        """Wait until so many streams have begun."""
        for _ in range(count):
            await self._to_open.acquire()

    def _note(self, message: dict[str, object]) -> None:
        now, data = time.time(), message["data"]  # noqa: TID251  the servers' clock is this one
        happened = datetime.fromisoformat(str(message["timestamp"])).timestamp()
        self.delays.append((data["queue"], now - happened))  # type: ignore[index]


async def main() -> None:
    """Listen until standard input is closed; then say what was heard."""
    address, key, *operators = sys.argv[1:]
    listeners, loop = Listeners(address, key), asyncio.get_running_loop()
    tasks = []
    for number, operator in enumerate(operators):
        tasks.append(asyncio.create_task(listeners.listen(operator)))
        if number % 50 == 49:
            await asyncio.sleep(0.2)
    await listeners.all_opened(len(operators))
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(listeners.delays), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())

"""Starts a queue of others, and counts what it did."""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from bench.backlog import Moved
from bench.peers.installing import packages_of_node, python_of_peers
from bench.processes import free_port, running, wait_until_ready
from bench.stage import Contender
from bench.works import Work
from service.embedded.servers import Addresses

ROOT = Path(__file__).parents[2]
PEERS = {
    "SKIP LOCKED": "skip_locked",
    "PgQueuer": "pgqueuer_queue",
    "procrastinate": "procrastinate_queue",
    "BullMQ": "bullmq",
}
PAIRS = frozenset([Work.PAIRS])
OF_PYTHON = ("PgQueuer", "procrastinate")
FILLING_SECONDS = 900
# A queue of others is not brought back to what it was: it starts with so much more.
MORE = 20_000


def install(name: str) -> None:
    """See to it that it can be started; raises NotInstalled."""
    if name in OF_PYTHON:
        python_of_peers()
    elif name == "BullMQ":
        packages_of_node()


@dataclass(slots=True)
class PeerBacklog:
    """The items of a queue of others."""

    address: str
    waiting: int = 0

    async def fill(self, waiting: int) -> None:
        """Let so many items wait."""
        async with httpx.AsyncClient(timeout=FILLING_SECONDS) as client:
            sent = await client.post(f"{self.address}/peer/fill/{waiting + MORE}")
            sent.raise_for_status()
        self.waiting = waiting + MORE

    async def moved(self) -> Moved:
        """How many are finished."""
        async with httpx.AsyncClient(timeout=FILLING_SECONDS) as client:
            sent = await client.get(f"{self.address}/peer/finished")
        return Moved(settled=sent.raise_for_status().json())

    async def clients(self) -> Sequence[str]:
        """It knows none."""
        return ()

    async def claims(self) -> Sequence[str]:
        """None is left over."""
        return ()

    async def busy(self) -> bool:
        """Nobody looks; its answers come one after the other."""
        return False

    async def restore(self) -> None:
        """What is finished stays so."""


@asynccontextmanager
async def peer(
    name: str, depth: int, database: Addresses, directory: Path
) -> AsyncIterator[Contender]:
    """One of them, as a program of its own."""
    port, module = free_port(), PEERS[name]
    command = _command(name, port, database, f"bullmq-{depth}")
    environment = {
        **os.environ,
        **{"PEER_DATABASE_URL": database.database_url, "PEER_PORT": f"{port}"},
        "PYTHONPATH": str(ROOT),
    }
    async with running(command, environment, directory / f"{module}-{depth}.log") as program:
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/peer/finished")
        given = directory / f"{module}-{depth}.given"
        backlog = PeerBacklog(address)
        yield Contender(name, address, "/peer", {}, program, backlog, given, works=PAIRS)


def _command(name: str, port: int, database: Addresses, prefix: str) -> list[str]:
    if name == "BullMQ":
        valkey = urlsplit(database.redis_url)
        number = parse_qs(valkey.query).get("db", ["0"])[0]
        script = str(Path(__file__).with_name("bullmq.mjs"))
        return ["node", script, packages_of_node(), f"{port}", valkey.path, number, prefix]
    python = python_of_peers() if name in OF_PYTHON else sys.executable
    return [python, "-m", "bench.peers.door", PEERS[name]]

"""What every bench needs: the two servers, a database of one's own, and who is measured."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.backlog import Backlog
from bench.processes import Program
from bench.works import Work
from service.embedded.servers import Addresses, running_servers

NEXTLEAD = str(Path(sys.executable).with_name("nextlead"))

# The backlogs are vacuumed when they are restored. A vacuum or a checkpoint of the server's own
# would fall into the run of one contender, and not of the others.
NOTHING_OF_ITS_OWN = (
    "ALTER SYSTEM SET autovacuum = off",
    "ALTER SYSTEM SET checkpoint_timeout = '1h'",
    "ALTER SYSTEM SET max_wal_size = '16GB'",
    "SELECT pg_reload_conf()",
)


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who serves leads: the service, a floor, or a queue of others."""

    name: str
    address: str
    path: str
    headers: Mapping[str, str]
    program: Program
    backlog: Backlog
    given: Path
    """What the generator is given to read."""
    joins: bool = False
    """Whether a second signal of a client joins the first."""
    works: frozenset[Work] = frozenset(Work)
    """What it can be asked for."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One depth, and who is measured at it."""

    depth: int
    contenders: Mapping[str, Contender]
    operators: Sequence[asyncpg.Pool]
    """The databases that have a table of operators."""

    @property
    def own_backlogs(self) -> Sequence[Contender]:
        """One contender for each backlog: both plain floors share theirs."""
        found = {id(one.backlog): one for one in reversed([*self.contenders.values()])}
        return [*reversed(found.values())]


@contextmanager
def servers() -> Iterator[tuple[Addresses, Path]]:
    """Both servers in a directory of their own, which goes when the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="nextlead-bench-"))
    directory.chmod(0o711)  # when root starts them, the servers' own account must pass
    try:
        with running_servers(directory / "data") as addresses:
            yield addresses, directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def keep_quiet(addresses: Addresses) -> None:
    """Let Postgres do nothing by itself while others are measured."""
    connection = await asyncpg.connect(addresses.database_url)
    try:
        for statement in NOTHING_OF_ITS_OWN:
            await connection.execute(statement)
    finally:
        await connection.close()


async def own_database(addresses: Addresses, name: str) -> Addresses:
    """A database of its own beside the others; the same Valkey."""
    connection = await asyncpg.connect(addresses.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = urlsplit(addresses.database_url)._replace(path=f"/{name}").geturl()
    return Addresses(url, addresses.redis_url)


def environment_of(**ours: str) -> dict[str, str]:
    """Ours, and what is there already, save settings of the service."""
    there = {name: value for name, value in os.environ.items() if not name.startswith("NEXTLEAD_")}
    return {**there, **ours}

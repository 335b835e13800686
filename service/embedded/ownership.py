"""One process owns a data directory; others read the servers' addresses from a file."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from service.embedded.failure import EmbeddedServerFailed
from service.embedded.home import write_whole

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs of the servers."""

    database_url: str
    redis_url: str


def shared_addresses(data_dir: Path, stack: ExitStack, *, share: bool) -> Addresses | None:
    """Return the owner's addresses, or None when this process has just become the owner.

    It stays the owner until the stack is closed or the process dies; the lock ends with it. Without
    `share` the call waits until the owner has ended. Raises EmbeddedServerFailed after 30 seconds.
    """
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while (lock := lock_of(data_dir / "lock")) is None:
        if share and (addresses := _read(_file(data_dir))):
            return addresses
        if time.monotonic() > give_up:
            raise EmbeddedServerFailed(
                f"another process owns the servers of {data_dir}",
                "stop that process or wait for it",
            )
        time.sleep(_POLL_SECONDS)
    stack.callback(os.close, lock)
    _file(data_dir).unlink(missing_ok=True)
    return None


@contextmanager
def published(data_dir: Path, addresses: Addresses) -> Iterator[None]:
    """Let other processes share the servers for the time of the block."""
    write_whole(_file(data_dir), json.dumps(asdict(addresses)))
    try:
        yield
    finally:
        _file(data_dir).unlink(missing_ok=True)


def _file(data_dir: Path) -> Path:
    return data_dir / "addresses.json"


def lock_of(file: Path) -> int | None:
    """Lock the file, and create it if it is missing; None when another process holds the lock.

    The lock ends with this process, or when the descriptor is closed.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


def _read(file: Path) -> Addresses | None:
    try:
        return Addresses(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None

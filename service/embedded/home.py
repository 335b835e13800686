"""The directories of the servers' data, sockets and logs."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.embedded.account import Account, this_account
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.log import Log

OWN_PLACE = Path("/var/lib/nextlead")
NOTE = "DATA-IS-ELSEWHERE.txt"

# Linux allows 107 bytes, macOS 103; PostgreSQL's socket has the longest name.
_LONGEST_SOCKET = 103 - len("/.s.PGSQL.5432")
# Commas, quotes and percent signs have a meaning for PostgreSQL and in URLs.
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Home:
    """The directories of one pair of servers."""

    path: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's data."""
        return self.path / "valkey"

    def log(self, server: str) -> Log:
        """The log of the server with this name."""
        return Log(self.path / "logs" / f"{server}.log")


def create_data_dir(data_dir: Path) -> None:
    """Create the directory; if root creates it, the servers' account may pass through it."""
    if not data_dir.is_dir():
        data_dir.mkdir(parents=True, exist_ok=True)
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)


def prepare_home(data_dir: Path, account: Account) -> Home:
    """Choose the place of the data, and create what is missing there."""
    home = Home(_chosen_place(data_dir, account))
    if home.path != data_dir:
        _create_own_place(home.path)
        _show_where(data_dir, home)
    if home.postgres.exists():
        account.keep_private(home.postgres)
    account.keep_private(home.valkey)
    this_account().keep_private(home.path / "logs")
    return home


@contextmanager
def socket_directory(home: Home, account: Account) -> Iterator[Path]:
    """Give a directory for the sockets with a path that is short and plain enough."""
    inside = home.path / "run"
    if _is_suitable(inside):
        account.keep_private(inside)
        yield inside
        return
    name = f"nextlead-{account.uid}-{short_hash(home.path)}"
    outside = Path(tempfile.gettempdir(), name)
    if not (_is_suitable(outside) and account.can_reach(outside.parent)):
        outside = Path("/tmp", name)  # noqa: S108 - its owner is checked, its mode is 0700
    account.keep_private(outside)
    try:
        yield outside
    finally:
        shutil.rmtree(outside, ignore_errors=True)


def create_own_directory(path: Path) -> None:
    """Create a directory that belongs to root and that everybody may pass through."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        if path.lstat().st_uid == os.geteuid():
            return
        remedy = "start as an ordinary user"
        raise EmbeddedServerFailed(f"{path} does not belong to root", remedy) from None
    path.chmod(0o711)


def write_whole(path: Path, text: str) -> None:
    """Write a private file that no reader ever sees half-written."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(unfinished).replace(path)


def short_hash(path: Path) -> str:
    """Return a short name for the path, always the same."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _chosen_place(data_dir: Path, account: Account) -> Path:
    elsewhere = OWN_PLACE / short_hash(data_dir)
    if not account.is_other:
        return data_dir
    # Existing data stays in use, even if the permissions have changed.
    if Home(data_dir).postgres.exists():
        return data_dir
    if Home(elsewhere).postgres.exists() or not account.can_reach(data_dir):
        return elsewhere
    return data_dir


def _create_own_place(place: Path) -> None:
    for directory in (OWN_PLACE, place):
        create_own_directory(directory)


def _show_where(data_dir: Path, home: Home) -> None:
    text = (
        f"The servers' account may not enter this directory, so its data is in {home.path}\n"
        "To start over with empty servers, delete that directory too.\n"
    )
    write_whole(data_dir / NOTE, text)
    _log.info("embedded.data_is_elsewhere", data_dir=str(data_dir), place=str(home.path))


def _is_suitable(directory: Path) -> bool:
    path = str(directory)
    return len(path) <= _LONGEST_SOCKET and _PLAIN.fullmatch(path) is not None

"""The operating system's account that runs the servers."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.embedded.failure import EmbeddedServerFailed

# Nothing is inherited: PGPORT and the like would change the servers, and they need no secrets.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}

_NAME = "nextlead"
_OPTIONS = ("--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of the data who runs the servers: this account, or another one when we are root."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether the servers run as another account than this process."""
        return self.uid != os.geteuid()

    def start(
        self, command: Sequence[str], directory: Path, output: int, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own; the terminal's Ctrl-C does not reach it."""
        return subprocess.Popen(
            command,
            cwd=directory,
            env=ENVIRONMENT,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def can_reach(self, directory: Path) -> bool:
        """Whether the account may pass through the directory and all those above it."""
        return self._succeeds(["/bin/sh", "-c", 'test -x "$1"', "sh", str(directory)])

    def can_run(self, program: Path) -> bool:
        """Whether the account may run the program where it is."""
        return self._succeeds([str(program), "--version"])

    def keep_private(self, directory: Path) -> None:
        """Create a directory for this account alone.

        Raises EmbeddedServerFailed when it exists and is not private to the account.
        """
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            self._check_private(directory)
        if self.is_other:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)

    def _check_private(self, directory: Path) -> None:
        found = directory.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        # If root was killed between creating the directory and its chown, it is empty.
        is_half_made = found.st_uid == os.geteuid() and is_private and not any(directory.iterdir())
        if not is_half_made and not (is_private and found.st_uid == self.uid):
            raise EmbeddedServerFailed(
                f"{directory} ({stat.filemode(found.st_mode)}) belongs to {_name_of(found.st_uid)}"
                f" and is no private directory of {_name_of(self.uid)}, who runs the servers",
                "start as the same user as before, use another data directory",
            )

    def _succeeds(self, command: Sequence[str]) -> bool:
        try:
            return self.start(command, Path("/"), subprocess.DEVNULL).wait() == 0
        except PermissionError:
            return False


def account_note() -> str | None:
    """A text about the account that runs the servers; None when it is this process's account."""
    if os.geteuid() != 0:
        return None
    return f"{_NAME}, a system account for the two servers: PostgreSQL refuses to run as root"


def this_account() -> Account:
    """Return the account of this process."""
    return Account(os.geteuid(), os.getegid())


def servers_account() -> Account:
    """Return the account for the servers; for root, whom PostgreSQL refuses, one is created."""
    if os.geteuid() != 0:
        return this_account()
    return _existing() or _created()


def _existing() -> Account | None:
    try:
        entry = pwd.getpwnam(_NAME)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _created() -> Account:
    complaints = ["neither useradd nor adduser was found"]
    for program in filter(shutil.which, ("useradd", "adduser")):
        command = [program, *_OPTIONS]
        outcome = subprocess.run(command, capture_output=True, text=True)
        if account := _existing():
            _log.info("embedded.account_created", account=_NAME)
            return account
        complaints = [" ".join((outcome.stderr or outcome.stdout).split())]
    raise EmbeddedServerFailed(
        f"PostgreSQL refuses to run as root, and no account {_NAME!r} could be created: "
        + complaints[-1],
        "start as an ordinary user",
    )


def _name_of(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name!r}"
    except KeyError:
        return f"user {uid}"

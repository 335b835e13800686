"""The description of one server: how to run it, probe it, recognise it and stop it."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Event

from service.embedded.account import Account
from service.embedded.log import Log

STOP_SECONDS = 20.0
POLL_SECONDS = 0.05


class Answer(Enum):
    """The answer of a server to the question whether it accepts commands."""

    READY = "ready"
    STARTING = "starting"
    SILENT = "silent"


class StartCancelled(Exception):
    """The owner stops before the start is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """All that is needed to run one server."""

    name: str
    account: Account
    command: tuple[str, ...]
    directory: Path
    log: Log
    pid_file: Path
    sockets: tuple[Path, ...]
    stop_signal: signal.Signals
    prepare: Callable[[Event], None]
    probe: Callable[[], Answer]

    def is_run_by(self, command_line: str) -> bool:
        """Whether a process with this command line is this server with the same data."""
        program = Path(self.command[0]).name
        return program in command_line and str(self.directory) in command_line


def waited(condition: Callable[[], bool], seconds: float, stopping: Event) -> bool:
    """Wait for the condition; returns whether it became true in time. Raises StartCancelled."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        if stopping.wait(POLL_SECONDS):
            raise StartCancelled
    return True

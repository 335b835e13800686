"""What one server is: how to run it, ask it, recognise it and stop it."""

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
    """What a server says when asked whether it takes commands."""

    READY = "ready"
    STARTING = "starting"
    SILENT = "silent"


class StartCancelled(Exception):
    """The owner wants to stop before the start was complete."""


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
        """Whether a process with this command line is this server on this very data."""
        program = Path(self.command[0]).name
        return program in command_line and str(self.directory) in command_line


def waited(condition: Callable[[], bool], seconds: float, stopping: Event) -> bool:
    """Wait for the condition; whether it came true within the limit."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        if stopping.wait(POLL_SECONDS):
            raise StartCancelled
    return True

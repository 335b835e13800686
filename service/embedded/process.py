"""One server as a process: start it, stop it, run a program that prepares it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import structlog

from service.embedded.account import Account
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.log import Log
from service.embedded.orphans import stop_orphans
from service.embedded.server import (
    POLL_SECONDS,
    STOP_SECONDS,
    Answer,
    Server,
    StartCancelled,
    waited,
)

# A server that reports a recovery of its data gets the time for it.
_START_SECONDS = {Answer.SILENT: 30.0, Answer.STARTING: 300.0}
_ONCE_SECONDS = 120.0

_log = structlog.get_logger()


def start(server: Server, stopping: Event) -> subprocess.Popen[bytes]:
    """Start the server and wait until it accepts commands."""
    stop_orphans(server)
    since = server.log.size()
    process = _launch(server.account, server.command, server.directory, server.log)
    try:
        _wait_until_ready(server, process, since, stopping)
    except BaseException:
        stop(server, process)
        raise
    return process


def stop(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Stop the server cleanly, or kill it when that takes too long."""
    process.send_signal(server.stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _log.warning("embedded.killed", server=server.name, pid=process.pid)
        process.kill()
        process.wait()


def run_once(
    account: Account,
    command: Sequence[str],
    directory: Path,
    log: Log,
    stopping: Event,
    feed: bytes = b"",
) -> None:
    """Run a program to its end with `feed` as input; when cancelled, kill it and its children."""
    since = log.size()
    process = _launch(account, command, directory, log, subprocess.PIPE)
    try:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(feed)
        waited(lambda: process.poll() is not None, _ONCE_SECONDS, stopping)
        if process.returncode != 0:
            raise _failure(f"{Path(command[0]).name} ended with {process.returncode}", log, since)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _launch(
    account: Account,
    command: Sequence[str],
    directory: Path,
    log: Log,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    output = log.open()
    try:
        return account.start(command, directory, output, stdin)
    finally:
        os.close(output)


def _wait_until_ready(
    server: Server, process: subprocess.Popen[bytes], since: int, stopping: Event
) -> None:
    begin = time.monotonic()
    while (answer := server.probe()) is not Answer.READY:
        if stopping.wait(POLL_SECONDS):
            raise StartCancelled
        if process.poll() is not None:
            cause = f"{server.name} ended with {process.returncode} while starting"
            raise _failure(cause, server.log, since)
        if time.monotonic() - begin > _START_SECONDS[answer]:
            cause = f"{server.name} took no commands for {_START_SECONDS[answer]:.0f} s"
            raise _failure(cause, server.log, since)


def _failure(cause: str, log: Log, since: int) -> EmbeddedServerFailed:
    return EmbeddedServerFailed(
        f"{cause}: {log.last_lines(since)}", f"see the whole log in {log.path}"
    )

"""Cleans up after a killed owner: servers that still run, and files of dead servers."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from threading import Event

import structlog

from service.embedded.failure import EmbeddedServerFailed
from service.embedded.server import STOP_SECONDS, Server, waited

_log = structlog.get_logger()


def stop_orphans(server: Server) -> None:
    """Stop an orphan of this server and remove the files that would block a new one.

    The caller holds the data directory's lock, so a server that runs there has no owner. The pid
    file is removed even if a process with its number exists, because that process is another
    program.
    """
    pid = _orphan(server)
    if pid is not None:
        _stop(server, pid)
    for path in (server.pid_file, *server.sockets):
        path.unlink(missing_ok=True)


def _orphan(server: Server) -> int | None:
    try:
        pid = int(server.pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if server.is_run_by(_command_line(pid)) else None


def _stop(server: Server, pid: int) -> None:
    for signal_number in (server.stop_signal, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        if waited(lambda: not server.is_run_by(_command_line(pid)), STOP_SECONDS, Event()):
            _log.warning("embedded.orphan_stopped", server=server.name, pid=pid)
            return
    raise EmbeddedServerFailed(
        f"an earlier {server.name}, process {pid}, cannot be stopped", "stop it by hand"
    )


def _command_line(pid: int) -> str:
    """Return the command line of a process; empty once it has ended, even if it was not reaped."""
    if not Path("/proc/self/cmdline").exists():
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True).stdout
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return ""

"""The service as its user starts it: a process of its own, asked over HTTP."""

import multiprocessing.process
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from typed import begin

KEY = "a-key-for-the-tests-of-processes"
PATIENCE_SECONDS = 120  # a busy machine needs half a minute to start the service


def nextlead(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of nextlead to its end."""
    with tempfile.TemporaryDirectory(prefix="nextlead-") as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = begin(arguments, _environment(environment), stdout, stderr)
        process.join(PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        sent = (stdout.read_text("utf-8"), stderr.read_text("utf-8"))
        assert process.exitcode is not None
        return subprocess.CompletedProcess(["nextlead", *arguments], process.exitcode, *sent)


@contextmanager
def data_directory() -> Iterator[Path]:
    """A directory that the servers' own account may pass, too, when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="nextlead-", ignore_cleanup_errors=True) as base:
        Path(base).chmod(0o711)
        yield Path(base) / "data"


class Running:
    """A `nextlead dev` on a data directory; it can be killed and started again."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.with_name("service.log")
        headers = {"Authorization": f"Bearer {KEY}"}
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=10
        )
        self.process = self._start()

    def start_again(self) -> None:
        """As if somebody typed the command again."""
        self.process = self._start()

    def servers(self, name: str) -> list[psutil.Process]:
        """The embedded servers' own processes, by the name of their program."""
        return [
            process
            for process in psutil.process_iter(["name", "cmdline"])
            if process.info["name"].startswith(name)
            and any(str(self.data_dir) in part for part in process.info["cmdline"] or ())
        ]

    def kill_server(self, name: str) -> None:
        """kill -9, as the machine would when it runs out of memory."""
        for process in self.servers(name):
            process.kill()

    def kill(self) -> None:
        """kill -9 of the service itself."""
        self.process.kill()
        self.process.join(PATIENCE_SECONDS)

    def interrupt(self) -> None:
        """Ctrl-C, and wait until it has ended."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGINT)
        self.process.join(PATIENCE_SECONDS)

    def close(self) -> None:
        """Stop it, however it stands."""
        self.http.close()
        if self.process.exitcode is None:
            self.process.terminate()
            self.process.join(PATIENCE_SECONDS)
        self.kill_server("postgres")
        self.kill_server("valkey")

    def _start(self) -> "multiprocessing.process.BaseProcess":
        arguments = ["dev", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        process = begin(
            arguments, _environment({"NEXTLEAD_DEV_KEY": KEY}), Path(os.devnull), self.log
        )
        wait_until(self._is_ready)
        return process

    def _is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_service() -> Iterator[Running]:
    """A service on an empty data directory."""
    with data_directory() as data_dir:
        running = Running(data_dir)
        try:
            yield running
        finally:
            running.close()


def wait_until(holds: Callable[[], Any]) -> None:
    """Look again and again until it holds; fail after two minutes."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < give_up, "it never came to hold"
        time.sleep(0.05)


def _environment(more: dict[str, str]) -> dict[str, str]:
    stored = {name: value for name, value in os.environ.items() if not name.startswith("NEXTLEAD_")}
    return {**stored, **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

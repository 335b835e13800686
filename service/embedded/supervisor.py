"""Keeps one server running for as long as its owner wants it."""

import subprocess
import time
from concurrent.futures import Future
from threading import Event, Thread

import structlog

from service.embedded.failure import EmbeddedServerFailed
from service.embedded.process import start, stop
from service.embedded.server import Server, StartCancelled

_WATCH_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_STABLE_SECONDS = 30.0
# The children of a killed PostgreSQL may use its shared memory for a moment.
_FIRST_START_SECONDS = 3.0

_log = structlog.get_logger()


class Supervisor:
    """Starts, watches, restarts and stops a server in a thread of its own.

    Ctrl-C interrupts the main thread only, so it cannot interrupt a start and lose a process.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopping = Event()
        self._ready: Future[None] = Future()
        self._pause = _FIRST_PAUSE
        self._thread = Thread(target=self._run, name=f"embedded-{server.name}", daemon=True)

    def start(self) -> None:
        """Begin to start the server."""
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Wait for the first start; raises its error."""
        self._ready.result()

    def ask_to_stop(self) -> None:
        """Begin to stop the server, even during its start."""
        self._stopping.set()

    def wait_until_stopped(self) -> None:
        """Wait until no process is left; returns at once if none was ever started."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._server.prepare(self._stopping)
            process = self._started_first()
        except Exception as error:  # the main thread raises it
            self._ready.set_exception(error)
            return
        self._ready.set_result(None)
        self._watch(process)

    def _started_first(self) -> subprocess.Popen[bytes]:
        give_up = time.monotonic() + _FIRST_START_SECONDS
        while True:
            try:
                return start(self._server, self._stopping)
            except EmbeddedServerFailed:
                if time.monotonic() > give_up:
                    raise
            self._wait_a_little_longer()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        begin = time.monotonic()
        while not self._stopping.wait(_WATCH_SECONDS):
            if process.poll() is None:
                continue
            _log.error("embedded.died", server=self._server.name, status=process.returncode)
            if time.monotonic() - begin > _STABLE_SECONDS:
                self._pause = _FIRST_PAUSE
            try:
                process = self._restarted()
            except StartCancelled:
                return
            begin = time.monotonic()
        stop(self._server, process)

    def _restarted(self) -> subprocess.Popen[bytes]:
        while True:
            self._wait_a_little_longer()
            try:
                process = start(self._server, self._stopping)
            except (EmbeddedServerFailed, OSError) as error:
                _log.error("embedded.not_restarted", server=self._server.name, error=str(error))
                continue
            _log.warning("embedded.restarted", server=self._server.name, pid=process.pid)
            return process

    def _wait_a_little_longer(self) -> None:
        if self._stopping.wait(self._pause):
            raise StartCancelled
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

"""Listening sockets, and the server on them."""

import errno
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from service import __version__
from service.cli.starting import fail
from service.connections.bounded_protocol import BoundedProtocol
from service.connections.limits import KEEP_ALIVE_SECONDS
from service.metrics.worker_files import merge_dead, worker_files
from service.settings import Settings
from service.tracing.switch import TracesUnavailable, traces

WHY_NOT = {
    errno.EADDRINUSE: "Port {port} of {host} is taken by another program;"
    " stop it, or choose another port with {option}.",
    errno.EACCES: "Port {port} is for the system's own programs;"
    " choose one above 1023 with {option}.",
    errno.EADDRNOTAVAIL: "{host} is no address of this machine; choose one of its own with --host.",
}


def address_of(host: str, port: int) -> str:
    """The address of the service for a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class _Supervisor(Multiprocess):
    """Notices at once that a worker ended, and merges its metrics.

    uvicorn's own supervisor keeps the workers' ends of the pipes open. So it waits for a worker
    that ended while it was asked as long as for a silent one.
    """

    def __init__(
        self, config: uvicorn.Config, listeners: Sequence[socket.socket], counted: Path
    ) -> None:
        """Workers write their metrics to files in the folder `counted`."""
        super().__init__(config, sockets=[*listeners])
        self._counted = counted
        self._seen: list[int | None] = []

    def keep_subprocess_alive(self) -> None:
        """Replace workers that ended or are silent."""
        for process in self.processes:
            process.child_conn.close()
        super().keep_subprocess_alive()
        living = [process.pid for process in self.processes]
        if living != self._seen:
            merge_dead(self._counted, [pid for pid in living if pid is not None])
            self._seen = living


@contextmanager
def bound(host: str, port: int, option: str = "--port") -> Iterator[socket.socket]:
    """A socket on the port; if the port cannot be had, the command ends with a message."""
    with closing(_bind(host, port, option)) as listener:
        listener.set_inheritable(True)
        yield listener


@contextmanager
def bound_for_metrics(port: int | None) -> Iterator[list[socket.socket]]:
    """A socket on the metrics port, reachable only from this machine; empty without a port."""
    if port is None:
        yield []
        return
    with bound("127.0.0.1", port, "NEXTLEAD_METRICS_PORT") as listener:
        yield [listener]


def _bind(host: str, port: int, option: str) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        fail(f"This machine has no address {host}; choose another with --host.")
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        why = WHY_NOT.get(error.errno or 0, "Port {port} of {host} cannot be used: {error}.")
        fail(why.format(host=host, port=port, option=option, error=error.strerror))
    return listener


def serve_on(
    listeners: Sequence[socket.socket], app: FastAPI | str, settings: Settings, workers: int = 1
) -> None:
    """Serve until a signal ends it; exits with a status when the service could not start."""
    _check_traces(settings)
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        http=BoundedProtocol,
        proxy_headers=False,  # `ForwardedClient` does it, and believes only trusted proxies
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
        timeout_worker_healthcheck=settings.worker_silence_seconds,
    )
    with suppress(KeyboardInterrupt):
        if workers > 1:
            has_begun = _supervised(config, listeners)
        else:
            server = uvicorn.Server(config)
            server.run(sockets=[*listeners])
            has_begun = server.started
        if not has_begun:
            sys.exit(STARTUP_FAILURE)


def _check_traces(settings: Settings) -> None:
    try:
        with traces(__version__, wanted=settings.traces):
            pass
    except TracesUnavailable as error:
        fail(str(error))


def _supervised(config: uvicorn.Config, listeners: Sequence[socket.socket]) -> bool:
    with worker_files() as folder:
        supervisor = _Supervisor(config, listeners, folder)
        supervisor.run()
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)

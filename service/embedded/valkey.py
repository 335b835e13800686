"""Valkey, or Redis instead of it: its options, its readiness."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event
from urllib.parse import quote

from service.embedded.account import Account
from service.embedded.home import Home
from service.embedded.programs import Programs
from service.embedded.server import Answer, Server

_NAME = "valkey"


def valkey_url(sockets: Path) -> str:
    """Return the address of Valkey."""
    return f"unix://{quote(str(_socket(sockets)))}"


def valkey_server(account: Account, home: Home, programs: Programs, sockets: Path) -> Server:
    """Describe the Valkey of this home."""
    pid_file = home.valkey / "valkey.pid"
    options = {
        "--port": "0",
        "--unixsocket": str(_socket(sockets)),
        "--unixsocketperm": "700",
        "--dir": str(home.valkey),
        "--pidfile": str(pid_file),
        "--set-proc-title": "no",  # the command line must keep the directory's name
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    return Server(
        name=_NAME,
        account=account,
        command=(str(programs.valkey), *(word for pair in options.items() for word in pair)),
        directory=home.valkey,
        log=home.log(_NAME),
        pid_file=pid_file,
        sockets=(_socket(sockets),),
        stop_signal=signal.SIGTERM,
        prepare=_nothing_to_prepare,
        probe=_probe(_socket(sockets)),
    )


def _socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"


def _nothing_to_prepare(stopping: Event) -> None:
    """Valkey creates its files itself."""


def _probe(path: Path) -> Callable[[], Answer]:
    def ask() -> Answer:
        try:
            reply = _reply_to_ping(path)
        except OSError:
            return Answer.SILENT
        if reply.startswith(b"+PONG"):
            return Answer.READY
        return Answer.STARTING if reply.startswith(b"-LOADING") else Answer.SILENT

    return ask


def _reply_to_ping(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(64)

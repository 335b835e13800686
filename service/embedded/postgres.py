"""PostgreSQL: its first set-up, its options, its readiness."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event
from urllib.parse import quote

from service.embedded.account import ENVIRONMENT, Account
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.home import Home
from service.embedded.process import run_once
from service.embedded.programs import Programs
from service.embedded.server import Answer, Server

_NAME = "postgres"
_UNFINISHED = "postgres.unfinished-"
_CLUSTER = (
    "--username=nextlead",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    # Values in statements are personal data of clients, so they must not be logged.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def postgres_url(sockets: Path) -> str:
    """Return the address of the database."""
    return f"postgresql://nextlead@/nextlead?host={quote(str(sockets))}"


def postgres_server(account: Account, home: Home, programs: Programs, sockets: Path) -> Server:
    """Describe the PostgreSQL of this home."""
    socket = sockets / ".s.PGSQL.5432"
    return Server(
        name=_NAME,
        account=account,
        command=_command(programs.postgres, home.postgres, sockets),
        directory=home.postgres,
        log=home.log(_NAME),
        pid_file=home.postgres / "postmaster.pid",
        sockets=(socket, socket.with_name(f"{socket.name}.lock")),
        stop_signal=signal.SIGINT,
        prepare=lambda stopping: _set_up_once(account, home, programs, stopping),
        probe=_probe(programs.beside_postgres("pg_isready"), sockets),
    )


def _command(program: Path, directory: Path, sockets: Path) -> tuple[str, ...]:
    options = {**_OPTIONS, "unix_socket_directories": str(sockets)}
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return (str(program), "-D", str(directory), *settings)


def _set_up_once(account: Account, home: Home, programs: Programs, stopping: Event) -> None:
    for leftover in home.path.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if (home.postgres / "PG_VERSION").exists():
        return
    if home.postgres.exists() and any(home.postgres.iterdir()):
        raise EmbeddedServerFailed(
            f"{home.postgres} holds something else than PostgreSQL's data", "move it away"
        )
    # Set up under another name, so that the data is complete or does not exist.
    unfinished = Path(tempfile.mkdtemp(dir=home.path, prefix=_UNFINISHED))
    try:
        _set_up(account, home, programs, unfinished, stopping)
        unfinished.rename(home.postgres)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _make_durable(home.path)


def _set_up(
    account: Account, home: Home, programs: Programs, cluster: Path, stopping: Event
) -> None:
    account.keep_private(cluster)
    log = home.log(_NAME)
    initdb = (str(programs.beside_postgres("initdb")), "-D", str(cluster), *_CLUSTER)
    run_once(account, initdb, home.path, log, stopping)
    alone = (str(programs.postgres), "--single", "-D", str(cluster), "postgres")
    run_once(account, alone, home.path, log, stopping, feed=b"CREATE DATABASE nextlead\n")


def _make_durable(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _probe(pg_isready: Path, sockets: Path) -> Callable[[], Answer]:
    command = [str(pg_isready), "-q", "-t", "3", "-p", "5432", "-h", str(sockets), "-d", "nextlead"]
    answers = {0: Answer.READY, 1: Answer.STARTING}

    def ask() -> Answer:
        outcome = subprocess.run(command, env=ENVIRONMENT)
        return answers.get(outcome.returncode, Answer.SILENT)

    return ask

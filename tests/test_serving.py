"""`nextlead dev` and `nextlead serve` at their start: ports, keys, twins, workers, Ctrl-C."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from running import PATIENCE_SECONDS, data_directory, free_port, wait_until

from service import __version__
from service.embedded.servers import Addresses
from service.leads.lead import Channel
from service.settings import Settings

pytestmark = pytest.mark.timeout(300)

# What a started worker does first; 6 s are longer than uvicorn waits unless it is told otherwise.
SLOW_WORKERS = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    time.sleep({seconds})
"""
# Ctrl-C at the moment when a module is looked for.
INTERRUPTED = """
import os, signal, sys
class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, AtImport())
"""


@dataclass
class Started:
    """A command that runs, and what it has said so far."""

    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's lines of one event, or of all when the name is empty."""
        lines = [line for line in self.stderr.read_text().splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if name in event["event"]]

    def shown(self, label: str) -> str | None:
        """What stands beside a label in the banner."""
        for line in self.stdout.read_text().splitlines():
            if line.strip().startswith(label + " "):
                return line.split()[1]
        return None

    def interrupt(self) -> int:
        """Ctrl-C; answers the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def started(
    folder: Path, *arguments: str, first: str = "", **environment: str
) -> Iterator[Started]:
    """A command in a process of its own; `first` is what each Python in it does first of all."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(first)
    saved = {name: value for name, value in os.environ.items() if not name.startswith("NEXTLEAD_")}
    stdout, stderr = folder / "stdout", folder / "stderr"
    with stdout.open("w") as out, stderr.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", *arguments],
            env={**saved, "PYTHONPATH": str(folder), **environment},
            stdout=out,
            stderr=err,
        )
    try:
        yield Started(process, stdout, stderr)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@pytest.fixture
def both(servers: Addresses, settings: Settings) -> dict[str, str]:
    """The variables that name the tests' servers, whose tables are there."""
    assert settings.database_url is not None
    return {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
    }


def status(port: int, path: str, key: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers).status_code
    except httpx.TransportError:
        return 0


def run_out(command: Started) -> str:
    """What a command that ends by itself wrote to standard error; its status is not 0."""
    assert command.process.wait(PATIENCE_SECONDS) not in (0, None)
    assert command.stdout.read_text() == ""
    return command.stderr.read_text()


def assert_shows_people(table: str) -> None:
    """The demo's rows name clients; one without a name or an address is nameless."""
    rows = [line for line in table.splitlines() if line[:4].strip().isdecimal()]
    assert len(rows) == 20
    clients = [row.split(maxsplit=3)[3].partition(":")[0] for row in rows]
    assert {"Ирина", "+79160000001", "buyer@example.org", "nameless"} <= set(clients)
    assert not {channel.value for channel in Channel} & set(clients)


@pytest.mark.more
def test_a_second_start_changes_nothing_and_says_why(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with data_directory() as data_dir:
        here = ("--data-dir", str(data_dir))
        with started(tmp_path / "1", "dev", "--demo", "--port", f"{port}", *here) as first:
            wait_until(lambda: status(port, "/readyz") == 200)
            key = first.shown("key")
            assert status(port, "/v1/queues", key) == 200
            for number, second_port in enumerate((port, other)):
                twin = ("dev", "--port", f"{second_port}", *here)
                with started(tmp_path / f"twin-{number}", *twin) as second:
                    (line,) = run_out(second).splitlines()
                assert f"as process {first.process.pid} at http://127.0.0.1:{port};" in line
            elsewhere = ("dev", "--port", f"{port}", "--data-dir", f"{data_dir}-2")
            with started(tmp_path / "elsewhere", *elsewhere) as third:
                (line,) = run_out(third).splitlines()
            assert f"Port {port} of 127.0.0.1 is taken" in line
            assert status(port, "/v1/queues", key) == 200
            assert first.interrupt() == 0
        assert {event["level"] for event in first.events("")} == {"info"}, "a first start warns"
        assert first.events("line.rebuilt") == [], "a first start has no line to lose"
        assert_shows_people(first.stdout.read_text())
        assert "Traceback" not in first.stderr.read_text()
        stored = data_dir / "dev.key"
        assert stat.S_IMODE(stored.stat().st_mode) == 0o600
        assert stored.read_text() == key
        with started(tmp_path / "again", "dev", "--port", f"{port}", *here) as again:
            wait_until(lambda: status(port, "/readyz") == 200)
            assert again.shown("key") == key
            assert status(port, "/v1/queues", key) == 200
            assert again.shown("account") == ("nextlead," if os.geteuid() == 0 else None)


def test_the_key_of_the_environment_wins_and_is_not_kept(
    tmp_path: Path, both: dict[str, str]
) -> None:
    port, wanted = free_port(), "a key that was chosen"
    dev = ("dev", "--port", f"{port}", "--data-dir", f"{tmp_path / 'data'}")
    with started(tmp_path / "1", *dev, **both, NEXTLEAD_DEV_KEY=wanted):
        wait_until(lambda: status(port, "/readyz") == 200)
        assert status(port, "/v1/queues", wanted) == 200
    assert not (tmp_path / "data" / "dev.key").exists()


@pytest.mark.parametrize("command", ["dev", "serve"])
def test_a_taken_port_is_one_sentence(tmp_path: Path, both: dict[str, str], command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place = ("--host", "127.0.0.1", "--port", f"{port}")
        own = {**both, "NEXTLEAD_DATA_DIR": f"{tmp_path / 'data'}"}
        with started(tmp_path / "1", command, *place, **own) as refused:
            (line,) = run_out(refused).splitlines()
    assert line == (
        f"nextlead: Port {port} of 127.0.0.1 is taken by another program;"
        " stop it, or choose another port with --port."
    )
    assert not (tmp_path / "data" / "dev.key").exists()


@pytest.mark.more
@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_one_sentence(
    tmp_path: Path, both: dict[str, str], host: str
) -> None:
    with started(tmp_path / "1", "serve", "--host", host, **both) as refused:
        (line,) = run_out(refused).splitlines()
    assert host in line
    assert line.endswith("with --host.")


@pytest.mark.parametrize("module", ["click", "sqlalchemy", "fastapi", "alembic.script"])
def test_ctrl_c_during_the_start_is_no_traceback(
    tmp_path: Path, both: dict[str, str], module: str
) -> None:
    first = INTERRUPTED.format(module=module)
    own = {**both, "NEXTLEAD_DATA_DIR": f"{tmp_path / 'data'}"}
    dev = ("dev", "--port", f"{free_port()}")
    with started(tmp_path / "1", *dev, first=first, **own) as interrupted:
        assert interrupted.process.wait(PATIENCE_SECONDS) != 0
    assert "Traceback" not in interrupted.stderr.read_text()


@pytest.mark.more
def test_ctrl_c_while_the_servers_start_is_no_traceback(tmp_path: Path) -> None:
    with data_directory() as data_dir:
        dev = ("dev", "--port", f"{free_port()}", "--data-dir", str(data_dir))
        with started(tmp_path / "1", *dev) as interrupted:
            wait_until((data_dir / "logs").exists)
            assert interrupted.interrupt() != 0
        assert "Traceback" not in interrupted.stderr.read_text()


@pytest.mark.more
def test_workers_that_start_slowly_are_waited_for(tmp_path: Path, both: dict[str, str]) -> None:
    port = free_port()
    slow = SLOW_WORKERS.format(seconds=6)
    serve = ("serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", "2")
    with started(tmp_path / "1", *serve, first=slow, **both) as service:
        wait_until(lambda: len(service.events("service.ready")) == 2)
        assert status(port, "/readyz") == 200
        assert service.events(" died") == []
        (begun,) = service.events("serve.begun")
        assert begun["version"] == __version__
        assert begun["address"] == f"http://127.0.0.1:{port}"
        assert begun["workers"] == 2
        assert begun["revision"].isdecimal()


@pytest.mark.more
def test_a_worker_that_is_silent_for_too_long_is_warned_of(
    tmp_path: Path, both: dict[str, str]
) -> None:
    slow = SLOW_WORKERS.format(seconds=60)
    serve = ("serve", "--port", f"{free_port()}", "--workers", "2")
    environment = {**both, "NEXTLEAD_WORKER_SILENCE_SECONDS": "1"}
    with started(tmp_path / "1", *serve, first=slow, **environment) as service:
        wait_until(lambda: service.events(" died"))
        assert service.events(" died")[0]["level"] == "warning"
        workers = psutil.Process(service.process.pid).children(recursive=True)
        service.process.kill()
        psutil.wait_procs([item for item in workers if not item.kill()], PATIENCE_SECONDS)


@pytest.mark.more
def test_workers_end_when_their_supervisor_is_killed(tmp_path: Path, both: dict[str, str]) -> None:
    port = free_port()
    serve = ("serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", "2")
    with started(tmp_path / "1", *serve, **both) as service:
        wait_until(lambda: len(service.events("service.ready")) == 2)
        workers = psutil.Process(service.process.pid).children(recursive=True)
        service.process.kill()
        assert psutil.wait_procs(workers, PATIENCE_SECONDS)[1] == []
    assert len(service.events("serve.supervisor_gone")) == 2
    assert status(port, "/healthz") == 0


@pytest.mark.more
def test_workers_that_cannot_begin_end_the_command_with_a_failure(
    tmp_path: Path, both: dict[str, str]
) -> None:
    """The database goes away between the look of the parent and the start of the workers."""
    wrong = 'import os, sys\nif "--multiprocessing-fork" in sys.orig_argv:\n'
    wrong += '    os.environ["NEXTLEAD_DATABASE_URL"] = "postgresql://127.0.0.1:1/none"\n'
    serve = ("serve", "--port", f"{free_port()}", "--workers", "2")
    environment = {**both, "NEXTLEAD_START_SECONDS": "0"}
    with started(tmp_path / "1", *serve, first=wrong, **environment) as service:
        assert service.process.wait(PATIENCE_SECONDS) != 0
    assert service.events("failed to start")

"""Further replicas of the service: `serve` on the servers of a running `dev`."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from running import KEY, PATIENCE_SECONDS, Running, free_port, wait_until
from typed import begin


class Replica:
    """A `serve` on the servers of a running `dev`."""

    def __init__(self, running: Running, folder: Path) -> None:
        urls = json.loads((running.data_dir / "addresses.json").read_text())
        kept = {name: value for name, value in os.environ.items() if name[:9] != "NEXTLEAD_"}
        keys = (running.data_dir / "secret.key").read_text().strip()
        self.port, self._folder = free_port(), folder
        self._environment = {
            **kept,
            "NEXTLEAD_DATABASE_URL": urls["database_url"],
            "NEXTLEAD_REDIS_URL": urls["redis_url"],
            "NEXTLEAD_SECRET_KEYS": keys,
        }
        self.start_again()
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=url, headers=headers, timeout=20)

    def start_again(self) -> None:
        """Start the command, on the port that it had."""
        arguments = ["serve", "--port", str(self.port)]
        out, err = self._folder / f"out-{self.port}", self._folder / f"err-{self.port}"
        self.process = begin(arguments, self._environment, out, err)

    def restart(self) -> int | None:
        """Ask it to end as a rollout does, and start it again; the exit status."""
        self.process.terminate()
        self.process.join(PATIENCE_SECONDS)
        status = self.process.exitcode
        self.start_again()
        wait_until(self.is_ready)
        return status

    def is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def interrupt(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGINT)

    def close(self) -> None:
        self.http.close()
        if self.process.exitcode is None:
            self.process.terminate()
            self.process.join(PATIENCE_SECONDS)


@contextmanager
def replica(running: Running, folder: Path) -> Iterator[Replica]:
    """A replica that is ready, and ends with the block."""
    opened = Replica(running, folder)
    try:
        wait_until(opened.is_ready)
        yield opened
    finally:
        opened.close()

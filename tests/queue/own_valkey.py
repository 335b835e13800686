"""A Valkey that a test starts, stops and loses as it likes."""

import subprocess
from pathlib import Path

from line_makers import client_of, until
from redis.exceptions import RedisError

from service.embedded.account import servers_account
from service.embedded.programs import find_programs


class OwnValkey:
    """A server in a directory of the test's own, reached by a socket there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{directory / 'valkey.sock'}"

    async def start(self, *options: str) -> None:
        self._run(options)
        await until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _run(self, options: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            [
                find_programs(servers_account()).valkey,
                *("--port", "0", "--unixsocket", self.url.removeprefix("unix://")),
                *("--dir", self._directory, "--save", ""),
                *options,
            ],
            stdout=subprocess.DEVNULL,
        )

    async def _answers(self) -> bool:
        client = client_of(self.url)
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

"""The load generator: wrk, which keeps a number of connections busy for a number of seconds."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent
MICROSECONDS = 1_000_000
GRACE_SECONDS = 15


class GeneratorFailed(Exception):
    """The generator is not there, or did not do its work."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many connections are kept busy, each with one request at a time, and how long."""

    connections: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back; the 50th and 99th percentile of how long an answer took."""

    count: int
    seconds: float
    median_ms: float
    percentile_99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        """How many came in a second."""
        return self.count / self.seconds


def check_generator() -> None:
    """Raise GeneratorFailed unless wrk is installed."""
    if shutil.which("wrk") is None:
        raise GeneratorFailed("wrk is not installed: apt-get install wrk")


async def generator_version() -> str:
    """The name and version of the generator."""
    sent = (await _output("wrk", "-v")).split()
    return f"{sent[0]} {sent[1].removeprefix('debian/')}"


async def drive(
    url: str, script: str, arguments: tuple[str, ...], headers: Mapping[str, str], load: Load
) -> Answers:
    """Let wrk's script make the requests, as fast as they are answered."""
    options = [f"-c{load.connections}", f"-d{load.seconds}s", "-t1", "--timeout", "10s"]
    for name, value in headers.items():
        options += ["-H", f"{name}: {value}"]
    try:
        async with asyncio.timeout(load.seconds + GRACE_SECONDS):
            return _answers(await _output("wrk", *options, "-s", script, url, "--", *arguments))
    except TimeoutError:
        raise GeneratorFailed(f"wrk did not end within {GRACE_SECONDS} s after its time") from None


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=SCRIPTS, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return output.decode()


def _answers(output: str) -> Answers:
    last = output.rstrip().rpartition("\n")[2]
    try:
        sent = json.loads(last)
    except ValueError:
        raise GeneratorFailed(f"wrk did not measure anything:\n{output}") from None
    return Answers(
        count=sent["answers"],
        seconds=sent["duration"] / MICROSECONDS,
        median_ms=sent["median"] / 1000,
        percentile_99_ms=sent["slowest_percent"] / 1000,
        errors=sent["errors"],
    )

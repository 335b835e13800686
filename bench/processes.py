"""Programs that run beside the benchmark, and the processor time that they take."""

import asyncio
import socket
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # its stubs are another package

PATIENCE_SECONDS = 60
STOP_SECONDS = 15
POLL_SECONDS = 0.05
COMPLAINTS = (b'"level": "warning"', b'"level": "error"', b"Traceback")


class ProgramFailed(Exception):
    """A program ended when it should have run, or did not do what it should."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs, and the file that it writes its log to."""

    process: Process
    log: Path

    def processor_seconds(self) -> float:
        """The processor time that it and its children have taken so far."""
        return _processor_seconds(psutil.Process(self.process.pid))

    def complaints(self) -> list[str]:
        """The warnings and errors that it has logged so far."""
        lines = self.log.read_bytes().splitlines()
        return [
            line.decode(errors="replace")
            for line in lines
            if any(mark in line for mark in COMPLAINTS)
        ]

    def check(self) -> None:
        """Raise ProgramFailed when it has ended."""
        if self.process.returncode is not None:
            raise ProgramFailed(f"a program ended:\n{self.log.read_text()[-2000:]}")


@asynccontextmanager
async def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> AsyncIterator[Program]:
    """Run a program as long as the block lasts, out of reach of the terminal's Ctrl-C."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Program(process, log)
    finally:
        await _stop(process)


async def finish(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a program to its end; what it wrote to its standard output."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        output, errors = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise ProgramFailed(f"{' '.join(command[1:])} failed:\n{errors.decode()[-2000:]}")
    return output.decode().strip()


async def wait_until_ready(program: Program, url: str) -> None:
    """Wait until the address answers; raises ProgramFailed when it does not in a minute."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    async with httpx.AsyncClient() as client:
        while not await _answers(client, url):
            program.check()
            if time.monotonic() > give_up:
                raise ProgramFailed(f"a program did not answer within {PATIENCE_SECONDS} s")
            await asyncio.sleep(POLL_SECONDS)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def servers_processor_seconds(name: str) -> float:
    """The processor time of our own server whose program has this name, with its children."""
    ours = [item for item in psutil.Process().children() if item.name().startswith(name)]
    return sum(_processor_seconds(our) for our in ours)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


def _processor_seconds(process: psutil.Process) -> float:
    """Of a process, of its children, and of those that have ended since."""
    total = 0.0
    for item in [process, *process.children(recursive=True)]:
        try:
            total += sum(item.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

"""Whoever types the commands of README.md and docs/ gets the answers that stand below them."""

import asyncio
import os
import re
import shlex
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import uvicorn
from document_pages import ROOT, Step, pages, steps
from driven_clock import DrivenClock
from fastapi import FastAPI
from running import nextlead

from service.embedded.servers import Addresses
from service.settings import Settings

# What is not run here, by how the command begins, and why.
NOT_RUN = {
    "make ": "installs from the pins and takes minutes; tests/test_processes.py starts the service",
    "NEXTLEAD_METRICS_PORT=9464 make ": "the same",
    "prometheus ": "runs until it is stopped; tests/deploy/test_prometheus.py starts one",
    "kubectl apply ": "needs a cluster; tests/deploy renders and checks the files",
    "kubectl kustomize ": "needs kubectl; tests/deploy renders and checks the files",
    "pip ": "installs from the network",
    "openapi-python-client ": "tests/clients/test_generated_client.py generates one",
    "NEXTLEAD_TRACES=true OTEL": "needs a collector; tests/tracing records spans",
    "docker ": "needs a daemon of Docker; tests/test_container_files.py reads the files",
    "nextlead serve": "serves until it is stopped; tests/test_processes.py starts it",
    "nextlead simulate": "lives through weeks; tests/test_cli_simulate.py runs days",
    "nextlead backup": "dumps a whole database; tests/test_backup.py restores one",
    "nextlead restore": "wants an empty database; tests/test_backup.py has one",
    "nextlead subscription test": "posts to a receiver that is not there",
}
# Commands that end otherwise than with 0, as their page says.
EXIT_CODES = {"nextlead import leads.csv": 1}
ASSIGNMENTS = re.compile(r"(?:export )?(?:(\w+)=(\"[^\"]*\"|'[^']*'|[^\s#]*)\s*)+(?:#.*)?")
ASSIGNMENT = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|[^\s#]*)")
PAIR = re.compile(r'"([\w.-]+)":\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)')
# Values that differ from one run to the next, or are prose. Scores follow the numbers that are
# shipped; the tests have numbers of their own (open_always.py).
CHANGES = re.compile(
    r"(.*_)?(id|at|seconds|since|until|token|title|detail|remedy|reason|sentences|address|secret)"
    r"|rank|score|cost_per_minute.*|next|.*_minutes|expires_at"
)


def reason_not_to_run(command: str) -> str:
    """Why this command is not run; empty when it is."""
    return next((why for start, why in NOT_RUN.items() if command.startswith(start)), "")


PAGES = [
    page for page in pages() if any(not reason_not_to_run(step.command) for step in steps(page))
]


class Reader:
    """Somebody who types a page from top to bottom."""

    def __init__(self, service: str, key: str, settings: dict[str, str], folder: Path) -> None:
        self._service, self._key, self._settings, self._folder = service, key, settings, folder
        self._variables: dict[str, str] = {}
        self._answer = ""

    async def type(self, step: Step) -> str:
        """Type one command; what it prints."""
        command = step.command.replace("http://127.0.0.1:8000", self._service)
        if ASSIGNMENTS.fullmatch(command):
            self._assign(command)
            return ""
        if command.startswith("nextlead "):
            self._answer = await asyncio.to_thread(self._nextlead, command)
        else:
            self._answer = await self._bash(command)
        return self._answer

    def _assign(self, line: str) -> None:
        field = re.search(r'#.*"(\w+)"', line)
        for name, raw in ASSIGNMENT.findall(line.partition("#")[0]):
            value = raw.strip("\"'")
            if "…" in value:
                value = value.replace("nl_…", self._key)
            if "…" in value:
                assert field, f"{line}: the comment must name the field of the answer above"
                found = re.findall(rf'"{field[1]}":\s*"?([^",}}]+)', self._answer)
                assert found, f"{line}: no {field[1]} in {self._answer}"
                value = value.replace("…", found[-1 if "last" in line else 0])
            self._variables[name] = value

    def _nextlead(self, command: str) -> str:
        typed, _, file = command.partition(" > ")
        plain = shlex.split(os.path.expandvars(typed), comments=True)
        words = [
            str(self._folder / word)
            if before == "--to" or (self._folder / word).is_file()
            else word
            for before, word in pairwise(plain)
        ]
        done = nextlead(*words, **self._settings, **self._variables)
        assert done.returncode == EXIT_CODES.get(typed, 0), f"{command}\n{done.stdout}{done.stderr}"
        if file:
            (self._folder / file.split()[0]).write_text(done.stdout)
        return done.stdout + done.stderr

    async def _bash(self, command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("bash", "-o", "pipefail", "-ec", command),
            cwd=self._folder,
            env={**os.environ, **self._variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        stdout, stderr = await process.communicate()
        assert process.returncode == 0, f"{command}\n{stdout.decode()}{stderr.decode()}"
        return stdout.decode()


@pytest.fixture
async def reader(
    app: FastAPI,
    client: httpx.AsyncClient,
    servers: Addresses,
    settings: Settings,
    tmp_path: Path,
) -> AsyncIterator[Reader]:
    """Somebody with the tests' application on a port of this machine, and an empty folder."""
    key = client.headers["authorization"].removeprefix("Bearer ")
    typed = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_SECRET_KEYS": ",".join(settings.sealing_keys()),
        "NEXTLEAD_PUBLIC_URL": "https://leads.example.com",
    }
    async with _served(app) as address:
        yield Reader(address, key, typed, tmp_path)


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # who connects before the server accepts waits for it
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve([listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving
    listening.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_commands_of_a_page_answer_what_the_page_shows(
    reader: Reader, clock: DrivenClock, page: Path
) -> None:
    clock.pass_by(minutes=PAGES.index(page))  # figures are counted once a second
    for step in steps(page):
        if reason_not_to_run(step.command):
            continue
        clock.pass_by(seconds=2)
        answer = await reader.type(step)
        missing = differences(step.shown, answer)
        at = f"{page.relative_to(ROOT)}:{step.line}: {step.command}"
        assert not missing, f"{at}\nshown and not answered: {missing}\n{answer}"


def differences(shown: str, answer: str) -> list[str]:
    """What a page shows and the answer does not have: names, and values that do not change."""
    if not shown.lstrip().startswith(("{", "HTTP/")):
        return [line for line in shown.splitlines() if not _line_is_in(line, answer)]
    answered = {(name, _plain(value)) for name, value in PAIR.findall(answer)}
    names = set(re.findall(r'"([\w.-]+)":', answer))
    missing = [name for name in re.findall(r'"([\w.-]+)":', shown) if name not in names]
    return missing + [
        f"{name}: {value}"
        for name, value in PAIR.findall(shown)
        if not CHANGES.fullmatch(name)
        and "…" not in value
        and (name, _plain(value)) not in answered
    ]


def _plain(value: str) -> str:
    """Times and ids differ from run to run."""
    if re.match(r'"(\d{4}-\d\d-\d\d|[0-9a-f]{8}-)', value):
        return ""
    return value


def _line_is_in(line: str, answer: str) -> bool:
    """Whether a printed line is in the answer; numbers and what stands for `…` may differ."""
    words = re.split(r"…|[0-9a-f-]{36}|\d+", line.strip())
    return re.search(".*?".join(re.escape(word) for word in words), answer) is not None


def test_reasons_not_to_run_a_command_are_all_needed() -> None:
    typed = [step.command for page in pages() for step in steps(page)]
    for start in NOT_RUN:
        assert any(command.startswith(start) for command in typed), start


def test_an_answer_that_differs_is_found() -> None:
    answer = '{"state":"waiting","stage":600,"id":"01a20005-7bbc-75a6-a3c3-a995572651b7"}'
    assert differences('{"state":"waiting", … "id":"01a2…"}', answer) == []
    assert differences('{"state":"claimed","place":1}', answer) == [
        "place",
        'state: "claimed"',
        "place: 1",
    ]
    assert differences("3 lines: 2 new", "7 lines: 1 new leads") == []
    assert differences("3 lines: 2 new", "3 lines: 2 old leads") == ["3 lines: 2 new"]

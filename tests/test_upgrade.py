"""Old and new code run against one database, as replicas do while one after the other is replaced.

Old is the commit after the moves into rooms: what no rollout has to go back before.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from lacking import LACKING
from running import PATIENCE_SECONDS, free_port, wait_until
from test_serving import Started

from service.embedded.servers import Addresses

ROOT = Path(__file__).resolve().parents[1]
OLD = "2a87a0ef01839175f121bf6f112248d11e7f30f9"
SCOPES = "intake,read,operate,supervise,admin"


def has_old() -> bool:
    """Whether the repository is there with its history; an export of it is not."""
    if shutil.which("git") is None:
        return False
    asked = ["git", "cat-file", "-e", f"{OLD}^{{commit}}"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.more,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not has_old(), reason=f"{LACKING} the history of the repository"),
]


@pytest.fixture
def old_tree(tmp_path: Path) -> Path:
    """The old code in a folder of its own."""
    tree = tmp_path / "old"
    tree.mkdir()
    packed = subprocess.run(
        ["git", "archive", OLD, "service", "migrations", "pyproject.toml"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    subprocess.run(["tar", "-x", "-C", tree], input=packed.stdout, check=True)
    return tree


@pytest.fixture
async def environment(servers: Addresses) -> AsyncIterator[dict[str, str]]:
    """An empty database and a line of their own."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE DATABASE upgrade")
    named = {
        "NEXTLEAD_DATABASE_URL": servers.database_url.replace("/nextlead?", "/upgrade?"),
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_REDIS_PREFIX": "upgrade:",
        "NEXTLEAD_SECRET_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEXTLEAD_")}
    yield {**kept, **named}
    await connection.execute("DROP DATABASE upgrade WITH (FORCE)")
    await connection.close()


def command(tree: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run a command of the code in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=tree,
        env={**environment, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(
    tree: Path, environment: dict[str, str], key: str, logs: Path
) -> Iterator[tuple[httpx.Client, Started]]:
    """The code in a folder serves."""
    logs.mkdir()
    port, stdout, stderr = free_port(), logs / "stdout", logs / "stderr"
    serve = ["serve", "--host", "127.0.0.1", "--port", f"{port}"]
    with stdout.open("w") as out, stderr.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", *serve],
            cwd=tree,
            env={**environment, "PYTHONPATH": str(tree)},
            stdout=out,
            stderr=err,
        )
    running = Started(process, stdout, stderr)
    headers = {"Authorization": f"Bearer {key}"}
    try:
        wait_until(lambda: running.events("service.ready") or process.poll() is not None)
        assert process.poll() is None, stderr.read_text()[-2000:]
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30
        ) as client:
            yield client, running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def posted(client: httpx.Client, number: int) -> dict[str, Any]:
    """A lead of a client of their own."""
    sent = {
        "channel": ("whatsapp", "email", "site_order", "phone")[number % 4],
        "external_id": f"lead {number}",
        "customer": {"name": "Irina", "phone": f"+7916{number:07}"},
        "text": "нужны тормозные колодки",
        "budget": f"{1000 + number}",
    }
    answer = client.post("/v1/leads", json=sent)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def served(client: httpx.Client, operator: str) -> dict[str, Any] | None:
    answer = client.post(f"/v1/operators/{operator}/next?wait=1")
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.status_code == 200 else None


def settled(client: httpx.Client, lead: dict[str, Any]) -> None:
    end = {
        "token": lead["claim"]["token"],
        "outcome": "won",
        "amount": "100",
        "note": "paid",
        "buyer": "new",
        "selection": "oem",
    }
    answer = client.post(f"/v1/leads/{lead['id']}/settle", json=end)
    if answer.status_code == 422:  # no kind needs what the other one does
        answer = client.post(
            f"/v1/leads/{lead['id']}/settle",
            json={name: end[name] for name in ("token", "outcome", "amount", "note")},
        )
    assert answer.status_code == 200, answer.text


def test_old_and_new_code_serve_the_same_leads_and_lose_none(
    tmp_path: Path, environment: dict[str, str], old_tree: Path
) -> None:
    command(old_tree, environment, "migrate")
    shown = command(old_tree, environment, "keys", "create", "tests", "--scope", SCOPES)
    found = re.search(r"nl_[\w-]+", shown)
    assert found is not None
    with serving(old_tree, environment, found[0], tmp_path / "logs of old") as (old, of_old):
        for operator in ("anna", "boris"):
            old.put(f"/v1/operators/{operator}", json={"queues": ["main"]}).raise_for_status()
        acknowledged = [posted(old, number)["id"] for number in range(6)]
        held = served(old, "anna")
        assert held is not None
        command(ROOT, environment, "migrate")
        after_migration = [posted(old, number)["id"] for number in range(6, 9)]
        with serving(ROOT, environment, found[0], tmp_path / "logs of new") as (new, of_new):
            settled(new, held)
            pairs = cycle(((old, new), (new, old)))
            mixed = [
                posted(taking_in, number)["id"]
                for number, (taking_in, _) in zip(range(9, 21), pairs, strict=False)
            ]
            acknowledged += after_migration + mixed
            ended = [held["id"]]
            give_up = time.monotonic() + PATIENCE_SECONDS
            for operator, (serves, ends) in zip(
                cycle(("anna", "boris", "boris", "anna")), pairs, strict=False
            ):
                if len(ended) == len(acknowledged) or time.monotonic() > give_up:
                    break
                lead = served(serves, operator)
                if lead is not None:
                    settled(ends, lead)
                    ended.append(lead["id"])
            assert sorted(ended) == sorted(acknowledged)
            for client in (old, new):
                assert client.get("/readyz").json()["status"] == "ready"
            for log in (of_old, of_new):
                assert [item for item in log.events("") if item["level"] == "error"] == []
                failed = log.events("failed") + log.events("line.stale")
                # what a migration held locked is done in the next round
                assert [item for item in failed if "LockNotAvailable" not in str(item)] == []


async def test_an_old_replica_starts_again_on_new_tables(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """From this version on: a worker that dies during a rollout is replaced."""
    command(ROOT, environment, "migrate")
    connection = await asyncpg.connect(environment["NEXTLEAD_DATABASE_URL"])
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with serving(ROOT, environment, "nl_none", tmp_path / "logs") as (client, log):
        assert client.get("/readyz").status_code == 200
        assert log.events("schema.newer")

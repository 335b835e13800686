"""A back-up is restored on a new server: the same line, and signed webhooks are taken there."""

import subprocess
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Running, data_directory, nextlead, running_service
from webhooks.signing import SECRET, signed

pytestmark = pytest.mark.timeout(240)

TEXTS = ("нужны колодки", "масло 5w30", "бампер после аварии", "стойки в круг")


def command(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return nextlead(*arguments, NEXTLEAD_DATA_DIR=str(data_dir))


def filled(http: httpx.Client) -> list[dict[str, Any]]:
    """A shop with a signed source and a line; the line as anna would be served it."""
    http.put("/v1/operators/anna", json={}).raise_for_status()
    source = {"adapter": "standard", "queue": "main", "secrets": {"secret": SECRET}}
    http.put("/v1/sources/site", json=source).raise_for_status()
    for number, text in enumerate(TEXTS):
        lead = {"channel": "whatsapp", "external_id": str(number), "text": text}
        http.post("/v1/leads", json=lead).raise_for_status()
    return line(http)


def deliver(http: httpx.Client) -> httpx.Response:
    """A signed event of the source, as its sender posts it."""
    body = b'{"type": "lead.received", "data": {"id": "7", "channel": "email", "text": "again"}}'
    now = parsedate_to_datetime(http.get("/healthz").headers["date"])
    sent = signed(body, at=now)
    return http.post("/webhooks/standard/site", content=body, headers=dict(sent.headers))


def line(http: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/v1/operators/anna/queue").json()["leads"]
    return [{name: lead[name] for name in ("id", "stage", "score", "version")} for lead in found]


@pytest.mark.more
def test_what_was_backed_up_is_served_elsewhere_in_the_same_order(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    folder, key = tmp_path / "backup", tmp_path / "safe" / "sealing.key"
    with running_service() as first:
        before = filled(first.http)
        done = command(first.data_dir, "backup", "--to", str(folder), "--key-to", str(key))
        assert done.returncode == 0, done.stderr
    assert len(before) == len(TEXTS)
    assert key.stat().st_mode & 0o077 == 0
    with data_directory() as data_dir:
        refused = command(data_dir, "restore", "--from", str(folder))
        assert refused.returncode == 1
        assert "sealing key" in refused.stderr
        done = command(data_dir, "restore", "--from", str(folder), "--key-from", str(key))
        assert done.returncode == 0, done.stderr
        assert f"main: {len(TEXTS)} leads in line" in done.stdout
        second = Running(data_dir)
        try:
            assert line(second.http) == before
            answer = deliver(second.http)
            assert answer.status_code == 200, answer.text
        finally:
            second.close()


def test_a_backup_says_that_the_key_is_apart(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    with data_directory() as data_dir:
        done = command(data_dir, "backup", "--to", str(tmp_path / "b"))
        assert done.returncode == 0, done.stderr
        assert "The sealing key is not in it." in done.stdout
        again = command(data_dir, "backup", "--to", str(tmp_path / "b"))
        assert again.returncode == 1
        assert "choose another folder" in again.stderr


def test_a_folder_without_a_backup_is_named(tmp_path: Path) -> None:
    refused = nextlead("restore", "--from", str(tmp_path))
    assert refused.returncode == 1
    assert "is no backup" in refused.stderr

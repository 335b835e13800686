"""Several processes count together, and what the dead counted is merged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.metrics.exposition import exposition
from service.metrics.worker_files import ENDED, FOLDER, merge_dead, worker_files

# A worker counts, and says which process it was.
WORKER = """
import os
from service.metrics.families import CLAIMS, POLLS_WAITING, REQUEST_TIME
from service.metrics.family import flush_all
CLAIMS.add("served", "line", by={claims})
REQUEST_TIME.observe(0.003, "/v1/leads", "POST")
POLLS_WAITING.set(7)
flush_all()
print(os.getpid())
"""


def counts(folder: Path, claims: int) -> int:
    environment = {**os.environ, FOLDER: str(folder)}
    code = WORKER.format(claims=claims)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    monkeypatch.setenv(FOLDER, str(folder))
    text = exposition({}).decode()
    samples = [
        sample
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
        if "le" not in sample.labels or sample.labels["le"] == "0.005"
    ]
    return {sample.name: sample.value for sample in samples}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.db")}


def test_workers_count_together_and_the_dead_stay_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = counts(tmp_path, 2), counts(tmp_path, 3)
    before = shown(tmp_path, monkeypatch)
    assert before["nextlead_claims_total"] == 5
    assert before["nextlead_polls_waiting"] == 14
    merge_dead(tmp_path, [second])
    assert not any(str(first) in name for name in files(tmp_path))
    after = shown(tmp_path, monkeypatch)
    assert after == before | {"nextlead_polls_waiting": 7}
    third = counts(tmp_path, 10)
    merge_dead(tmp_path, [])
    assert files(tmp_path) == {f"counter_{ENDED}.db", f"histogram_{ENDED}.db"}
    assert not any(str(third) in name for name in files(tmp_path))
    last = shown(tmp_path, monkeypatch)
    assert last["nextlead_claims_total"] == 15
    assert last["nextlead_request_seconds_count"] == 3
    assert last["nextlead_request_seconds_bucket"] == 3
    assert last["nextlead_request_seconds_sum"] == pytest.approx(0.009)
    assert last.get("nextlead_polls_waiting") is None


def test_nothing_dead_changes_nothing(tmp_path: Path) -> None:
    process = counts(tmp_path, 1)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.db")}
    merge_dead(tmp_path, [process])
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.db")} == before


def test_the_folder_is_removed_with_all_it_holds() -> None:
    with worker_files() as folder:
        assert os.environ[FOLDER] == str(folder)
        counts(folder, 1)
    assert not folder.exists()
    assert FOLDER not in os.environ

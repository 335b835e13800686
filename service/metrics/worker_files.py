"""The files through which the workers of one `serve` count together.

Each worker writes its own files, named after its process. When a worker dies, its files are merged
into one, so that files do not pile up and no counter falls.
"""

import fcntl
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus-client looks for it, when it is imported
KINDS = ("counter", "histogram")
ENDED = "ended"


@contextmanager
def worker_files() -> Iterator[Path]:
    """A new folder for the workers that the block starts; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="nextlead-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[FOLDER]


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Prevent a merge of files for the time of the block."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


def merge_dead(folder: Path, living: Collection[int]) -> None:
    """Merge the counts of processes that are not `living`, and drop their gauges."""
    with _locked(folder, fcntl.LOCK_EX):
        for kind in KINDS:
            dead = [path for path in folder.glob(f"{kind}_*.db") if _is_dead(path, living)]
            if dead:
                _merge(folder, kind, dead)
        for path in folder.glob("gauge_*.db"):
            if _is_dead(path, living):
                mark_process_dead(int(_process(path)), str(folder))


def _merge(folder: Path, kind: str, dead: list[Path]) -> None:
    target, fresh = folder / f"{kind}_{ENDED}.db", folder / f"{kind}.merging"
    files = [str(path) for path in (*dead, target) if path.exists()]
    written = MmapedDict(str(fresh))
    for metric in MultiProcessCollector.merge(files, accumulate=False):
        for sample in metric.samples:
            names, values = [*sample.labels], [*sample.labels.values()]
            key = mmap_key(metric.name, sample.name, names, values, metric.documentation)
            written.write_value(key, sample.value, 0)
    written.close()
    fresh.replace(target)
    for path in dead:
        path.unlink()


def _is_dead(path: Path, living: Collection[int]) -> bool:
    process = _process(path)
    return process != ENDED and int(process) not in living


def _process(path: Path) -> str:
    return path.stem.rpartition("_")[2]


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)

"""What `nextlead dev` keeps in the data directory: a lock against a second process, and a key."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.cli.starting import fail, own_secret
from service.embedded.home import create_data_dir, write_whole
from service.embedded.ownership import lock_of
from service.settings import Settings
from service.storage.api_keys import new_secret

LOCK, ABOUT = "dev.lock", "dev.json"


@contextmanager
def without_twin(data_dir: Path, address: str) -> Iterator[None]:
    """Hold the lock of the directory; if another `nextlead dev` holds it, fail with a message."""
    try:
        create_data_dir(data_dir)
        lock = lock_of(data_dir / LOCK)
    except OSError as error:
        fail(f"{data_dir} cannot be used: {error.strerror}; choose another with --data-dir.")
    if lock is None:
        fail(
            f"nextlead already runs on {data_dir}{_where(data_dir / ABOUT)};"
            " stop it, or choose another with --data-dir."
        )
    try:
        write_whole(data_dir / ABOUT, json.dumps({"process": os.getpid(), "address": address}))
        yield
    finally:
        (data_dir / ABOUT).unlink(missing_ok=True)
        os.close(lock)


def _where(about: Path) -> str:
    """The process and address of the other `nextlead dev`; empty until it has written them."""
    try:
        twin = json.loads(about.read_text("utf-8"))
        return f", as process {twin['process']} at {twin['address']}"
    except (OSError, ValueError, KeyError):
        return ""


def dev_key(settings: Settings) -> str:
    """NEXTLEAD_DEV_KEY, else the key that the data directory has kept since the first start."""
    if settings.dev_key is not None:
        return settings.dev_key.get_secret_value()
    return own_secret(settings.data_dir / "dev.key", new_secret)

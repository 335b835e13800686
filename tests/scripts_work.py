"""A script of ours that fails looks like a line that is away, so no test may let it pass unseen."""

from collections.abc import Iterator
from typing import Any

import pytest

from service.queue import scripts


class Listening:
    """A logger that also keeps what it was told of scripts that failed."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self.failed: list[str] = []

    def error(self, event: str, **facts: Any) -> None:
        if event == "line.script_failed":
            self.failed.append(str(facts["why"]))
        self._log.error(event, **facts)

    def __getattr__(self, level: str) -> Any:
        return getattr(self._log, level)


@pytest.fixture(autouse=True)
def scripts_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What went wrong in scripts of the line in this process; nothing may be left in it."""
    listening = Listening(scripts.log)
    monkeypatch.setattr(scripts, "log", listening)
    yield listening.failed
    assert listening.failed == []

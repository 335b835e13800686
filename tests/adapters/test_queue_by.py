"""Which queue a signal goes to by what it says (rule B18)."""

from typing import Any

import pytest
from builders import a_signal

from service.adapters.queue_by import QueueBy, queue_by_of
from service.adapters.source import Source

LINES = QueueBy("line", {"+7 843 200-10-20": "kazan", "2001": "ufa"}, "main")
BRANCHES = QueueBy("branch", {"Казань": "kazan"})


@pytest.mark.parametrize(
    ("by", "attributes", "queue"),
    [
        (LINES, {"line": "88432001020"}, "kazan"),
        (LINES, {"line": "+78432001020"}, "kazan"),
        (LINES, {"line": 2001}, "ufa"),
        (LINES, {"line": "8 495 200-10-20"}, "main"),
        (LINES, {"line": None}, "main"),
        (LINES, {}, "main"),
        (LINES, None, "main"),
        (BRANCHES, {"branch": " казань "}, "kazan"),
        (BRANCHES, {"branch": "Москва"}, "own"),
        (BRANCHES, {"region": "Казань"}, "own"),
        (None, {"line": "2001"}, "own"),
    ],
)
def test_a_value_decides_however_it_is_written(
    by: QueueBy | None, attributes: dict[str, Any] | None, queue: str
) -> None:
    source = Source("pbx", "zadarma", "own", queue_by=by)
    assert source.queue_of(a_signal(attributes=attributes)) == queue


def test_every_queue_is_named_once() -> None:
    by = QueueBy("line", {"1": "kazan", "2": "kazan", "3": "own"}, "ufa")
    assert Source("pbx", "zadarma", "own", queue_by=by).queues == ("own", "kazan", "ufa")


@pytest.mark.parametrize("by", [LINES, BRANCHES])
def test_what_is_stored_is_read_again(by: QueueBy) -> None:
    assert queue_by_of(by.written) == by

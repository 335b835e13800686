"""Which load fits on a machine, and what is said of a queue that cannot be had."""

from pathlib import Path
from typing import Any

import pytest

from bench.peers import installing
from bench.scale import Step


def a_step(took: float = 20.0, wrong: dict[str, int] | None = None, waiting: int = 0) -> Step:
    seen: dict[str, Any] = {"took": {"next": [took] * 200}, "wrong": wrong or {}}
    return Step(10, 30, seen, waiting, (160.0, 161.0), 0.5, 0.2, 0.1)


def test_a_load_fits_that_can_go_on_for_ever() -> None:
    assert a_step(waiting=200).fits  # ten seconds of 20 leads a second
    assert not a_step(waiting=201).fits
    assert not a_step(took=101.0).fits
    assert not a_step(wrong={"next 503": 1}).fits


def test_a_queue_of_others_that_cannot_be_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "HOME", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(installing.NotInstalled, match="node is not installed"):
        installing.packages_of_node()
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho the index is away >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(installing.NotInstalled, match="the index is away"):
        installing.packages_of_node()
    assert not [*tmp_path.glob("*/ready")]

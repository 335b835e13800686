import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.leads.unchanging import replace, unchanging

CODE = """
from service.leads.unchanging import unchanging

@unchanging
class Outcome:
    won: int

found = Outcome(1)
found.won = 3
"""


@unchanging
class Sum:
    amount: int
    currency: str = "RUB"


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    assert {Sum(5)} == {Sum(5, "RUB")}
    assert Sum(5) != Sum(6)


def test_mypy_refuses_to_change_a_value(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text(CODE)
    mypy = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), str(code)]
    checked = subprocess.run(mypy, capture_output=True, text=True, check=False)
    assert 'Property "won" defined in "Outcome" is read-only' in checked.stdout


@dataclass(frozen=True)
class Alone:
    amount: int


def test_a_copy_differs_in_the_named_fields_only() -> None:
    first = Sum(5, "KZT")
    assert replace(first, amount=6) == Sum(6, "KZT")
    assert first == Sum(5, "KZT")
    assert replace(first) is not first
    assert replace(Alone(1), amount=2) == Alone(2)


def test_a_copy_has_no_other_fields() -> None:
    with pytest.raises(TypeError):
        replace(Sum(5), price=6)  # type: ignore[call-arg]

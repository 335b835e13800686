import subprocess
import sys
from pathlib import Path

from service.leads.unchanging import unchanging

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

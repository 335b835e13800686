"""A test that lacks a program is skipped, and the end of the run says it loudly."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
SAMPLE = """
from lacking import needs

@needs("no-such-program", "none-such-either")
def test_with_a_missing_program():
    raise AssertionError

@needs("no-such-program", "sh")
def test_with_one_that_is_there():
    assert True
"""


def test_the_end_of_a_run_names_the_programs_that_were_missing(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    pytest = [sys.executable, "-m", "pytest", "-p", "lacking", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*pytest, "-c", "/dev/null", "--rootdir", tmp_path, tmp_path],
        env={"PYTHONPATH": str(TESTS), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert (
        "no-such-program or none-such-either is not installed: 1 test(s) WERE NOT RUN"
        in done.stdout
    )
    assert "1 passed, 1 skipped" in done.stdout

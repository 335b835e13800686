"""`make bench-quick`, as it is called."""

import re
import subprocess
import sys

import pytest
from lacking import needs


@pytest.mark.more
@pytest.mark.timeout(400)
@needs("wrk")
def test_a_line_for_each_main_ratio_and_nothing_else() -> None:
    """However slow the service is: a ratio below its target is no failure."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"], capture_output=True, text=True, timeout=390
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert all(re.fullmatch(r"[a-z-]+ \d+\.\d\d \d+(\.\d+)?", line) for line in lines), lines
    found = {line.split()[0]: float(line.split()[1]) for line in lines}
    assert [*found] == ["leads-in", "leads-joined", "polls", "leads-served", "leads-settled"]
    assert all(found.values()), f"{found}\n{ended.stderr}"

"""Programs that few machines have: a test that needs one is skipped where it is missing, loudly."""

import shutil

import pytest

LACKING = "LACKING"


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where none of the programs is there; the end of the run says so."""
    is_there = any(shutil.which(program) for program in programs)
    return pytest.mark.skipif(not is_there, reason=f"{LACKING} {' or '.join(programs)}")


def lines_of(reports: list[pytest.TestReport]) -> list[str]:
    """A line for each missing program, with the number of tests that were not run for it."""
    reasons = [
        str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple | list)
    ]
    missing = [reason.partition(LACKING)[2].strip() for reason in reasons if LACKING in reason]
    return [
        f"{name} is not installed: {missing.count(name)} test(s) WERE NOT RUN"
        for name in sorted(set(missing))
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """At the end of the run."""
    for line in lines_of(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, red=True, bold=True)

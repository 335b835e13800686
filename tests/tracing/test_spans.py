"""Which headers are taken, and that a span is nothing while nobody records."""

import os
import subprocess
import sys
import time

import pytest

from service.tracing.recording import NoExporter, open_provider, span_context
from service.tracing.spans import (
    NOTHING,
    TRACEPARENT,
    link,
    span,
    traceparent,
    valid_traceparent,
)
from service.tracing.switch import TracesUnavailable, traces

RECORDED = """
from service.tracing.spans import span
from service.tracing.switch import traces
with traces("1.2.3", wanted=True), span("lead.claim") as recorded:
    recorded.set("nextlead.lead_id", "7")
"""
WHOLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("given", [WHOLE, WHOLE[:-2] + "00", "cc" + WHOLE[2:] + "-what-comes"])
def test_a_header_that_is_taken(given: str) -> None:
    assert valid_traceparent(given) == given


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "00",
        WHOLE.upper(),
        "ff" + WHOLE[2:],
        WHOLE + "-more",
        WHOLE + "x",
        "cc" + WHOLE[2:] + "x",
        "00-" + "0" * 32 + WHOLE[35:],
        WHOLE[:36] + "0" * 16 + "-01",
        " " + WHOLE,
        WHOLE + "\n",
        "cc" + WHOLE[2:] + "-" + "x" * 200,
    ],
)
def test_a_header_that_is_not(given: str | None) -> None:
    assert valid_traceparent(given) is None


def test_without_recording_a_span_is_nothing_and_the_header_is_passed_on() -> None:
    before = TRACEPARENT.set(WHOLE)
    try:
        assert span("lead.claim") is NOTHING
        with span("lead.claim", ["a link"]) as recorded:
            recorded.set("nextlead.lead_id", "7")
            assert traceparent() == WHOLE
        assert link() is None
    finally:
        TRACEPARENT.reset(before)


def test_without_recording_a_span_costs_less_than_a_microsecond() -> None:
    def seconds() -> float:
        begun = time.process_time()
        for _ in range(10_000):
            with span("lead.claim") as recorded:
                recorded.set("nextlead.lead_id", "7")
        return time.process_time() - begun

    assert min(seconds() for _ in range(20)) / 10_000 < 2e-6


def test_a_header_says_which_span() -> None:
    found = span_context(WHOLE)
    assert found is not None
    assert f"{found.trace_id:032x}" == WHOLE[3:35]
    assert f"{found.span_id:016x}" == WHOLE[36:52]
    assert found.is_remote
    assert found.trace_flags.sampled


def test_an_exporter_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nowhere")
    with pytest.raises(NoExporter, match="nowhere"):
        open_provider("1")
    with pytest.raises(TracesUnavailable, match="OTEL_TRACES_EXPORTER"), traces("1", wanted=True):
        pass


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "service.tracing.recording", None)
    with pytest.raises(TracesUnavailable, match="otel"), traces("1", wanted=True):
        pass


def test_the_console_shows_spans() -> None:
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "console"}
    done = subprocess.run(
        [sys.executable, "-c", RECORDED], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert '"name": "lead.claim"' in done.stdout
    assert '"service.version": "1.2.3"' in done.stdout


def test_switched_off_nothing_is_imported() -> None:
    with traces("1", wanted=False):
        assert span("lead.claim") is NOTHING

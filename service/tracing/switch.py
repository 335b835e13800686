"""Traces are switched on for as long as a process runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from service.tracing.spans import recording

REMEDY = (
    "NEXTLEAD_TRACES needs OpenTelemetry's SDK: install `nextlead[otel]`, or leave the setting out."
)


class TracesUnavailable(Exception):
    """Traces are wanted, and what they need is not installed."""


@contextmanager
def traces(version: str, *, wanted: bool) -> Iterator[None]:
    """Record spans in the block if that is wanted; what is not sent yet is sent at its end.

    Raises TracesUnavailable with the remedy. The SDK is imported here alone.
    """
    if not wanted:
        yield
        return
    try:
        sdk = import_module("service.tracing.recording")
    except ImportError:
        raise TracesUnavailable(REMEDY) from None
    try:
        provider = sdk.open_provider(version)
    except sdk.NoExporter as error:
        raise TracesUnavailable(str(error)) from None
    recording.recorder = sdk.SpanRecorder(provider.get_tracer("nextlead", version))
    try:
        yield
    finally:
        recording.recorder = None
        provider.shutdown()

"""Switches traces on for the lifetime of a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from service.tracing.spans import recording

REMEDY = (
    "NEXTLEAD_TRACES needs OpenTelemetry's SDK: install `nextlead[otel]`, or leave the setting out."
)


class TracesUnavailable(Exception):
    """Traces are wanted, but what they need is not installed."""


@contextmanager
def traces(version: str, *, wanted: bool) -> Iterator[None]:
    """Record spans in the block if `wanted`; unsent spans are sent at its end.

    Raises TracesUnavailable with the remedy. Only this function imports the SDK.
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

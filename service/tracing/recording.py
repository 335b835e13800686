"""Records spans with OpenTelemetry's SDK, when `otel` is installed and traces are on."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace import Span as RecordedSpan

from service.tracing.spans import TRACEPARENT, Attribute

EXPORTERS = "opentelemetry_traces_exporter"
KINDS = {"request": SpanKind.SERVER, "event.send": SpanKind.CLIENT}


class NoExporter(Exception):
    """No exporter of spans is installed."""


def open_provider(version: str, exporter: SpanExporter | None = None) -> TracerProvider:
    """A provider that makes spans and sends them with the exporter of OTEL_TRACES_EXPORTER.

    Raises NoExporter when that exporter is not installed. The SDK itself reads OTEL_TRACES_SAMPLER
    and OTEL_RESOURCE_ATTRIBUTES.
    """
    about = Resource.create({"service.name": "nextlead", "service.version": version})
    provider = TracerProvider(resource=about, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or _exporter()))
    return provider


def _exporter() -> SpanExporter:
    name = os.environ.get("OTEL_TRACES_EXPORTER", "otlp")
    for found in entry_points(group=EXPORTERS, name=name):
        made: SpanExporter = found.load()()
        return made
    raise NoExporter(
        f"No exporter of spans is called `{name}`: install one, opentelemetry-exporter-otlp for"
        " example, or set OTEL_TRACES_EXPORTER=console."
    )


class _Noted:
    """An open span."""

    def __init__(self, recorded: RecordedSpan) -> None:
        self._recorded = recorded

    def set(self, name: str, value: Attribute | None) -> None:
        """Set an attribute of the span."""
        if value is not None:
            self._recorded.set_attribute(name, value)


class SpanRecorder:
    """Records spans with a tracer of the SDK."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: str, parent: str | None, links: Sequence[str]) -> Iterator[_Noted]:
        """A span; for an exception that leaves it only the type is recorded."""
        recorded = self._tracer.start_span(
            name,
            context=_context(parent),
            kind=KINDS.get(name, SpanKind.INTERNAL),
            links=[Link(found) for item in links if (found := span_context(item))],
        )
        before = TRACEPARENT.set(_header(recorded.get_span_context()))
        try:
            yield _Noted(recorded)
        except Exception as error:
            recorded.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            TRACEPARENT.reset(before)
            recorded.end()


def span_context(given: str) -> SpanContext | None:
    """The context that a traceparent names."""
    _, trace, parent, flags = given.split("-")[:4]
    return SpanContext(int(trace, 16), int(parent, 16), True, TraceFlags(int(flags, 16) & 1))


def _context(parent: str | None) -> Context:
    """The context of a span's parent, without other spans of this process."""
    found = None if parent is None else span_context(parent)
    return Context() if found is None else set_span_in_context(NonRecordingSpan(found), Context())


def _header(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

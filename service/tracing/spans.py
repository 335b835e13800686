"""Spans of the work that is done for a request, and the header by which others join its trace.

The places are: `request`, `delivery.read`, `lead.receive`, `line.show`, `lead.claim`, `lead.settle`
and `event.send`, and `batch`, which is linked to the spans of all who share it. Without recording
a span is nothing; the caller's `traceparent` is passed on all the same (W3C Trace Context).
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Protocol

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
VALID = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
Attribute = str | int | float | bool


class OpenSpan(Protocol):
    """Work that is being done."""

    def set(self, name: str, value: Attribute | None) -> None:
        """Note something about it; no client's data."""


class Recorder(Protocol):
    """What records spans."""

    def span(
        self, name: str, parent: str | None, links: Sequence[str]
    ) -> AbstractContextManager[OpenSpan]:
        """A span of the trace of its `parent`, and linked to others; each is a traceparent."""


class Nothing:
    """A span that nobody records."""

    def set(self, name: str, value: Attribute | None) -> None:
        """Nothing is noted."""


NOTHING = nullcontext(Nothing())


class _Recording:
    """Whether spans are recorded in this process, and by what."""

    recorder: Recorder | None = None


recording = _Recording()


def span(name: str, links: Sequence[str] = ()) -> AbstractContextManager[OpenSpan]:
    """Record the block as a span of what is being done."""
    if recording.recorder is None:
        return NOTHING
    return recording.recorder.span(name, TRACEPARENT.get(), links)


def traceparent() -> str | None:
    """What others join the trace by: the span that is open, or the caller's own header."""
    return TRACEPARENT.get()


def link() -> str | None:
    """What a batch is linked to its callers by; nothing while nobody records."""
    return None if recording.recorder is None else TRACEPARENT.get()


def valid_traceparent(given: str | None) -> str | None:
    """A caller's header, or None for one that is none; newer versions may add to it."""
    if given is None or len(given) > 128 or not (found := VALID.match(given)):
        return None
    is_whole = len(given) == len(found[0])
    if given.startswith("00") and not is_whole:
        return None
    return given if is_whole or given[len(found[0])] == "-" else None

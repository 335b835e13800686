"""Spans of the work for a request, and the header by which other systems join its trace.

The spans are `request`, `delivery.read`, `lead.receive`, `line.show`, `lead.claim`, `lead.settle`,
`event.send`, and `batch`, which is linked to the spans of all its callers. Without recording a span
does nothing. The caller's `traceparent` is passed on in any case (W3C Trace Context).
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
    """Work under way."""

    def set(self, name: str, value: Attribute | None) -> None:
        """Set an attribute; never a client's data."""


class Recorder(Protocol):
    """An object that records spans."""

    def span(
        self, name: str, parent: str | None, links: Sequence[str]
    ) -> AbstractContextManager[OpenSpan]:
        """A span in the trace of its `parent`, with links to others; each is a traceparent."""


class Nothing:
    """A span that is not recorded."""

    def set(self, name: str, value: Attribute | None) -> None:
        """Do nothing."""


NOTHING = nullcontext(Nothing())


class _Recording:
    """The recorder of this process, if spans are recorded."""

    recorder: Recorder | None = None


recording = _Recording()


def is_recording() -> bool:
    """Whether spans are recorded in this process."""
    return recording.recorder is not None


def span(name: str, links: Sequence[str] = ()) -> AbstractContextManager[OpenSpan]:
    """Record the block as a span."""
    if recording.recorder is None:
        return NOTHING
    return recording.recorder.span(name, TRACEPARENT.get(), links)


def traceparent() -> str | None:
    """The header for other systems: the open span's, or the caller's own."""
    return TRACEPARENT.get()


def link() -> str | None:
    """The traceparent by which a batch links to its callers; None without recording."""
    return None if recording.recorder is None else TRACEPARENT.get()


def valid_traceparent(given: str | None) -> str | None:
    """A caller's header, or None when it is invalid; newer versions may have more parts."""
    if given is None or len(given) > 128 or not (found := VALID.match(given)):
        return None
    is_whole = len(given) == len(found[0])
    if given.startswith("00") and not is_whole:
        return None
    return given if is_whole or given[len(found[0])] == "-" else None

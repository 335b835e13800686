"""How much one step of the event loop does, in calls of functions: exact on any machine.

A step is what runs between two moments when other tasks may. While it runs, nobody is served.
"""

import asyncio
import sys
from asyncio.events import Handle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

OWN = "/service/"


@dataclass(slots=True)
class Steps:
    """The longest step so far, and the functions of the service that it called most."""

    calls: int = 0
    where: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def __str__(self) -> str:
        most = sorted(self.where.items(), key=lambda item: -item[1])[:12]
        return f"{self.calls} calls: " + ", ".join(f"{name} {count}" for name, count in most)


@contextmanager
def counted_steps() -> Iterator[Steps]:
    """Count the calls in each step of this thread's loop while the block runs."""
    longest = Steps()
    count, where, step = 0, {}, Handle._run.__code__

    def count_call(frame: FrameType, event: str, _: object) -> None:
        nonlocal count, where
        if event == "call":
            if frame.f_code is step:
                _keep(longest, count, where)
                longest.number += 1
                count, where = 0, {}
            elif OWN in frame.f_code.co_filename:
                name = frame.f_code.co_qualname
                where[name] = where.get(name, 0) + 1
            count += 1
        elif event == "c_call":
            count += 1

    assert isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop)
    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        yield longest
    finally:
        sys.setprofile(before)
        _keep(longest, count, where)


def _keep(longest: Steps, count: int, where: dict[str, int]) -> None:
    if count > longest.calls:
        longest.calls, longest.where = count, where

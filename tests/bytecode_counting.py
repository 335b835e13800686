"""Counts executed bytecode: exact on any machine, however busy it is."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def executed(work: Callable[[], object]) -> int:
    """How many bytecodes a piece of work takes when it has been run before."""
    work()
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count

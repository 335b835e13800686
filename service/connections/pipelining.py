"""Requests that a client sends ahead of the answers to earlier ones."""

import asyncio
from collections.abc import Sized

from uvicorn.protocols.http.flow_control import FlowControl


class OneAfterAnother(FlowControl):
    """Reads no further request while one already read waits for the answer to an earlier one."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, unless a request waits."""
        if not self._waiting:
            super().resume_reading()

"""What is yet to be written to one listener: bounded, so that a slow one costs no memory."""

import asyncio
from collections import deque
from contextlib import suppress

from service.metrics.families import STREAMS_CUT

MAX_MESSAGES = 500
MAX_BYTES = 512 * 1024


class Mailbox:
    """Messages on their way to a listener, in order; of those that replace each other the last.

    Whoever does not read is cut: then nothing more is taken, and nothing more is handed out.
    """

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._latest: dict[str, bytes] = {}
        self._bytes = 0
        self._news = asyncio.Event()
        self.is_closed = self.is_cut = False

    def put(self, message: bytes) -> None:
        """Add a message; the listener is cut when there are too many."""
        if self.is_closed:
            return
        self._messages.append(message)
        self._bytes += len(message)
        if len(self._messages) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self.cut_slow()
        self._news.set()

    def put_latest(self, sort: str, message: bytes) -> None:
        """Add a message in place of the one of this sort that was not taken yet."""
        if not self.is_closed:
            self._latest[sort] = message
            self._news.set()

    def close(self) -> None:
        """Take nothing more; what is here is handed out."""
        self.is_closed = True
        self._news.set()

    def cut_slow(self) -> None:
        """End it now because its reader is too slow."""
        STREAMS_CUT.add()
        self.cut()

    def cut(self) -> None:
        """End it now; what is here is given up."""
        self.is_cut = True
        self._messages.clear()
        self._latest.clear()
        self.close()

    async def take(self, seconds: float) -> bytes:
        """All messages that are here, as soon as there is one; none after so many seconds.

        None, too, once the box is closed and empty.
        """
        if not (self._messages or self._latest or self.is_closed):
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        taken = b"".join((*self._messages, *self._latest.values()))
        self._messages.clear()
        self._latest.clear()
        self._bytes = 0
        return taken

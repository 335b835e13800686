"""The unwritten messages of one listener; bounded, so a slow reader costs no memory."""

import asyncio
from collections import deque
from contextlib import suppress

from service.metrics.families import STREAMS_CUT

MAX_MESSAGES = 500
MAX_BYTES = 512 * 1024


class Mailbox:
    """Messages for a listener, in order; of messages that replace each other only the last.

    A listener who does not read is cut: then the mailbox takes nothing more and hands out nothing.
    """

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._latest: dict[str, bytes] = {}
        self._bytes = 0
        self._news = asyncio.Event()
        self.is_closed = self.is_cut = False

    def put(self, message: bytes) -> None:
        """Add a message; with too many messages the listener is cut."""
        if self.is_closed:
            return
        self._messages.append(message)
        self._bytes += len(message)
        if len(self._messages) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self.cut_slow()
        self._news.set()

    def put_latest(self, sort: str, message: bytes) -> None:
        """Add a message that replaces an unread one of the same sort."""
        if not self.is_closed:
            self._latest[sort] = message
            self._news.set()

    def close(self) -> None:
        """Take no more messages; those already here are handed out."""
        self.is_closed = True
        self._news.set()

    def cut_slow(self) -> None:
        """Cut the listener because it reads too slowly."""
        STREAMS_CUT.add()
        self.cut()

    def cut(self) -> None:
        """End at once; unread messages are dropped."""
        self.is_cut = True
        self._messages.clear()
        self._latest.clear()
        self.close()

    async def take(self, seconds: float) -> bytes:
        """All messages, as soon as there is one; empty after `seconds` without any.

        Empty also once the mailbox is closed and has no message.
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

"""Looks up the names of hosts in threads of its own; each name only once at a time.

A look-up blocks while a name server is silent. In the threads that the whole process shares, a few
dead names would delay everything else there.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

AT_ONCE = 32


class Resolver:
    """Looks names up each time; nothing is cached."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; empty when its name is unknown.

        A second caller for the same name waits for the look-up under way. So a dead name takes one
        thread, however many posts go to it.
        """
        asked = self._asked.get((host, port))
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(self._threads, _look_up, host, port)
            self._asked[host, port] = asked
            asked.add_done_callback(partial(self._answered, (host, port)))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Stop all look-ups; a silent name server is not waited for here.

        Python still waits for all threads when it exits, so a silent name server delays the end of
        the process until the system gives up.
        """
        for asked in self._asked.values():
            asked.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answered(self, which: tuple[str, int], _asked: "asyncio.Future[list[str]]") -> None:
        del self._asked[which]


def _look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(item[4][0]) for item in found))

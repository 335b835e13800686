"""What names of hosts mean: the system is asked in threads of our own, of each name once at a time.

It blocks for as long as a name server is silent. In the threads that all of the process shares,
a few dead names would hold up whatever else is done there.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

AT_ONCE = 32


class Resolver:
    """Looks names up, as they are at this moment; nothing is remembered."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; none when its name is unknown.

        Who asks for a name that is being looked up waits for that answer, so that a dead name
        takes one thread, however many posts there are to it.
        """
        asked = self._asked.get((host, port))
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(self._threads, _look_up, host, port)
            self._asked[host, port] = asked
            asked.add_done_callback(partial(self._answered, (host, port)))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Ask nothing any more; a name server that is being asked is not waited for here.

        But Python waits for all threads when it exits: one that is silent delays the end of the
        process until the system gives it up.
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

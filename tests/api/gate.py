"""A way to Postgres that can be shut: then every connection breaks, for real."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
SOCKET = ".s.PGSQL.5432"


class Gate:
    """Listens at a socket in a directory, and leads to where the address leads."""

    def __init__(self, url: str, directory: str) -> None:
        parts = urlsplit(url)
        user, _, _ = parts.netloc.rpartition("@")
        self.url = parts._replace(netloc=f"{user}@", query=f"host={quote(directory)}").geturl()
        self._connect, self._here = _way_to(url), Path(directory) / SOCKET
        self._inside: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Let clients through from now on."""
        self._server = await asyncio.start_unix_server(self._let_through, self._here)

    def shut(self) -> None:
        """Throw everybody out, and let nobody in."""
        assert self._server is not None
        self._server.close()
        self._here.unlink(missing_ok=True)
        for writer in self._inside:
            writer.transport.abort()

    async def _let_through(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        server, to_server = await self._connect()
        self._inside |= {to_client, to_server}
        with suppress(OSError):
            await asyncio.gather(_carry(client, to_server), _carry(server, to_client))
        self._inside -= {to_client, to_server}
        to_client.close()
        to_server.close()


def _way_to(url: str) -> Connect:
    parts = urlsplit(url)
    if sockets := parse_qs(parts.query).get("host"):
        return partial(asyncio.open_unix_connection, Path(sockets[0]) / SOCKET)
    return partial(asyncio.open_connection, parts.hostname, parts.port or 5432)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        target.write(piece)
        await target.drain()
    target.close()

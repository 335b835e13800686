"""A real HTTP server of another company, in the process of the tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

Answers = Callable[["Request"], "Answer"]


@dataclass(frozen=True)
class Request:
    """What was sent to the receiver, byte for byte."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the receiver says, `after` something; it never says it when it `hangs`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hangs: bool = False
    after: asyncio.Event | None = None


@dataclass
class Receiver:
    """Keeps what it was sent, and answers as it is told to."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: Answers = lambda _request: Answer()
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def says(self, *statuses: int) -> None:
        """Answer with these statuses, one after another, and with 200 from then on."""
        left = list(statuses)
        self.answers = lambda _request: Answer(left.pop(0) if left else 200)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    writers: set[asyncio.StreamWriter] = set()
    serve = partial(_serve, receiver, writers)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()


async def _serve(
    receiver: Receiver,
    writers: set[asyncio.StreamWriter],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    writers.add(writer)
    receiver.connections += 1
    try:
        while request := await _read(reader):
            receiver.requests.append(request)
            answer = receiver.answers(request)
            if answer.hangs:
                await reader.read()
                return
            if answer.after is not None:
                await answer.after.wait()
            writer.write(_written(answer))
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writers.discard(writer)
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split(" ")[1], headers, body)


def _written(answer: Answer) -> bytes:
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {of}" for name, of in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body

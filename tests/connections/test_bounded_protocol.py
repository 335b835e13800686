"""A real server on a real socket, and what strangers send it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from api.doors import until
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from service.connections import bounded_protocol, registry
from service.connections.bounded_protocol import BoundedProtocol, prove
from service.connections.ending import AnswersWhenCut, Shutdown
from service.connections.limits import KEEP_ALIVE_SECONDS
from service.connections.registry import Registry

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GOOD = b"POST /good HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body; /good is what shows a valid key."""
    request = Request(scope, receive)
    with suppress(ClientDisconnect):
        body = await request.body()
        if request.url.path == "/good":
            prove(scope)
        if request.url.path == "/waits":
            await asyncio.Event().wait()
        if request.url.path == "/long":
            await StreamingResponse(without_end())(scope, receive, send)
            return
        await PlainTextResponse(str(len(body)))(scope, receive, send)


async def without_end() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65_536
        await asyncio.sleep(0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of time, a hundredth of what they are."""
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(bounded_protocol, "BODY_SILENCE_SECONDS", 0.4)
    monkeypatch.setattr(bounded_protocol, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(registry, "SWEEP_SECONDS", 0.05)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[uvicorn.Server]:
    monkeypatch.setattr(bounded_protocol, "registry", Registry())
    monkeypatch.setattr(bounded_protocol, "ending", Shutdown())
    monkeypatch.setattr("service.connections.ending.ending", bounded_protocol.ending)
    async with serving() as found:
        yield found


@asynccontextmanager
async def serving() -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(
        AnswersWhenCut(answer),
        port=0,
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        forwarded_allow_ips="",
    )
    found = uvicorn.Server(config)
    found.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(found._serve())
    await until(lambda: found.started)
    try:
        yield found
    finally:
        found.should_exit = True
        await task


def port_of(server: uvicorn.Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


OPENED: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """Every connection of a test is closed at its end."""
    yield
    for writer in OPENED:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    OPENED.clear()


async def connect(server: uvicorn.Server) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
    OPENED.append(writer)
    return reader, writer


async def status_of(reader: asyncio.StreamReader) -> int:
    """The status of the next answer; 0 when the connection was closed without one."""
    line = await asyncio.wait_for(reader.readline(), 10)
    if not line:
        return 0
    length = 0
    while (header := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return int(line.split()[1])


async def asked(server: uvicorn.Server, *pieces: bytes) -> int:
    reader, writer = await connect(server)
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    try:
        return await status_of(reader)
    except ConnectionError:
        return 0


async def test_a_usual_request_is_answered(server: uvicorn.Server) -> None:
    assert await asked(server, GOOD) == 200


async def test_requests_follow_each_other_on_one_connection(server: uvicorn.Server) -> None:
    reader, writer = await connect(server)
    for _ in range(3):
        writer.write(GOOD)
        assert await status_of(reader) == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nx-a: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"b" * 900) for i in range(99)),
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n",
    ],
    ids=["one long header", "many long headers", "many headers"],
)
async def test_a_large_head_is_refused(server: uvicorn.Server, head: bytes) -> None:
    assert await asked(server, head) == 431


async def test_a_head_without_an_end_is_refused_before_it_grows(server: uvicorn.Server) -> None:
    piece = b"a" * 65536
    assert await asked(server, b"GET / HTTP/1.1\r\nx-a: ", *[piece] * 100) in (431, 0)


async def test_a_head_of_the_second_request_is_bounded_too(server: uvicorn.Server) -> None:
    reader, writer = await connect(server)
    writer.write(GOOD)
    assert await status_of(reader) == 200
    writer.write(b"GET / HTTP/1.1\r\nx-a: " + b"a" * 100_000)
    assert await status_of(reader) == 431


async def test_a_large_body_behind_a_small_head_is_taken(server: uvicorn.Server) -> None:
    body = b"x" * 300_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert await asked(server, head + body) == 200


async def test_a_long_address_is_refused(server: uvicorn.Server) -> None:
    assert await asked(server, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n") == 414


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nx-a: b\r\n"], ids=["silent", "begun"])
async def test_a_head_that_does_not_end_in_time_is_refused(
    server: uvicorn.Server, begun: bytes
) -> None:
    assert await asked(server, begun) == 408


@pytest.mark.usefixtures("quick")
async def test_a_body_that_pauses_for_too_long_is_refused(server: uvicorn.Server) -> None:
    assert await asked(server, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc") == 408


@pytest.mark.usefixtures("quick")
async def test_an_answer_may_take_longer_than_a_body(server: uvicorn.Server) -> None:
    reader, writer = await connect(server)
    writer.write(b"POST /waits HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readline(), 1)


MALFORMED = {
    "no host": b"GET / HTTP/1.1\r\nx-a: b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n"
    b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n"
    b"content-length: 2\r\n\r\nab",
    "another coding": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n"
    b"1\r\na\r\n0\r\n\r\n",
    "a coding too many": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n"
    b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=[*MALFORMED])
async def test_what_two_readers_may_read_differently_is_refused(
    server: uvicorn.Server, sent: bytes
) -> None:
    assert await asked(server, sent) == 400


async def test_an_old_client_names_no_host(server: uvicorn.Server) -> None:
    assert await asked(server, b"GET / HTTP/1.0\r\n\r\n") == 200


CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


async def test_a_chunk_with_an_extension_without_an_end_is_refused(server: uvicorn.Server) -> None:
    assert await asked(server, CHUNKED, b"5;x=", *[b"e" * 65536] * 20) in (400, 0)


async def test_a_body_in_small_chunks_is_taken(server: uvicorn.Server) -> None:
    assert await asked(server, CHUNKED, b"1\r\na\r\n" * 30_000, b"0\r\n\r\n") == 200


async def test_requests_sent_ahead_are_answered_in_turn(server: uvicorn.Server) -> None:
    reader, writer = await connect(server)
    for _ in range(4):
        writer.write(GOOD * 20)
    for _ in range(80):
        assert await status_of(reader) == 200


async def test_requests_sent_ahead_are_not_read_without_end(server: uvicorn.Server) -> None:
    reader, writer = await connect(server)
    writer.write(b"POST /waits HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    writer.write(GOOD * 2000)
    assert await status_of(reader) in (400, 0)
    assert await is_closed(reader)


async def test_a_request_that_waits_for_an_earlier_answer_stops_the_reading(
    server: uvicorn.Server,
) -> None:
    reader, writer = await connect(server)
    writer.write(b"POST /waits HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n" + GOOD)
    (connection,) = await opened(server)
    await until(lambda: connection.flow.read_paused)
    connection.cycle.flow.resume_reading()  # as the request under way does when it reads on
    assert connection.flow.read_paused
    connection.check_time(connection.loop.time() + bounded_protocol.HEAD_SECONDS * 2)
    assert not await is_closed(reader)


async def test_an_answer_that_nobody_reads_is_cut(server: uvicorn.Server) -> None:
    connection, _ = await with_a_long_answer(server)
    now = connection.loop.time()
    connection.check_time(now)
    connection.check_time(now + bounded_protocol.ANSWER_SILENCE_SECONDS)
    assert not connection.transport.is_closing()
    connection.check_time(now + bounded_protocol.ANSWER_SILENCE_SECONDS + 1)
    await until(lambda: not server.server_state.tasks)


async def test_an_answer_that_is_read_slowly_is_not_cut(server: uvicorn.Server) -> None:
    connection, reader = await with_a_long_answer(server)
    now = connection.loop.time()
    for minute in range(4):
        unread = connection.transport.get_write_buffer_size()
        connection.check_time(now + minute * bounded_protocol.ANSWER_SILENCE_SECONDS)
        while connection.flow.write_paused and (
            connection.transport.get_write_buffer_size() >= unread
        ):
            await reader.readexactly(65_536)
        await until(lambda: connection.flow.write_paused)
        connection.check_time(now + (minute + 0.9) * bounded_protocol.ANSWER_SILENCE_SECONDS)
    assert not connection.transport.is_closing()


async def test_an_end_of_an_answer_that_nobody_reads_is_cut_too(server: uvicorn.Server) -> None:
    connection, _ = await with_a_long_answer(server)
    connection.transport.close()
    now = connection.loop.time()
    connection.check_time(now)
    connection.check_time(now + bounded_protocol.ANSWER_SILENCE_SECONDS + 1)
    await until(lambda: not server.server_state.connections)


async def with_a_long_answer(
    server: uvicorn.Server,
) -> tuple[BoundedProtocol, asyncio.StreamReader]:
    """A connection whose answer waits to be read."""
    reader, writer = await connect(server)
    writer.write(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
    (connection,) = await opened(server)
    await until(lambda: connection.flow.write_paused)
    return connection, reader


async def opened(server: uvicorn.Server) -> list[BoundedProtocol]:
    await until(lambda: bool(server.server_state.tasks))
    return [item for item in server.server_state.connections if isinstance(item, BoundedProtocol)]


async def test_strangers_of_one_address_are_bounded_and_the_newest_is_served(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_UNPROVEN", 4)
    monkeypatch.setattr(registry, "YOUNG_SECONDS", 0.0)
    idle = [await connect(server) for _ in range(10)]
    assert await asked(server, GOOD) == 200
    closed = [reader for reader, _ in idle if reader.at_eof() or await is_closed(reader)]
    assert len(closed) >= 6
    assert bounded_protocol.registry.unproven("127.0.0.1") <= 4


async def test_connections_kept_after_their_answer_make_room_too(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_UNPROVEN", 4)
    monkeypatch.setattr(registry, "MAX_UNPROVEN_AT_ONCE", 4)
    monkeypatch.setattr(registry, "YOUNG_SECONDS", 0.0)
    kept = []
    for _ in range(10):
        reader, writer = await connect(server)
        writer.write(GOOD.replace(b"/good", b"/else"))
        assert await status_of(reader) == 200
        kept.append(writer)
    assert bounded_protocol.registry.unproven("127.0.0.1") <= 4


def test_a_proxy_never_sends_into_a_connection_that_is_just_ended() -> None:
    longest_of_proxies = 120  # Caddy; nginx and balancers of clouds keep theirs for 60 s
    assert longest_of_proxies < KEEP_ALIVE_SECONDS


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), 0.05) == b""
    except (TimeoutError, ConnectionError) as error:
        return isinstance(error, ConnectionError)


async def test_who_has_shown_a_proof_takes_no_strangers_place(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_UNPROVEN", 4)
    monkeypatch.setattr(registry, "MAX_UNPROVEN_AT_ONCE", 4)
    for _ in range(12):
        reader, writer = await connect(server)
        writer.write(GOOD)
        assert await status_of(reader) == 200
    assert bounded_protocol.registry.unproven("127.0.0.1") == 0


async def test_when_all_places_are_taken_a_new_connection_is_told_so_at_once(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_protocol, "registry", Registry(max_connections=2))
    held = [await connect(server) for _ in range(2)]
    for reader, writer in held:
        writer.write(GOOD)
        assert await status_of(reader) == 200
    assert await asked(server, b"") == 503


async def test_what_the_end_cuts_is_answered_with_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded_protocol, "registry", Registry())
    monkeypatch.setattr(bounded_protocol, "ending", Shutdown())
    monkeypatch.setattr("service.connections.ending.ending", bounded_protocol.ending)
    async with serving() as server:
        reader, writer = await connect(server)
        writer.write(b"POST /waits HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        await until(lambda: bool(server.server_state.tasks))
        server.should_exit = True
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert head.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 1" in head.lower()

"""Posting to others: what is sent, what comes back, and what is not followed."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import pytest
from outgoing.receiver import Answer, Receiver, receiving

from service.leads.errors import InvalidRequest, Unanswered
from service.outgoing import guarded_client as module
from service.outgoing.guarded_client import MAX_ANSWER_BYTES, GuardedClient, open_guarded_client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def outside() -> AsyncIterator[GuardedClient]:
    async with open_guarded_client(private=True) as opened:
        yield opened


async def test_what_is_posted_arrives_byte_for_byte(
    outside: GuardedClient, receiver: Receiver
) -> None:
    body = '{"кто": "Ирина"}\r\n'.encode()
    url = f"http://localhost:{receiver.port}/hooks%20?a=%D1%8F&b"
    answer = await outside.post(url, body, {"Content-Type": "application/json", "X-A": "1"})
    (request,) = receiver.requests
    assert (answer.status, answer.body) == (200, b"ok")
    assert (request.target, request.body) == ("/hooks%20?a=%D1%8F&b", body)
    assert request.headers["host"] == f"localhost:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-a"] == "1"


async def test_the_answer_has_its_headers_in_lower_case(
    outside: GuardedClient, receiver: Receiver
) -> None:
    receiver.answers = lambda _: Answer(429, {"Retry-After": "7"}, b"slow down")
    answer = await outside.post(receiver.url, b"", {})
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


async def test_a_redirect_is_an_answer_and_is_not_followed(
    outside: GuardedClient, receiver: Receiver
) -> None:
    receiver.answers = lambda _: Answer(302, {"Location": receiver.url + "/other"})
    assert (await outside.post(receiver.url, b"", {})).status == 302
    assert len(receiver.requests) == 1


async def test_of_a_long_answer_only_the_beginning_is_read(
    outside: GuardedClient, receiver: Receiver
) -> None:
    receiver.answers = lambda _: Answer(200, {}, b"x" * 5_000_000)
    answer = await outside.post(receiver.url, b"", {})
    assert answer.body == b"x" * MAX_ANSWER_BYTES
    assert (await outside.post(receiver.url, b"", {})).status == 200


async def test_connections_are_used_again(outside: GuardedClient, receiver: Receiver) -> None:
    for _ in range(3):
        await outside.post(receiver.url, b"", {})
    assert (len(receiver.requests), receiver.connections) == (3, 1)


async def test_proxies_of_the_environment_are_not_asked(
    outside: GuardedClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with open_guarded_client(private=True) as fresh:
        assert (await fresh.post(receiver.url, b"", {})).status == 200


async def test_who_does_not_answer_in_time_is_given_up(
    outside: GuardedClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)
    receiver.answers = lambda _: Answer(hangs=True)
    with pytest.raises(Unanswered, match="no answer"):
        await outside.post(receiver.url, b"", {})


async def test_who_is_not_there_is_told_from_who_talks_nonsense(outside: GuardedClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(Unanswered, match="does not take connections"):
            await outside.post(url, b"", {})

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp.example.com ready\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unanswered, match="broke"):
            await outside.post(f"http://127.0.0.1:{port}/", b"", {})
        with pytest.raises(Unanswered):
            await outside.post(f"https://127.0.0.1:{port}/", b"", {})


async def test_private_addresses_are_refused_before_a_byte_is_sent(receiver: Receiver) -> None:
    async with open_guarded_client(private=False) as guarded:
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(InvalidRequest):
                await guarded.post(f"https://{host}:{receiver.port}/", b"", {})
        with pytest.raises(Unanswered, match="private network"):
            await guarded.post(f"https://localhost:{receiver.port}/", b"", {})
    assert receiver.connections == 0


async def test_the_connection_goes_to_the_address_that_was_judged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means another address at the second look gains nothing: there is no second."""
    asked: list[str] = []

    async def once(host: str, *_: object, private: bool) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(module, "resolve", once)
    url = f"http://rebinding.invalid:{receiver.port}/hooks"
    async with open_guarded_client(private=True) as outside:
        assert (await outside.post(url, b"", {})).status == 200
    assert asked == ["rebinding.invalid"]
    assert receiver.requests[0].headers["host"] == f"rebinding.invalid:{receiver.port}"


async def test_the_next_address_is_tried_when_the_first_is_not_there(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def both(*_: object, private: bool) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    monkeypatch.setattr(module, "resolve", both)
    async with open_guarded_client(private=True) as outside:
        assert (await outside.post(receiver.url, b"", {})).status == 200


async def test_tls_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str | None] = []
    greeted = asyncio.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def note(_socket: object, name: str | None, _context: object) -> None:
        named.append(name)
        greeted.set()

    async def here(*_: object, private: bool) -> list[str]:
        return ["127.0.0.1"]

    context.sni_callback = note
    monkeypatch.setattr(module, "resolve", here)
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server, open_guarded_client(private=False) as outside:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unanswered):
            await outside.post(f"https://crm.example.com:{port}/", b"", {})
        await greeted.wait()
    assert named == ["crm.example.com"]

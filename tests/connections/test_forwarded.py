"""Whose request it is: only trusted proxies are believed, from the nearest hop on."""

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from service.connections.forwarded import ForwardedClient

PROXY = "10.0.0.1"


async def client_of(peer: str, trusted: str, *headers: tuple[str, str]) -> tuple[str, str]:
    seen: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.update(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": raw}
    await ForwardedClient(app, trusted)(scope, None, None)  # type: ignore[arg-type]
    return seen["client"][0], seen["scheme"]


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ([("x-forwarded-for", "203.0.113.5")], "203.0.113.5"),
        ([("x-forwarded-for", "1.1.1.1, 203.0.113.5")], "203.0.113.5"),
        ([("x-forwarded-for", "203.0.113.5, 10.0.0.9")], "203.0.113.5"),
        ([("forwarded", "for=203.0.113.5;proto=https")], "203.0.113.5"),
        ([("forwarded", 'for="[2001:db8::1]:4711"')], "2001:db8::1"),
        ([("forwarded", "for=1.1.1.1"), ("forwarded", "for=203.0.113.5")], "203.0.113.5"),
        ([("x-forwarded-for", "rubbish")], PROXY),
        ([("forwarded", "for=unknown")], PROXY),
        ([("x-forwarded-for", "198.51.100.7:5678")], "198.51.100.7"),
        ([("x-forwarded-for", "[2001:db8::7]:443, 10.0.0.9:80")], "2001:db8::7"),
        ([("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
        ([("x-forwarded-for", "::ffff:198.51.100.7")], "198.51.100.7"),
        ([("forwarded", 'for="198.51.100.7:_gate"; proto=https')], "198.51.100.7"),
        ([("forwarded", "by=10.0.0.9; For=198.51.100.7")], "198.51.100.7"),
        ([("x-forwarded-for", "10.0.0.9")], "10.0.0.9"),
        ([], PROXY),
    ],
)
async def test_the_nearest_hop_that_is_no_proxy_is_the_client(
    headers: list[tuple[str, str]], client: str
) -> None:
    assert (await client_of(PROXY, "10.0.0.0/8", *headers))[0] == client


@pytest.mark.parametrize(
    ("header", "value", "client"),
    [
        ("x-forwarded-for", "203.0.113.9, unknown", PROXY),
        ("x-forwarded-for", "203.0.113.9, 300.1.1.1:80", PROXY),
        ("x-forwarded-for", "203.0.113.9, unix:, 10.0.0.9", "10.0.0.9"),
        ("x-forwarded-for", "203.0.113.9,", PROXY),
        ("x-forwarded-for", "203.0.113.9, 198.51.100.7:1:2", PROXY),
        ("x-forwarded-for", "203.0.113.9, 198.51.100.7:5678", "198.51.100.7"),
        ("forwarded", "for=203.0.113.9, for=_hidden", PROXY),
        ("forwarded", "for=203.0.113.9, proto=https", PROXY),
        ("forwarded", 'for=203.0.113.9, for="_hidden", for=10.0.0.9', "10.0.0.9"),
        ("forwarded", "for=203.0.113.9, by=x;not-for=203.0.113.8", PROXY),
    ],
)
async def test_what_stands_before_an_unreadable_hop_is_not_believed(
    header: str, value: str, client: str
) -> None:
    assert (await client_of(PROXY, "10.0.0.0/8", (header, value)))[0] == client


@pytest.mark.parametrize(
    ("forwarded", "x_forwarded", "client"),
    [
        ("for=203.0.113.9", "198.51.100.7", PROXY),
        ("for=198.51.100.7", "203.0.113.9", PROXY),
        ("for=198.51.100.7", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("proto=https", "198.51.100.7", "198.51.100.7"),
    ],
)
async def test_of_two_headers_a_proxy_may_have_written_only_one(
    forwarded: str, x_forwarded: str, client: str
) -> None:
    headers = (("forwarded", forwarded), ("x-forwarded-for", x_forwarded))
    assert (await client_of(PROXY, PROXY, *headers))[0] == client


@pytest.mark.parametrize("trusted", ["", "192.168.0.0/16", "nonsense"])
async def test_nobody_else_is_believed(trusted: str) -> None:
    header = ("x-forwarded-for", "203.0.113.5")
    assert await client_of("198.51.100.7", trusted, header) == ("198.51.100.7", "http")


async def test_the_scheme_comes_from_the_proxy_too() -> None:
    assert (await client_of(PROXY, PROXY, ("x-forwarded-proto", "https")))[1] == "https"


async def test_the_schemes_of_both_headers_have_to_agree() -> None:
    headers = (("forwarded", "proto=https"), ("x-forwarded-proto", "http"))
    assert (await client_of(PROXY, PROXY, *headers))[1] == "http"
    assert (await client_of(PROXY, PROXY, ("forwarded", "for=1.1.1.1;proto=https")))[1] == "https"

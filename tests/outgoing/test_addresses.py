"""Which addresses requests may go to, in every spelling that resolvers know."""

import socket
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_address

import pytest

from service.leads.errors import InvalidRequest, Unanswered
from service.outgoing.addresses import check_url, is_public, resolve
from service.outgoing.resolver import Resolver

PRIVATE = (
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255"),  # noqa: S104  none of them is bound
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.0.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "100::1"),
)
PUBLIC = (
    *("8.8.8.8", "93.184.216.34", "172.32.0.1", "172.15.255.255", "100.128.0.1", "11.0.0.1"),
    *("2606:4700::1111", "2a02:6b8::2:242", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
)
SPELLINGS_OF_LOOPBACK = (
    *("2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1"),
    *("127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"),
    *("0", "[64:ff9b::7f00:1]", "0x7f.0x0.0x0.0x1", "0300.0250.1.1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_open_network_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_open_network_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", SPELLINGS_OF_LOOPBACK)
def test_a_private_address_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(InvalidRequest, match=r"private network|no address"):
        check_url(f"https://{host}/hooks", private=False)


@pytest.mark.parametrize(
    "url",
    [
        *("", "crm.example.com", "/hooks", "ftp://crm.example.com/", "file:///etc/passwd"),
        *("http://crm.example.com/", "https://", "https:///hooks", "https://a:b@crm.example.com/"),
        *("https://crm.example.com/#part", "https://crm.example.com/a b", "https://crm\n.com/"),
        *(
            "https://сервер.рф/",
            "https://crm.example.com/" + "a" * 2000,
            "https://[::1",
            "gopher:x",
        ),
        "https://crm.example.com:99999999/",
    ],
)
def test_what_cannot_be_posted_to_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_url(url, private=False)
    (mistake,) = refused.value.mistakes
    assert (mistake.field, bool(mistake.reason), bool(mistake.remedy)) == ("url", True, True)


@pytest.mark.parametrize(
    "url",
    [
        *("https://crm.example.com", "https://crm.example.com:8443/hooks?shop=1"),
        *("https://8.8.8.8/", "https://xn--b1agh1afp.xn--p1ai/", "https://[2606:4700::1111]/"),
    ],
)
def test_public_addresses_are_taken(url: str) -> None:
    check_url(url, private=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://crm.local/", "https://[::1]/"])
def test_private_addresses_are_taken_where_they_are_allowed(url: str) -> None:
    check_url(url, private=True)
    with pytest.raises(InvalidRequest):
        check_url(url, private=False)


@pytest.fixture
def names() -> Iterator[Resolver]:
    with closing(Resolver()) as opened:
        yield opened


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "::1"])
async def test_a_name_is_judged_by_what_it_resolves_to(names: Resolver, host: str) -> None:
    with pytest.raises(Unanswered, match="private network"):
        await resolve(host, 443, names, private=False)
    assert set(await resolve(host, 443, names, private=True)) <= {"127.0.0.1", "::1"}


async def test_a_name_that_also_leads_into_the_private_network_is_refused(
    names: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = [(socket.AF_INET, 1, 6, "", (item, 443)) for item in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answered)
    with pytest.raises(Unanswered, match="private network"):
        await resolve("crm.example.com", 443, names, private=False)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example.com", "xn--", "a..b"])
async def test_an_unknown_name_is_said_to_be_unknown(names: Resolver, host: str) -> None:
    with pytest.raises(Unanswered, match="unknown"):
        await resolve(host, 443, names, private=True)

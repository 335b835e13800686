"""Which addresses our requests may go to: public ones, and private ones only if allowed.

An address that others give us must not lead to what only this machine can reach: its own ports, its
neighbours, a cloud's metadata. A name is judged by its addresses, at each connection.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from service.leads.errors import FieldMistake, InvalidRequest, Unanswered
from service.outgoing.resolver import Resolver

MAX_CHARACTERS = 2000
# IPv4 behind a translator (RFC 6052); only the well-known prefix leads to the open network.
TRANSLATED = IPv6Network("64:ff9b::/96")
TRANSLATED_HERE = IPv6Network("64:ff9b:1::/48")
SITE_LOCAL = IPv6Network("fec0::/10")
# IPv4 in any form that resolvers accept: one to four numbers, decimal, octal or hexadecimal.
NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is public, in any notation."""
    if isinstance(address, IPv6Address):
        if address in TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        tunnelled = address.sixtofour is not None or address.teredo is not None
        if tunnelled or address in TRANSLATED_HERE or address in SITE_LOCAL:
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special


def check_url(url: str, *, private: bool, field: str = "url") -> None:
    """Raise InvalidRequest for an address that requests may not go to; names are not resolved here.

    The scheme must be `https://`, or also `http://` where private addresses are allowed. A user, a
    password and a fragment are refused, and a host that is a private address in any notation.
    """
    if reason := _mistake(url, private=private):
        remedy = "Send an address like https://crm.example.com/hooks/nextlead."
        raise InvalidRequest([FieldMistake(field, reason, remedy)])


def _mistake(url: str, *, private: bool) -> str | None:
    if len(url) > MAX_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url:
        return f"it is longer than {MAX_CHARACTERS} characters, or has other than ASCII"
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return "it is no address"
    if parts.scheme not in (("https", "http") if private else ("https",)):
        return f"it must begin with https://{' or http://' if private else ''}"
    if not parts.host or parts.userinfo or parts.fragment:
        return "it needs a host, and may have no user, password or fragment"
    if parts.port is not None and not 1 <= parts.port <= 65535:
        return "its port is not within 1 and 65535"
    literal = _literal(parts.host)
    if literal is not None and not private and not is_public(literal):
        return "it is an address of a private network"
    return None


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is by itself, as resolvers read it; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not NUMBERS.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


async def resolve(host: str, port: int, names: Resolver, *, private: bool) -> list[str]:
    """The addresses of a host; raises Unanswered when there is none or one is not allowed."""
    addresses = await names.addresses(host, port)
    if not addresses:
        raise Unanswered("The host's name is unknown.")
    if not private and not all(is_public(ip_address(address)) for address in addresses):
        raise Unanswered("The host is in a private network; NEXTLEAD_PRIVATE_ADDRESSES allows it.")
    return addresses

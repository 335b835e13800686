"""Checks Twilio's signature of the configured address and the form (3.5).

The signed text is the address with its query, then each name of the form with each of its values,
sorted and without repetitions. For a body that is no form, the query has its SHA-256.
"""

import hashlib
import re
from urllib.parse import parse_qs

from service.adapters.bodies import pairs_of
from service.adapters.delivery import Delivery
from service.adapters.signatures import check_any, sign
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unreadable

HEADER = "x-twilio-signature"
FORM = "application/x-www-form-urlencoded"
BODY_HASH = "bodySHA256"
ADDRESS = re.compile(r"(https?)://([^/?#:]+)(:\d+)?((?:[/?].*)?)", re.DOTALL)
PORTS = {"http": ":80", "https": ":443"}
MAX_PARAMETERS = 100


def check_twilio(delivery: Delivery, source: Source) -> None:
    """Raise NotAuthentic unless one of the source's tokens signed the address and the body."""
    if delivery.media_type == FORM:
        signed = _signed_form(delivery)
    else:
        signed = ""
        _check_body_hash(delivery)
    messages = [
        (spelling + signed).encode("utf-8", "surrogateescape")
        for spelling in _spellings(delivery.url)
    ]
    expected = [
        sign(message, token, "sha1", "base64")
        for token in source.secret("auth_token")
        if token
        for message in messages
    ]
    check_any(delivery.header(HEADER), expected, f"signature in {HEADER}")


def _signed_form(delivery: Delivery) -> str:
    try:
        pairs = pairs_of(delivery)
    except Unreadable:
        raise NotAuthentic("The body is no form.") from None
    return "".join(name + value for name, value in sorted(set(pairs)))


def _check_body_hash(delivery: Delivery) -> None:
    if not delivery.body:
        return
    try:
        query = parse_qs(delivery.url.partition("?")[2], max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise NotAuthentic("The address has too many parameters.") from None
    expected = [hashlib.sha256(delivery.body).hexdigest()]
    check_any(query.get(BODY_HASH, [""])[0], expected, f"{BODY_HASH} of the body")


def _spellings(url: str) -> list[str]:
    """The address as it is, and with or without the usual port: Twilio signs either."""
    found = ADDRESS.fullmatch(url)
    if found is None:
        return [url]
    scheme, host, port, rest = found.groups()
    return [url, f"{scheme}://{host}{'' if port else PORTS[scheme]}{rest}"]

"""What the protocol itself refuses, each with the problem document that says why."""

import json
from http import HTTPStatus

from service.connections.ending import PREFIX
from service.connections.limits import (
    BODY_SILENCE_SECONDS,
    HEAD_SECONDS,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    MAX_URL_BYTES,
)

Refusal = tuple[int, str, str, str]

MALFORMED = (
    400,
    "malformed-request",
    "The request is not well-formed HTTP",
    "HTTP/1.1 is taken with one Host, a body of a Content-Length or of chunks, and at most"
    f" {MAX_PIPELINED} requests ahead of their answers.",
)
HEAD_TOO_LARGE = (
    431,
    "head-too-large",
    "The request's head is too large",
    f"At most {MAX_HEAD_BYTES} bytes and {MAX_HEADERS} headers are taken. Send fewer headers.",
)
ADDRESS_TOO_LONG = (
    414,
    "address-too-long",
    "The request's address is too long",
    f"At most {MAX_URL_BYTES} bytes are taken. Send long values in a body.",
)
TOO_SLOW = (
    408,
    "request-too-slow",
    "The request came too slowly",
    f"A head has {HEAD_SECONDS:g} seconds; a body may pause for {BODY_SILENCE_SECONDS:g}.",
)
FULL = (
    503,
    "overloaded",
    "Too many requests are waiting",
    "There are too many connections. Open fewer of them, or try again in a moment.",
)
REFUSALS = (MALFORMED, HEAD_TOO_LARGE, ADDRESS_TOO_LONG, TOO_SLOW, FULL)


def answer_of(refusal: Refusal) -> bytes:
    """The whole answer, after which the connection is closed."""
    status, name, title, detail = refusal
    problem = {"type": PREFIX + name, "title": title, "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
        "x-content-type-options: nosniff\r\ncache-control: no-store\r\n"
        f"{'retry-after: 1' + chr(13) + chr(10) if status == 503 else ''}connection: close\r\n\r\n"
    )
    return head.encode() + body

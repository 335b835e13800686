"""Bodies of senders, parsed with bounds: JSON, forms, forms with nested keys, forms with files."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import qs_codec
from python_multipart.multipart import create_form_parser

from service.adapters.delivery import Delivery
from service.leads.errors import InvalidRequest, MalformedBody, Unreadable
from service.strict_json import parse

MAX_FIELDS = 1000
MAX_DEPTH = 8
MAX_SINGLE = 4096
FORM_BYTES = 256 * 1024  # of news of a call, with much to spare
MULTIPART = "multipart/form-data"
ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
IN_MEMORY = 64 * 1024 * 1024  # more than any body: files of a form never touch the disk

Nested = Mapping[str, Any]


def json_of(delivery: Delivery) -> Any:
    """The JSON value of a body; raises Unreadable."""
    return json_value(delivery.body)


def json_value(text: bytes | str) -> Any:
    """The value of a JSON text, wherever it stood; raises Unreadable."""
    try:
        return parse(text.encode() if isinstance(text, str) else text)
    except (MalformedBody, InvalidRequest, UnicodeEncodeError) as error:
        raise Unreadable(f"The body is no JSON that is taken: {error}") from None


def json_object(delivery: Delivery) -> dict[str, Any]:
    """The JSON object of a body; raises Unreadable."""
    value = json_of(delivery)
    if not isinstance(value, dict):
        raise Unreadable("The body is no JSON object.")
    return value


def form_of(delivery: Delivery) -> dict[str, str]:
    """The fields of a form, files left aside, the last of a name; raises Unreadable."""
    return dict(pairs_of(delivery))


def pairs_of(delivery: Delivery) -> list[tuple[str, str]]:
    """The fields of a form in their order, with names that came more than once."""
    if delivery.media_type == MULTIPART:
        fields = _multipart(delivery)
        return [(name, value.decode(errors="replace")) for name, value in fields]
    return [(name, _unescaped(value)) for name, value in _escaped_pairs(delivery)]


def single_fields_of(delivery: Delivery, names: Collection[str]) -> dict[str, str]:
    """Those of the named fields that a form has once, and short; raises Unreadable.

    The others are not decoded: before its sender is known, a form should cost little.
    """
    if delivery.media_type == MULTIPART:
        single = _single(_multipart(delivery), names)
        return {name: value.decode(errors="replace") for name, value in single.items()}
    single = _single(_escaped_pairs(delivery), names)
    return {name: _unescaped(value) for name, value in single.items()}


def undecoded_form_of(delivery: Delivery) -> dict[str, bytes]:
    """The fields of a multipart form, each in a charset of its own, files left aside.

    The last of a name counts; raises Unreadable.
    """
    return dict(_multipart(delivery))


def nested_form_of(delivery: Delivery) -> Nested:
    """A form whose names are nested, `a[b][0]=c`, as an object; raises Unreadable."""
    options = qs_codec.DecodeOptions(
        depth=MAX_DEPTH,
        strict_depth=True,
        parameter_limit=MAX_FIELDS,
        list_limit=MAX_FIELDS,
        parse_lists=False,  # indexes are names: no list of a chosen length is made
        raise_on_limit_exceeded=True,
    )
    try:
        nested: Nested = qs_codec.decode(delivery.body.decode(), options)
    except (ValueError, IndexError, TypeError):  # not UTF-8, too many, too deep
        raise Unreadable(f"The body is no form of at most {MAX_DEPTH} levels.") from None
    return nested


def _single(pairs: list[tuple[str, bytes]], names: Collection[str]) -> dict[str, bytes]:
    raw = [name for name, _ in pairs]
    return {
        name: value
        for name, value in pairs
        if name in names and len(value) <= MAX_SINGLE and raw.count(name) == 1
    }


def _escaped_pairs(delivery: Delivery) -> list[tuple[str, bytes]]:
    pieces = delivery.body.split(b"&", MAX_FIELDS)
    if len(pieces) > MAX_FIELDS:
        raise Unreadable(f"The body is no form of at most {MAX_FIELDS} fields.")
    pairs = [piece.partition(b"=") for piece in pieces if piece]
    return [(_unescaped(name), value) for name, _, value in pairs]


def _unescaped(text: bytes) -> str:
    """Many times as fast as the standard library's for texts that are all escapes."""
    plain = ESCAPES.sub(_bytes_of, text.replace(b"+", b" "))
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise Unreadable("The body is no form in UTF-8.") from None


def _bytes_of(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes[0].translate(None, b"%").decode())


def _multipart(delivery: Delivery) -> list[tuple[str, bytes]]:
    fields: list[tuple[str, bytes]] = []

    def take(field: Any) -> None:
        fields.append(((field.field_name or b"").decode(errors="replace"), field.value or b""))

    content_type = (delivery.header("content-type") or "").encode(errors="replace")
    headers = {"Content-Type": content_type}
    bounds = {"MAX_FIELDS": MAX_FIELDS, "MAX_MEMORY_FILE_SIZE": IN_MEMORY}
    try:
        parser = create_form_parser(headers, take, _leave_out, bounds)
        parser.write(delivery.body)
        parser.finalize()
    except ValueError:  # every error of the parser is one
        raise Unreadable("The body is no multipart form.") from None
    return fields


def _leave_out(file: Any) -> None:
    file.close()

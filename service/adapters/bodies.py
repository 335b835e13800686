"""Parses senders' bodies with bounds: JSON, forms, forms with nested keys, forms with files."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

import qs_codec
from python_multipart.multipart import create_form_parser

from service.adapters.delivery import Delivery
from service.adapters.encodings import (
    CONTROL,
    UTF_8,
    Mended,
    charset_declared,
    charset_named,
    charset_of,
    decode,
    escape_controls,
    mend_json,
    without_mark,
)
from service.leads.errors import InvalidRequest, MalformedBody, Unreadable
from service.strict_json import BYTE_ORDER_MARK, parse

MAX_FIELDS = 1000
MAX_DEPTH = 8
MAX_SINGLE = 4096
FORM_BYTES = 256 * 1024  # far more than a report on a call needs
MULTIPART = "multipart/form-data"
CHARSET_FIELD = "_charset_"  # HTML's name of the hidden field with the form's charset
ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
OF_SCRIPTS = re.compile(rb"%u([0-9A-Fa-f]{4})")
IN_MEMORY = 64 * 1024 * 1024  # more than any body: files of a form never touch the disk

Nested = Mapping[str, Any]


def json_of(delivery: Delivery) -> Any:
    """The JSON value of a body; raises Unreadable."""
    return _json(delivery.body, charset_declared(delivery.header("content-type")))


def json_value(text: bytes | str) -> Any:
    """The value of a JSON text from anywhere; raises Unreadable."""
    return _json(text.encode(errors="replace") if isinstance(text, str) else text)


def json_object(delivery: Delivery) -> dict[str, Any]:
    """The JSON object of a body; raises Unreadable."""
    value = json_of(delivery)
    if not isinstance(value, dict):
        raise Unreadable("The body is no JSON object.")
    return value


def mended_in(delivery: Delivery) -> Sequence[str]:
    """The names of the repairs (`Mended`) that a body needs before it can be read."""
    if not delivery.body.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0")[:1]:
        return ()
    if not _looks_like_json(delivery):
        return sorted(item.value for item in _mended_in_form(delivery))
    found = mend_json(delivery.body, charset_declared(delivery.header("content-type")))
    mended = {*found.mended}
    if escape_controls(found.body) != found.body:
        mended.add(Mended.CONTROL_CHARACTER)
    return sorted(item.value for item in mended)


def _mended_in_form(delivery: Delivery) -> set[Mended]:
    try:
        pieces = [part for pair in _raw_pairs(delivery) for part in pair]
    except Unreadable:
        return set()
    is_sound = charset_of(pieces) == UTF_8 and _is_utf_8(pieces)
    mended = set() if delivery.media_type == MULTIPART else without_mark(delivery.body)[1]
    return mended if is_sound else mended | {Mended.CHARSET}


def form_of(delivery: Delivery) -> dict[str, str]:
    """The fields of a form without its files; the last of a name counts. Raises Unreadable."""
    return dict(pairs_of(delivery))


def pairs_of(delivery: Delivery) -> list[tuple[str, str]]:
    """The fields of a form in their order, repeated names included; raises Unreadable."""
    pairs = _raw_pairs(delivery)
    charset = _charset_of(delivery, pairs)
    return [(decode(name, charset), decode(value, charset)) for name, value in pairs]


def single_fields_of(delivery: Delivery, names: Collection[str]) -> dict[str, str]:
    """The named fields that occur once in a form and are short; raises Unreadable.

    Other fields are not decoded: a form should cost little before its sender is verified.
    """
    if delivery.media_type == MULTIPART:
        return {name: decode(value, UTF_8) for name, value in _single(_multipart(delivery), names)}
    return {
        name: decode(_unescaped(value), UTF_8)
        for name, value in _single(_escaped_pairs(delivery), names)
    }


def undecoded_form_of(delivery: Delivery) -> dict[str, bytes]:
    """The fields of a multipart form without its files. Each has a charset of its own.

    The last value of a name counts; raises Unreadable.
    """
    return {decode(name, UTF_8): value for name, value in _multipart(delivery)}


def nested_form_of(delivery: Delivery) -> Nested:
    """A form whose names are nested, `a[b][0]=c`, as an object; raises Unreadable."""
    options = qs_codec.DecodeOptions(
        depth=MAX_DEPTH,
        strict_depth=True,
        parameter_limit=MAX_FIELDS,
        list_limit=MAX_FIELDS,
        parse_lists=False,  # indexes are names: a sender cannot make us build a long list
        raise_on_limit_exceeded=True,
    )
    try:
        nested: Nested = qs_codec.decode(_form_in_utf_8(delivery), options)
    except (ValueError, IndexError, TypeError):  # too many, too deep
        raise Unreadable(f"The body is no form of at most {MAX_DEPTH} levels.") from None
    return nested


def _json(text: bytes, declared: str | None = None) -> Any:
    body = mend_json(text, declared).body
    try:
        try:
            return parse(body)
        except MalformedBody:
            if CONTROL.search(body) is None:
                raise
            return parse(mend_json(escape_controls(body)).body)
    except (MalformedBody, InvalidRequest) as error:
        raise Unreadable(f"The body is no JSON that is taken: {error}") from None


def _looks_like_json(delivery: Delivery) -> bool:
    first = delivery.body.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0")[:1]
    return delivery.media_type.endswith("json") or first in (b"{", b"[")


def _is_utf_8(pieces: Sequence[bytes]) -> bool:
    whole = b"".join(pieces)
    return decode(whole, UTF_8).encode() == whole


def _form_in_utf_8(delivery: Delivery) -> str:
    """The form as it came, converted to UTF-8 when it is in another charset."""
    pairs = _raw_pairs(delivery)
    charset = _charset_of(delivery, pairs)
    if charset == UTF_8 and delivery.media_type != MULTIPART:
        return decode(without_mark(delivery.body)[0], UTF_8)
    again = [[quote_from_bytes(decode(part, charset).encode()) for part in pair] for pair in pairs]
    return "&".join("=".join(pair) for pair in again)


def _charset_of(delivery: Delivery, pairs: Sequence[tuple[bytes, bytes]]) -> str:
    """The charset that the form declares, else the charset that its bytes show."""
    named = dict(pairs).get(CHARSET_FIELD.encode())
    declared = charset_named(decode(named, UTF_8)) if named else None
    named_charset = declared or charset_declared(delivery.header("content-type"))
    return charset_of([part for pair in pairs for part in pair], named_charset)


def _single(
    pairs: Sequence[tuple[bytes, bytes]], names: Collection[str]
) -> list[tuple[str, bytes]]:
    raw = [(decode(name, UTF_8), value) for name, value in pairs]
    every = [name for name, _ in raw]
    return [
        (name, value)
        for name, value in raw
        if name in names and len(value) <= MAX_SINGLE and every.count(name) == 1
    ]


def _raw_pairs(delivery: Delivery) -> list[tuple[bytes, bytes]]:
    if delivery.media_type == MULTIPART:
        return _multipart(delivery)
    return [(name, _unescaped(value)) for name, value in _escaped_pairs(delivery)]


def _escaped_pairs(delivery: Delivery) -> list[tuple[bytes, bytes]]:
    pieces = without_mark(delivery.body)[0].split(b"&", MAX_FIELDS)
    if len(pieces) > MAX_FIELDS:
        raise Unreadable(f"The body is no form of at most {MAX_FIELDS} fields.")
    pairs = [piece.partition(b"=") for piece in pieces if piece]
    return [(_unescaped(name).removeprefix(BYTE_ORDER_MARK), value) for name, _, value in pairs]


def _unescaped(text: bytes) -> bytes:
    """Much faster than the standard library for texts that are all escapes.

    Some pages escape without a charset, as `%u0418`. It becomes `&#1048;`, as browsers write it.
    """
    if b"%u" in text:
        text = OF_SCRIPTS.sub(lambda found: b"&#%d;" % int(found[1], 16), text)
    return ESCAPES.sub(_bytes_of, text.replace(b"+", b" "))


def _bytes_of(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes[0].translate(None, b"%").decode())


def _multipart(delivery: Delivery) -> list[tuple[bytes, bytes]]:
    fields: list[tuple[bytes, bytes]] = []
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1
        if count > MAX_FIELDS:  # the parser's own bound is for escaped forms only
            raise ValueError("too many parts")

    def take(field: Any) -> None:
        counted()
        fields.append((field.field_name or b"", field.value or b""))

    def leave_out(file: Any) -> None:
        counted()
        file.close()

    content_type = (delivery.header("content-type") or "").encode(errors="replace")
    headers = {"Content-Type": content_type}
    try:
        parser = create_form_parser(headers, take, leave_out, {"MAX_MEMORY_FILE_SIZE": IN_MEMORY})
        parser.write(delivery.body)
        parser.finalize()
    except ValueError:  # every error of the parser is one
        raise Unreadable(f"The body is no multipart form of at most {MAX_FIELDS} parts.") from None
    return fields

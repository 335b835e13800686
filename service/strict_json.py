"""Strict JSON: its depth is limited before parsing, and no number becomes inexact."""

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

from service.leads.errors import FieldMistake, InvalidRequest, MalformedBody

MAX_DEPTH = 32
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # RFC 8259, 8.1: a parser may skip it
# Possessive, and also matches an unclosed string: else hostile bodies cost quadratic time.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
ALL_DIGITS_ALIKE = bytes.maketrans(b"0123456789", b"0" * 10)
LONG_NUMBER = b"0" * 19
LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**64 - 1


def parse(body: bytes) -> Any:
    """Parse JSON; refuses NaN, lone surrogates, NUL, integers beyond 64 bits, over 32 levels.

    Raises MalformedBody, and InvalidRequest that names the field.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body:
        raise MalformedBody("A JSON body is expected, and none was sent.")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and depth_of(body) > MAX_DEPTH:
        raise MalformedBody(f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from None
    if b"\\u0000" in body:
        _look_through(value, (), _refuse_nul)
    # orjson turns integers beyond 64 bits into inexact numbers
    if LONG_NUMBER in body.translate(ALL_DIGITS_ALIKE):
        _look_through(json.loads(body), (), _refuse_long_integer)
    return value


def depth_of(body: bytes) -> int:
    """How deep objects and arrays are nested outside strings, in linear time."""
    depth = deepest = 0
    for byte in STRING.sub(b"", body):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def _look_through(
    value: Any, path: tuple[str, ...], check: Callable[[Any, tuple[str, ...]], None]
) -> None:
    check(value, path)
    if isinstance(value, list):
        for number, item in enumerate(value):
            _look_through(item, (*path, str(number)), check)
    if isinstance(value, dict):
        for name, item in value.items():
            check(name, (*path, name.replace("\0", "")))
            _look_through(item, (*path, name), check)


def _refuse_nul(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, str) and "\0" in value:
        remedy = "Leave the character U+0000 out."
        raise InvalidRequest([_mistake(path, "it has a NUL character", remedy)])


def _refuse_long_integer(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, int) and not LEAST_INTEGER <= value <= GREATEST_INTEGER:
        remedy = "Send it as a string."
        raise InvalidRequest([_mistake(path, "the integer is beyond 64 bits", remedy)])


def _mistake(path: tuple[str, ...], reason: str, remedy: str) -> FieldMistake:
    return FieldMistake(".".join(path) or "body", reason, remedy)

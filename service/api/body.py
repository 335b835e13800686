"""Reading what was sent: size and depth are bounded before anything is parsed."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from service.leads.errors import (
    BodyTooLarge,
    FieldMistake,
    InvalidRequest,
    MalformedBody,
    UnsupportedMediaType,
)
from service.leads.mistakes import mistakes_of

MOST_BYTES = 256 * 1024
MOST_DEPTH = 32
# Possessive, and a string that never ends is one, too: else hostile bodies cost quadratic time.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
LONG_NUMBER = re.compile(rb"\d{19}")
LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**64 - 1

Model = TypeVar("Model", bound=BaseModel)


class StrictRequest(Request):
    """A request whose body is bounded, well-formed JSON, or refused."""

    async def body(self) -> bytes:
        """The raw bytes; raises BodyTooLarge before reading more than allowed."""
        if not hasattr(self, "_body"):
            self._body = await self._read()
        return self._body

    async def json(self) -> Any:
        """The parsed body; raises UnsupportedMediaType, BodyTooLarge or MalformedBody."""
        if not hasattr(self, "_json"):
            check_media_type(self.headers.get("content-type"))
            self._json = parse(await self.body())
        return self._json

    async def _read(self) -> bytes:
        length = self.headers.get("content-length", "")
        if length.isdecimal() and int(length) > MOST_BYTES:
            raise BodyTooLarge(f"At most {MOST_BYTES} bytes are taken; these are {length}.")
        body = bytearray()
        try:
            async for chunk in self.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise BodyTooLarge(f"At most {MOST_BYTES} bytes are taken.")
        except ClientDisconnect:
            raise MalformedBody("The connection ended before the body did.") from None
        return bytes(body)


async def read_model(request: StrictRequest, model: type[Model]) -> Model:
    """The body as a model; raises InvalidRequest naming every field that is wrong."""
    try:
        return model.model_validate(await request.json())
    except ValidationError as error:
        raise InvalidRequest(mistakes_of(error.errors(include_url=False))) from None


def check_media_type(said: str | None) -> None:
    """Raise UnsupportedMediaType unless the body is said to be JSON, or nothing is said."""
    essence = (said or "application/json").split(";", 1)[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise UnsupportedMediaType(f"`{essence[:80]}` is not taken; send `application/json`.")


def parse(body: bytes) -> Any:
    """JSON without NaN, lone surrogates, NUL, integers beyond 64 bits, more than 32 levels."""
    if not body:
        raise MalformedBody("A JSON body is wanted, and none was sent.")
    if body.count(b"{") + body.count(b"[") > MOST_DEPTH and depth_of(body) > MOST_DEPTH:
        raise MalformedBody(f"The body is nested deeper than {MOST_DEPTH} levels.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from None
    if b"\\u0000" in body:
        _look_through(value, (), _refuse_nul)
    if LONG_NUMBER.search(body):  # orjson makes inexact numbers of integers beyond 64 bits
        _look_through(json.loads(body), (), _refuse_long_integer)
    return value


def depth_of(body: bytes) -> int:
    """How deep objects and arrays are nested, strings left aside; linear in the length."""
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

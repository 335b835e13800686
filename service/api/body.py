"""Reads request bodies. Size and depth are bounded before anything is parsed."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from service.api.headers import header_of
from service.leads.errors import BodyTooLarge, InvalidRequest, MalformedBody, UnsupportedMediaType
from service.leads.mistakes import mistakes_of
from service.strict_json import parse

MAX_BYTES = 256 * 1024

Model = TypeVar("Model", bound=BaseModel)


class StrictRequest(Request):
    """A request whose body must be bounded, well-formed JSON."""

    async def body(self) -> bytes:
        """The raw bytes; raises BodyTooLarge before reading more than allowed."""
        return await self.body_up_to(MAX_BYTES)

    async def body_up_to(self, limit: int) -> bytes:
        """The raw bytes, with another limit than the usual one; raises BodyTooLarge."""
        if not hasattr(self, "_body"):
            self._body = await self._read(limit)
        return self._body

    async def json(self) -> Any:
        """The parsed body; raises UnsupportedMediaType, BodyTooLarge or MalformedBody."""
        if not hasattr(self, "_json"):
            check_media_type(header_of(self.scope, b"content-type"))
            self._json = parse(await self.body())
        return self._json

    async def _read(self, limit: int) -> bytes:
        length = header_of(self.scope, b"content-length") or ""
        if length.isdecimal() and int(length) > limit:
            raise BodyTooLarge(
                f"At most {limit} bytes are accepted; these are {length}. Send less."
            )
        parts, size, has_more = [], 0, True
        while has_more:  # starlette's own stream takes a generator for what is nearly always whole
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self._is_disconnected = True
                raise MalformedBody(
                    "The connection ended before the body was complete; send it again."
                )
            parts.append(message.get("body", b""))
            size, has_more = size + len(parts[-1]), message.get("more_body", False)
            if size > limit:
                raise BodyTooLarge(f"At most {limit} bytes are taken.")
        return parts[0] if len(parts) == 1 else b"".join(parts)


async def read_model(request: StrictRequest, model: type[Model]) -> Model:
    """The body as a model; raises InvalidRequest that names every wrong field."""
    try:
        return model.model_validate(await request.json())
    except ValidationError as error:
        raise InvalidRequest(mistakes_of(error.errors(include_url=False))) from None


def check_media_type(sent: str | None) -> None:
    """Raise UnsupportedMediaType unless the content type is JSON or missing."""
    if sent == "application/json":
        return
    essence = (sent or "application/json").split(";", 1)[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise UnsupportedMediaType(f"`{essence[:80]}` is not accepted; send `application/json`.")

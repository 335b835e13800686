"""Reads request bodies. Size and depth are bounded before anything is parsed."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

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
            check_media_type(self.headers.get("content-type"))
            self._json = parse(await self.body())
        return self._json

    async def _read(self, limit: int) -> bytes:
        length = self.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise BodyTooLarge(f"At most {limit} bytes are taken; these are {length}.")
        body = bytearray()
        try:
            async for chunk in self.stream():
                body += chunk
                if len(body) > limit:
                    raise BodyTooLarge(f"At most {limit} bytes are taken.")
        except ClientDisconnect:
            raise MalformedBody("The connection ended before the body did.") from None
        return bytes(body)


async def read_model(request: StrictRequest, model: type[Model]) -> Model:
    """The body as a model; raises InvalidRequest that names every wrong field."""
    try:
        return model.model_validate(await request.json())
    except ValidationError as error:
        raise InvalidRequest(mistakes_of(error.errors(include_url=False))) from None


def check_media_type(sent: str | None) -> None:
    """Raise UnsupportedMediaType unless the content type is JSON or missing."""
    essence = (sent or "application/json").split(";", 1)[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise UnsupportedMediaType(f"`{essence[:80]}` is not taken; send `application/json`.")

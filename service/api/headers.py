"""One header of a request, without the object that holds them all."""

from starlette.types import Scope


def header_of(scope: Scope, name: bytes) -> str | None:
    """The first header of a name in lower case; None when there is none."""
    for existing, value in scope["headers"]:
        if existing == name:
            text: str = value.decode("latin-1")
            return text
    return None

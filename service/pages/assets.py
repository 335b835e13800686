"""Scripts, styles and icons. They are read once, and their address changes with their content."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@lru_cache
def contents() -> dict[str, bytes]:
    """All files by name."""
    folder = files("service.pages").joinpath("static")
    found = [item for item in folder.iterdir() if PurePosixPath(item.name).suffix in TYPES]
    return {item.name: item.read_bytes() for item in sorted(found, key=lambda item: item.name)}


@lru_cache
def fingerprint() -> str:
    """A hash of all contents."""
    digest = hashlib.sha256()
    for name, content in contents().items():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


def address_of(name: str) -> str:
    """The address of a file."""
    return f"/assets/{fingerprint()}/{name}"


async def serve_asset(request: Request) -> Response:
    """A file. Under the address of another version it is not cached."""
    name = request.path_params["name"]
    content = contents().get(name)
    if content is None:
        return Response("Not found", 404, media_type="text/plain")
    current = request.path_params["version"] == fingerprint()
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(content, 200, headers, media_type=TYPES[PurePosixPath(name).suffix])

"""Headers of answers. Each is described once, among the components of openapi.yaml."""

from typing import Any

DESCRIBED: dict[str, tuple[str, str]] = {
    "X-Request-Id": ("as sent, or made here", "string"),
    "Retry-After": ("seconds", "integer"),
    "RateLimit-Policy": ("how many, and in which time or at once", "string"),
    "RateLimit": ("how many are left, and in how many seconds there are more", "string"),
    "WWW-Authenticate": ("`Bearer`", "string"),
    "ETag": ("the version, for `If-None-Match` and `If-Match`", "string"),
    "Nextlead-Line": ("`degraded` while the answer comes from PostgreSQL", "string"),
    "Nextlead-Signal": ("what the signal did: `opened`, `joined` or `repeated`", "string"),
    "Content-Disposition": ("the name of the file", "string"),
}


def with_headers(*names: str) -> dict[str, Any]:
    """The headers of a response, by reference."""
    assert set(names) <= set(DESCRIBED), names
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def shared_headers() -> dict[str, Any]:
    """The components that these references point to."""
    return {
        name: {"description": about, "schema": {"type": kind}}
        for name, (about, kind) in DESCRIBED.items()
    }

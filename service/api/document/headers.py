"""Headers of answers. Each is described once, among the components of openapi.yaml."""

from typing import Any

DESCRIBED: dict[str, tuple[str, str]] = {
    "X-Request-Id": ("the request's id, as sent or created here", "string"),
    "Retry-After": ("how many seconds to wait", "integer"),
    "RateLimit-Policy": ("the quota, and its time window or concurrency", "string"),
    "RateLimit": ("how much is left, and in how many seconds the quota is renewed", "string"),
    "WWW-Authenticate": ("`Bearer`", "string"),
    "ETag": ("the version; send it as `If-None-Match` or `If-Match`", "string"),
    "Nextlead-Line": (
        "`degraded` when the answer came from PostgreSQL, without the line",
        "string",
    ),
    "Nextlead-Signal": ("the effect of the signal: `opened`, `joined` or `repeated`", "string"),
    "Content-Disposition": ("the file's name", "string"),
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

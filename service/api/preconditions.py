"""ETags: the version that a caller has, and the version that they want to replace (RFC 9110)."""

import re
from typing import Annotated, Any

from fastapi import Depends, Request

from service.leads.errors import FieldMistake, InvalidRequest, PreconditionMissing

OF_A_VERSION = re.compile(r'"([0-9]{1,10})"')

# How openapi.yaml describes the header of a route that replaces a version.
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "the ETag of the version to replace",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,10}"$', "examples": ['"1"']},
}


def etag_of(version: int) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def names(if_none_match: str | None, etag: str) -> bool:
    """Whether the header names this ETag, so that the caller has this version already."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags


def _version_to_replace(request: Request) -> int:
    """The version that If-Match names; raises PreconditionMissing or InvalidRequest.

    `*` is refused, because it would replace a version that the caller has not seen.
    """
    sent = request.headers.get("if-match")
    if sent is None:
        raise PreconditionMissing("Send If-Match with the ETag of the policy that you read.")
    found = OF_A_VERSION.fullmatch(sent.strip())
    if found is None:
        remedy = 'Send the ETag of the policy that you read, as in "3".'
        raise InvalidRequest([FieldMistake("If-Match", "it names no version", remedy)])
    return int(found[1])


VersionToReplace = Annotated[int, Depends(_version_to_replace)]

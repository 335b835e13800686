"""What can go wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "urn:nextlead:problem:"


class NextleadError(Exception):
    """Whatever this client raises by itself."""


class Unreachable(NextleadError):
    """The service did not answer, or not in time, however often it was asked."""


class InvalidSignature(NextleadError):
    """A webhook was not sent by nextlead, or too long ago."""


class Refused(NextleadError):
    """The service answered with a problem (RFC 9457).

    `type` is the stable name, `claim-gone` for example; `errors` name fields and remedies.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(problem.get("type", "")).removeprefix(PREFIX)
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: Sequence[Mapping[str, Any]] = problem.get("errors") or ()
        self.request_id = problem.get("request_id")
        super().__init__(f"{status} {self.type}: {self.detail or self.title}")

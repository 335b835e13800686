"""One request of a sender as it came, and the reply to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request below a source's address, as raw bytes that are not parsed yet.

    `path` is the part of the address after the source, for example `events/call`. `query` is the
    part after the question mark. Both are as sent. `url` is the address that the sender was given,
    with the query. Header names are in lower case; one name may occur several times.
    """

    method: str
    body: bytes
    received_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    path: str = ""
    query: str = ""
    url: str = ""

    def header(self, name: str) -> str | None:
        """The value of a header; None when it is missing, or occurs twice and so is ambiguous."""
        values = [value for existing, value in self.headers if existing == name]
        return values[0] if len(values) == 1 else None

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty when it is missing."""
        return (self.header("content-type") or "").split(";", 1)[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a sender."""

    status: int = 200
    body: bytes = b""
    media_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)

"""One request of a sender, as it came, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request below a source's address: raw bytes, nothing of it parsed.

    `path` is what follows the source in the address, `events/call` for example, and `query` what
    follows the question mark, both as they were sent; `url` is the address as the sender was
    given it, with the query. Names of headers are lower case; one name may come more than once.
    """

    method: str
    body: bytes
    received_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    path: str = ""
    query: str = ""
    url: str = ""

    def header(self, name: str) -> str | None:
        """The value of a header; None when it is missing, or came twice and so says nothing."""
        values = [value for existing, value in self.headers if existing == name]
        return values[0] if len(values) == 1 else None

    @property
    def media_type(self) -> str:
        """The essence of the content type, in lower case; empty when it is not said."""
        return (self.header("content-type") or "").split(";", 1)[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sender is answered."""

    status: int = 200
    body: bytes = b""
    media_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)

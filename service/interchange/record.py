"""What a file says, record by record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.leads.errors import FieldMistake

MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record: what it says as `POST /v1/leads` takes it, or else its mistakes.

    `line` is the line of the file where it begins, from one.
    """

    line: int
    spec: Mapping[str, Any] | None = None
    mistakes: tuple[FieldMistake, ...] = ()


class Reader(Protocol):
    """Reads a file that comes in chunks, cut anywhere; it keeps one record at most.

    Both raise InvalidRequest for what is no such file at all, and MalformedBody for one that
    cannot be read to its end.
    """

    def read(self, chunk: bytes) -> Iterator[FileRecord]:
        """The records that end in this chunk; to be used up before the next."""
        ...

    def end(self) -> Iterator[FileRecord]:
        """The last record, when no line break ended it."""
        ...


def wrong(line: int, reason: str, remedy: str, field: str = "line") -> FileRecord:
    """A record of which nothing can be taken."""
    return FileRecord(line, mistakes=(FieldMistake(field, reason, remedy),))


def too_long(line: int) -> FileRecord:
    """A record that was not read to its end."""
    return wrong(line, f"it is longer than {MAX_BYTES} bytes", "Shorten it, or mend its quotes.")

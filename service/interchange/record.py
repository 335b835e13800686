"""One record of a file, and the protocol of its readers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.leads.errors import FieldMistake

MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record: the fields as `POST /v1/leads` takes them, or its mistakes.

    `line` is the line of the file where it begins, counted from one.
    """

    line: int
    spec: Mapping[str, Any] | None = None
    mistakes: tuple[FieldMistake, ...] = ()


class Reader(Protocol):
    """Reads a file from chunks that are cut anywhere. It holds one record at most.

    Both methods raise InvalidRequest for a file of another format, and MalformedBody for a file
    that cannot be read to its end.
    """

    def read(self, chunk: bytes) -> Iterator[FileRecord]:
        """The records that end in this chunk; use them up before the next chunk."""
        ...

    def end(self) -> Iterator[FileRecord]:
        """The last record, when it has no line break."""
        ...


def wrong(line: int, reason: str, remedy: str, field: str = "line") -> FileRecord:
    """A record that cannot be taken."""
    return FileRecord(line, mistakes=(FieldMistake(field, reason, remedy),))


def too_long(line: int) -> FileRecord:
    """A record that is too long to be read."""
    return wrong(line, f"it is longer than {MAX_BYTES} bytes", "Shorten it, or mend its quotes.")

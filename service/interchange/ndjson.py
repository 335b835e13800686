"""NDJSON: a JSON object on each line. Blank lines are skipped; the last line needs no break."""

from collections.abc import Iterator
from typing import Any

from service.interchange.exported import without_decisions
from service.interchange.line_ends import LineEnds
from service.interchange.record import MAX_BYTES, FileRecord, too_long, wrong
from service.leads.errors import FieldMistake, InvalidRequest, MalformedBody
from service.strict_json import parse

BOM = b"\xef\xbb\xbf"
LINES_TO_JUDGE_BY = 100


class NdjsonReader:
    """Reads NDJSON. A line without an object is a mistake; a file of such lines is refused."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self._is_too_long = False
        self._line = 1
        self._objects = self._others = 0
        self._ends = LineEnds()

    def read(self, chunk: bytes) -> Iterator[FileRecord]:
        """The records of the lines that end in this chunk."""
        *ends, rest = self._ends.translate(chunk).split(b"\n")
        for end in ends:
            self._add(end)
            yield from self._line_ended()
        self._add(rest)

    def end(self) -> Iterator[FileRecord]:
        """The record of a last line without a break; raises InvalidRequest."""
        yield from self._line_ended()  # a waiting line end ends the same line
        if self._others and not self._objects:
            raise _no_ndjson()

    def _add(self, piece: bytes) -> None:
        if len(self._begun) + len(piece) > MAX_BYTES:
            self._is_too_long = True
            self._begun.clear()
        if not self._is_too_long:
            self._begun += piece

    def _line_ended(self) -> Iterator[FileRecord]:
        text = bytes(self._begun).removeprefix(BOM if self._line == 1 else b"").strip()
        if self._is_too_long or text:
            record = too_long(self._line) if self._is_too_long else _record(self._line, text)
            self._judge(record)
            yield record
        self._line += 1
        self._begun.clear()
        self._is_too_long = False

    def _judge(self, record: FileRecord) -> None:
        if record.spec is None:
            self._others += 1
        else:
            self._objects += 1
        if self._others == LINES_TO_JUDGE_BY and not self._objects:
            raise _no_ndjson()


def _record(line: int, text: bytes) -> FileRecord:
    try:
        raw: Any = parse(text)
    except MalformedBody as error:
        return wrong(line, str(error).replace("The body", "it", 1).rstrip("."), "Send an object.")
    except InvalidRequest as error:
        return FileRecord(line, mistakes=tuple(error.mistakes))
    if not isinstance(raw, dict):
        return wrong(line, "it is no JSON object", "Send an object, in curly brackets.")
    return FileRecord(line, without_decisions(raw))


def _no_ndjson() -> InvalidRequest:
    remedy = "Send a JSON object on each line, or CSV as text/csv."
    return InvalidRequest([FieldMistake("body", "no line of it is a JSON object", remedy)])

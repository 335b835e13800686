"""Finds where records of CSV begin and end: a line break within quotes ends none.

The bytes are cut before they are decoded, because quotes, separators and line breaks are the same
bytes in UTF-8 and in cp1251.
"""

import re
from collections.abc import Iterator

from service.interchange.record import MAX_BYTES, FileRecord, too_long, wrong
from service.leads.errors import MalformedBody

# Quotes that pair wrongly on purpose could make it read every line again from each line before.
MAX_READ_AGAIN = 64 * MAX_BYTES
BROKEN = "its quotes do not pair"
MEND = 'Put a text that contains quotes in quotes, and double the inner ones: "5"" disc".'


class CsvSplitter:
    """Cuts bytes into records. A broken record costs only its own first line."""

    def __init__(self, separator: str, line: int) -> None:
        """`line` is the number of the first line to come."""
        cut = re.escape(separator.encode())
        quoted, plain = rb'"(?:[^"]++|"")*+', rb'[^"\n%b][^\n%b]*+' % (cut, cut)
        cell = rb'(?:%b"|%b|)' % (quoted, plain)
        self._record = re.compile(rb"%b(?:%b%b)*+\r?\n" % (cell, cut, cell))
        self._cells = re.compile(rb"(?:%b%b)*+" % (cell, cut))
        self._open = re.compile(rb'(?:%b"?\r?|%b|)\Z' % (quoted, plain))
        self._stored = bytearray()
        self._wanted = 0
        self._line = line
        self._is_skipping = False
        self._read_again = 0

    def read(self, chunk: bytes) -> Iterator[tuple[int, bytes] | FileRecord]:
        """The line and the bytes of each record that ends in this chunk, or its mistake."""
        if self._is_skipping:
            _, found, chunk = chunk.partition(b"\n")
            self._is_skipping = not found
            self._line += len(found)
        self._stored += chunk
        if len(self._stored) >= self._wanted:  # an open record is read again at twice the size
            yield from self._records()
            self._wanted = min(2 * len(self._stored), MAX_BYTES)

    def end(self) -> Iterator[tuple[int, bytes] | FileRecord]:
        """The rest, as if a line break followed; quotes that are still open are a mistake."""
        if self._stored:
            self._stored += b"\n"
            yield from self._records(is_last=True)

    def _records(self, *, is_last: bool = False) -> Iterator[tuple[int, bytes] | FileRecord]:
        start = 0
        while start < len(self._stored):
            end = self._end_of_record(start)
            if end is None and not is_last and len(self._stored) - start <= MAX_BYTES:
                break
            if end is None or end == start or end - start > MAX_BYTES:
                yield self._give_up(start, end)
                start = 0
                continue
            line, found = self._line, bytes(self._stored[start:end])
            self._line += found.count(b"\n")
            start = end
            yield line, found
        del self._stored[:start]

    def _end_of_record(self, start: int) -> int | None:
        """The end of the record; None while it is incomplete, and its start when it is broken."""
        line_end = self._stored.find(b"\n", start) + 1
        if line_end and self._stored.find(b'"', start, line_end) < 0:
            return line_end
        if found := self._record.match(self._stored, start):
            return found.end()
        return None if self._open.match(self._stored, self._seen_until(start)) else start

    def _seen_until(self, start: int) -> int:
        cells = self._cells.match(self._stored, start)
        assert cells is not None, "no cell at all is a match, too"
        return cells.end()

    def _give_up(self, start: int, end: int | None) -> FileRecord:
        """Go on at the line after the first line of a broken record."""
        line, line_end = self._line, self._stored.find(b"\n", start) + 1
        seen = len(self._stored) if end is None else max(end, self._seen_until(start))
        is_long = seen - start > MAX_BYTES
        del self._stored[: line_end or len(self._stored)]
        if line_end:
            self._line += 1
            self._read_again += max(0, seen - line_end)
        self._is_skipping = not line_end
        if self._read_again > MAX_READ_AGAIN:
            raise MalformedBody(f"Around line {line} the quotes do not pair. {MEND}")
        return too_long(line) if is_long else wrong(line, BROKEN, MEND)

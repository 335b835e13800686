"""CSV: `,`, `;` or tab; UTF-8, cp1251 or Mac Cyrillic; with a header that names the columns.

The separator is the one that makes most of the header known. Each record is UTF-8, else cp1251, or
Mac Cyrillic if its capitals are at the codes of old Macs. A file with the mark of UTF-8 is UTF-8
throughout.
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from service.interchange.csv_cells import WrongCell
from service.interchange.csv_columns import (
    NAMELESS,
    Column,
    Unknown,
    columns_of,
    count_recognised,
)
from service.interchange.csv_records import CsvSplitter
from service.interchange.line_ends import LineEnds
from service.interchange.record import FileRecord, wrong
from service.leads.errors import FieldMistake, InvalidRequest

BOM = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t")
SLICE = 64 * 1024
MAX_HEADER = 32 * 1024
UTC = ZoneInfo("UTC")
CP1251, MAC = "cp1251", "mac_cyrillic"
# A capital and the letter after it: small letters have the same codes in both charsets.
MAC_CAPITAL = re.compile(rb"[\x80-\x9f](?=[\x80-\x9f\xdf-\xfe])")
WINDOWS_CAPITAL = re.compile(rb"[\xc0-\xdc](?=[\xc0-\xff])")  # the rest are small letters on a Mac
NO_CSV = {
    b"PK\x03\x04": "it is an Excel workbook",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
    b"\xff\xfe": "it is UTF-16",
    b"\xfe\xff": "it is UTF-16",
}
SAVE = "Save it as CSV (UTF-8), with a header that names the columns."


class CsvReader:
    """Reads CSV with a header."""

    def __init__(
        self,
        zones: Mapping[str, ZoneInfo],
        queue: str,
        unknown: Unknown = "refuse",
        given: Collection[str] = ("channel",),
    ) -> None:
        """`zones` are those of the queues. `queue` is the queue of rows that name none.

        `given` are fields set for all rows, so that no column is needed for them.
        """
        self._zones, self._queue, self._unknown = zones, queue, unknown
        self._given, self._ends = given, LineEnds()
        self._charset = CP1251
        self._head = bytearray()
        self._encodings: tuple[str, ...] = ("utf-8", CP1251)
        self._separator = ","
        self._columns: Sequence[Column | None] = ()
        self._splitter: CsvSplitter | None = None

    def read(self, chunk: bytes) -> Iterator[FileRecord]:
        """The records that end in this chunk; raises InvalidRequest for a wrong header."""
        chunk = self._ends.translate(chunk)
        for start in range(0, len(chunk), SLICE):
            piece = chunk[start : start + SLICE]
            if self._splitter is None:
                piece = self._read_header(piece)
            if self._splitter is not None:
                yield from self._all(self._splitter.read(piece))

    def end(self) -> Iterator[FileRecord]:
        """The record of a last line without a line break."""
        if waited := self._ends.end():
            yield from self.read(waited)
        if self._splitter is None:
            rest = self._read_header(b"\n")
            if self._splitter is None:
                raise _no_csv("it has no header")
            yield from self._all(self._splitter.read(rest))
        yield from self._all(self._splitter.end())

    def _read_header(self, piece: bytes) -> bytes:
        """The part after the header, once the header is complete. A `sep=` line may precede it."""
        self._head += piece
        head, line = bytes(self._head), 1
        if head.startswith(BOM):
            head, self._encodings = head.removeprefix(BOM), ("utf-8",)
        header, ended, rest = head.partition(b"\n")
        given = header.decode("latin-1").strip().removeprefix("sep=")
        if ended and header.startswith(b"sep=") and given in ("", *SEPARATORS):
            separators: Sequence[str] = (given or "\t",)
            header, ended, rest = rest.partition(b"\n")
            line = 2
        else:
            separators = SEPARATORS
        if len(header) > MAX_HEADER or ended:
            self._begin(header, separators, line + 1)
            self._head.clear()
            return rest
        return b""

    def _begin(self, header: bytes, separators: Sequence[str], line: int) -> None:
        for mark, reason in NO_CSV.items():
            if header.startswith(mark):
                raise _no_csv(reason)
        if len(header) > MAX_HEADER or b"\0" in header or not header.strip():
            raise _no_csv("it has no header")
        text = self._decoded(header.rstrip(b"\r"))
        if text is None:
            raise _no_csv("it is neither UTF-8 nor cp1251")
        cells = {separator: _cells(text, separator) or [] for separator in separators}
        self._separator = max(
            separators, key=lambda item: (count_recognised(cells[item]), len(cells[item]))
        )
        self._columns = columns_of(cells[self._separator], self._unknown)
        self._check_channel()
        self._splitter = CsvSplitter(self._separator, line)

    def _check_channel(self) -> None:
        """Report a missing channel once, not in every row: other systems' files lack the column."""
        paths = {column.path for column in self._columns if column is not None}
        if "channel" not in self._given and ("channel",) not in paths:
            remedy = "Set channel=landing_form, or another channel, for all rows; or add a column."
            raise InvalidRequest([FieldMistake("channel", "no column has it", remedy)])

    def _all(self, found: Iterator[tuple[int, bytes] | FileRecord]) -> Iterator[FileRecord]:
        for item in found:
            record = item if isinstance(item, FileRecord) else self._record(*item)
            if record is not None:
                yield record

    def _record(self, line: int, raw: bytes) -> FileRecord | None:
        """The record of a row; None for an empty row."""
        text = self._decoded(raw)
        cells = None if text is None else _cells(text, self._separator)
        if cells is None:
            return wrong(line, "it is no text in UTF-8 or cp1251", SAVE)
        if not any(cells):
            return None
        if any(cells[len(self._columns) :]):
            remedy = f"Put texts that contain `{self._separator}` in quotes."
            return wrong(line, f"it has more than {len(self._columns)} cells", remedy)
        return self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> FileRecord:
        given, mistakes, zone = dict[str, Any](), list[FieldMistake](), self._zone(cells)
        for column, cell in zip(self._columns, cells, strict=False):
            if column is None or not cell:
                continue
            if column is NAMELESS:
                mistakes.append(_without_name(self._columns.index(column) + 1))
                continue
            try:
                _put(given, column.path, column.cell(cell, zone))
            except WrongCell as error:
                mistakes.append(FieldMistake(".".join(column.path), error.reason, error.remedy))
        if "item" in given:
            if "items" in given:
                reason, remedy = (
                    "another column has an item",
                    "Write all items in one of the columns.",
                )
                mistakes.append(FieldMistake("items", reason, remedy))
            given["items"] = [given.pop("item")]
        return FileRecord(line, None if mistakes else given, tuple(mistakes))

    def _zone(self, cells: Sequence[str]) -> ZoneInfo:
        named = (
            cell
            for column, cell in zip(self._columns, cells, strict=False)
            if cell and column is not None and column.path == ("queue",)
        )
        return self._zones.get(next(named, self._queue), UTC)

    def _decoded(self, raw: bytes) -> str | None:
        for encoding in self._encodings:
            try:
                return raw.decode(encoding if encoding != CP1251 else self._cyrillic(raw))
            except UnicodeDecodeError:
                continue
        return None

    def _cyrillic(self, raw: bytes) -> str:
        """The charset by its capitals. Without capitals, the charset of the rows before."""
        of_mac, of_windows = len(MAC_CAPITAL.findall(raw)), len(WINDOWS_CAPITAL.findall(raw))
        if of_mac != of_windows:
            self._charset = MAC if of_mac > of_windows else CP1251
        return self._charset


def _cells(text: str, separator: str) -> list[str] | None:
    """The cells of one record without outer blanks; None when it is no text."""
    if "\0" in text:
        return None
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return [cell.strip() for cell in rows[0]] if rows else []


def _put(given: dict[str, Any], path: Sequence[str], value: object) -> None:
    """Put a value at its path; raises WrongCell when another value is there."""
    for name in path[:-1]:
        given = given.setdefault(name, {})
        if not isinstance(given, dict):
            raise WrongCell("another column has the whole object", "Keep one of the columns.")
    if path[-1] in given:
        raise WrongCell("another column has the same field", "Keep one of the columns.")
    given[path[-1]] = value


def _without_name(number: int) -> FieldMistake:
    remedy = "Name the column, or set unknown=attributes."
    return FieldMistake(f"column {number}", "the column has no name", remedy)


def _no_csv(reason: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake("body", reason, SAVE)])

"""Writes leads into files."""

from collections.abc import Iterable
from typing import Protocol

from service.api.leads import lead_rendering
from service.flows.leads.open_file import Format
from service.interchange.csv_writing import CsvWriter
from service.leads.lead import Lead


class Writer(Protocol):
    """Writes leads in one format."""

    def header(self) -> bytes:
        """The bytes before the first lead."""
        ...

    def rows(self, leads: Iterable[Lead]) -> bytes:
        """Some of the leads, one line for each."""
        ...


class NdjsonWriter:
    """Writes leads as `GET` shows them, without the tokens of their claims."""

    def header(self) -> bytes:
        """Nothing: NDJSON has no header."""
        return b""

    def rows(self, leads: Iterable[Lead]) -> bytes:
        """One JSON object on each line."""
        rendered = (
            lead_rendering.encode(lead_rendering.lead(lead, tokens=False)) for lead in leads
        )
        return b"".join(item + b"\n" for item in rendered)


def writer_of(written: Format, *, excel: bool) -> Writer:
    """The writer of a format. `excel` applies to CSV only."""
    return NdjsonWriter() if written is Format.NDJSON else CsvWriter(excel=excel)

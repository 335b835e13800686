"""`nextlead import` and `nextlead export`: leads in files, without a running server."""

import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

import click

from service.api.leads.file_rendering import Writer, writer_of
from service.cli.starting import fail, ready, with_resources
from service.flows.leads.export_leads import export_leads
from service.flows.leads.import_leads import (
    Report,
    Terms,
    given_for_all,
    import_leads,
    source_of_file,
)
from service.flows.leads.open_file import Format, open_file
from service.interchange.csv_columns import Unknown
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel, Kind, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender
from service.storage.leads.exports import ExportFilter

PIECE = 64 * 1024
OF_LINES = "For lines without one."
FORMATS = click.Choice([item.value for item in Format])
SUFFIXES = {".csv": Format.CSV, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON}


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--queue", default="main", show_default=True, help=OF_LINES)
@click.option("--source", help="For lines without one; unset: import:FILE.")
@click.option("--channel", type=click.Choice([item.value for item in Channel]), help=OF_LINES)
@click.option("--kind", type=click.Choice([item.value for item in Kind]), help=OF_LINES)
@click.option("--received-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help=OF_LINES)
@click.option("--format", "written", type=FORMATS, help="The format; unset: by the file's name.")
@click.option(
    "--unknown",
    type=click.Choice(get_args(Unknown)),
    default="refuse",
    show_default=True,
    help="What to do with unknown columns of CSV.",
)
def import_file(
    file: BinaryIO,
    queue: str,
    source: str | None,
    channel: str | None,
    kind: str | None,
    received_at: datetime | None,
    written: str | None,
    unknown: Unknown,
) -> None:
    """Import leads from FILE, NDJSON or CSV.

    FILE `-` is standard input. Good lines are imported. Every mistake is a line of its own: `line,
    field: reason. Remedy`, and the exit status is then 1. The same file may be imported again: no
    line opens a second lead.
    """
    of_all = (Channel(channel) if channel else None, Kind(kind) if kind else None, received_at)
    name = source or source_of_file(None if file.name == "<stdin>" else Path(file.name).name[:150])
    terms = Terms(Sender("import", may_read=True), queue, name, given_for_all(*of_all))
    form = Format(written) if written else _format_of(file.name)
    with _mistakes_shown(), ready(None) as settings:
        done = with_resources(settings, lambda of: _take(of, file, form, terms, unknown))
    _show(done)


@click.command("export")
@click.option("--format", "written", type=FORMATS, default="ndjson", show_default=True)
@click.option("--queue", help="Only this queue; unset: all queues.")
@click.option(
    "--state",
    type=click.Choice([item.value for item in State]),
    help="Only this state; unset: all states.",
)
@click.option("--excel", is_flag=True, help="CSV for a Russian Excel: `;` and decimal commas.")
def export_file(written: str, queue: str | None, state: str | None, excel: bool) -> None:
    """Export all leads to standard output, the oldest first.

    Tokens of claims are left out.
    """
    wanted = ExportFilter(queue, State(state) if state else None)
    writer = writer_of(Format(written), excel=excel)
    with _mistakes_shown(), ready(None) as settings:
        with_resources(settings, lambda of: _write(of, wanted, writer))


def _format_of(name: str) -> Format:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise click.UsageError(
            f"Give --format: the file's name ends in none of {', '.join(SUFFIXES)}."
        )
    return SUFFIXES[suffix]


@contextmanager
def _mistakes_shown() -> Iterator[None]:
    try:
        yield
    except InvalidRequest as error:
        fail("\n".join(_line(mistake) for mistake in error.mistakes))


async def _take(
    resources: Resources, file: BinaryIO, written: Format, terms: Terms, unknown: Unknown
) -> Report:
    reader = await open_file(resources, written, terms, unknown)
    with _progress(file) as report:
        return await import_leads(resources, _pieces(file, report), reader, terms)


@contextmanager
def _progress(file: BinaryIO) -> Iterator[Callable[[int], None]]:
    """A function that takes the number of bytes read; it draws a bar when the size is known."""
    about = os.fstat(file.fileno())
    if not stat.S_ISREG(about.st_mode):
        yield lambda _bytes: None
        return
    progress: Any = click.progressbar  # for a plain number of steps it is not typed
    with progress(length=about.st_size, label="import", file=sys.stderr) as bar:
        yield bar.update


async def _pieces(file: BinaryIO, report: Callable[[int], None]) -> AsyncIterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
        report(len(piece))


async def _write(resources: Resources, wanted: ExportFilter, writer: Writer) -> None:
    out = sys.stdout.buffer
    out.write(writer.header())
    async for leads in export_leads(resources, wanted):
        out.write(writer.rows(leads))
    out.flush()


def _show(done: Report) -> None:
    for error in done.errors:
        click.echo(f"line {error.line}, {_line(error.mistake)}")
    if done.errors_left_out:
        click.echo(f"… and {done.errors_left_out} more mistakes")
    click.echo(
        f"{done.lines} lines: {done.created} new leads, {done.joined} joined to open leads,"
        f" {done.repeated} known already, {done.failed} with mistakes"
    )
    if done.failed:
        sys.exit(1)


def _line(mistake: FieldMistake) -> str:
    return " ".join(f"{mistake.field}: {mistake.reason}. {mistake.remedy}".split())

"""`nextlead erasures …`: repeat erasures after an older back-up is restored."""

from pathlib import Path
from typing import IO

import click

from service.cli.starting import ready, with_resources
from service.flows.customers.replay_erasures import export_erasures, replay_erasures


@click.group()
def erasures() -> None:
    """Export erasures, and repeat them after a restore."""


@erasures.command("export")
@click.option("--to", "file", type=click.File("w", lazy=False), default="-")
def export(file: IO[str]) -> None:
    """Write hashes of the erased clients. Keep the file apart from the backups."""
    with ready(None, line=False) as settings:
        for line in with_resources(settings, export_erasures):
            file.write(f"{line}\n")


@erasures.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(file: Path) -> None:
    """Erase again, in a restored database, every client in FILE."""
    lines = file.read_text("utf-8").splitlines()
    with ready(None) as settings:
        count = with_resources(settings, lambda of: replay_erasures(of, lines))
    click.echo(f"Hashes read: {len(lines)}. Leads erased again: {count}.")

"""`nextlead erasures …`: repeat erasures after an older back-up is restored."""

from pathlib import Path
from typing import IO

import click

from service.cli.starting import ready, with_resources
from service.flows.customers.replay_erasures import export_erasures, replay_erasures


@click.group()
def erasures() -> None:
    """What was erased, and stays so after a restore."""


@erasures.command("export")
@click.option("--to", "file", type=click.File("w", lazy=False), default="-")
def export(file: IO[str]) -> None:
    """Write the hashes of what was erased, to be kept apart from the back-ups.

    Example: nextlead erasures export --to /safe/erasures.txt
    """
    with ready(None, line=False) as settings:
        for line in with_resources(settings, export_erasures):
            file.write(f"{line}\n")


@erasures.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(file: Path) -> None:
    """Erase again, in a restored database, whoever FILE says was erased since."""
    lines = file.read_text("utf-8").splitlines()
    with ready(None) as settings:
        count = with_resources(settings, lambda of: replay_erasures(of, lines))
    click.echo(f"Hashes read: {len(lines)}. Leads erased again: {count}.")

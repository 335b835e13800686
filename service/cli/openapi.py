"""`nextlead openapi`."""

import click

from service.api.openapi import as_yaml
from service.cli.starting import read_settings
from service.main import create_app


@click.command()
def openapi() -> None:
    """Print openapi.yaml."""
    click.echo(as_yaml(create_app(read_settings(None))), nl=False)

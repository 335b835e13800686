"""What a deployment and a change of the code need besides serving."""

import asyncio

import click
from alembic import command

from service.api.openapi import as_yaml
from service.cli.starting import read_settings, ready, with_resources
from service.flows.line.rebuild_line import rebuild_lines
from service.main import create_app
from service.resources import wait_for_database
from service.settings import Settings
from service.storage.schema_check import migration_config


@click.command()
def migrate() -> None:
    """Bring the database's tables to this version; Redis is not needed."""
    with ready(None, line=False) as settings:
        migrate_tables(settings)


@click.command()
def rebuild() -> None:
    """Build the line anew from Postgres."""
    with ready(None) as settings:
        for queue, count in with_resources(settings, rebuild_lines).items():
            click.echo(f"{queue}: {count} leads stand in line")


@click.command()
def openapi() -> None:
    """Print openapi.yaml."""
    click.echo(as_yaml(create_app(read_settings(None))), nl=False)


def migrate_tables(settings: Settings) -> None:
    """Wait for the database, and bring its tables to this version."""

    async def wait() -> None:
        async with wait_for_database(settings):
            pass

    asyncio.run(wait())
    assert settings.database_url is not None
    command.upgrade(migration_config(settings.database_url.get_secret_value()), "head")

"""Commands for deployments and upgrades."""

import asyncio

import click
from alembic import command

from service.cli.starting import ready, with_resources
from service.flows.line.rebuild_line import rebuild_lines
from service.resources import wait_for_database
from service.settings import Settings
from service.storage.schema_check import find_revision, migration_config


@click.command()
def migrate() -> None:
    """Migrate the database's tables to this version.

    Redis is not needed.
    """
    with ready(None, line=False) as settings:
        before, after = migrate_tables(settings)
    if before == after:
        click.echo(f"The database is at revision {after}; there is nothing to do.")
    else:
        click.echo(f"The database went from revision {before or 'none'} to {after}.")


@click.command()
def rebuild() -> None:
    """Rebuild the line from PostgreSQL."""
    with ready(None) as settings:
        for queue, count in with_resources(settings, rebuild_lines).items():
            click.echo(f"{queue}: {count} leads in line")


def migrate_tables(settings: Settings) -> tuple[str | None, str | None]:
    """Wait for the database, and bring its tables to this version.

    Returns the revision before and after; None for a database without our tables.
    """
    assert settings.database_url is not None
    before = asyncio.run(_revision(settings))
    command.upgrade(migration_config(settings.database_url.get_secret_value()), "head")
    return before, asyncio.run(_revision(settings))


async def _revision(settings: Settings) -> str | None:
    async with wait_for_database(settings) as database:
        return await find_revision(database)

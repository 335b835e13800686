"""`nextlead dev` and `nextlead serve`: run the service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import click
import structlog

from service import __version__
from service.cli.api_keys import write_key
from service.cli.development import dev_key, without_twin
from service.cli.listening import address_of, bound, bound_for_metrics, serve_on
from service.cli.starting import fail, read_settings, ready, with_own_sealing_key, with_resources
from service.cli.upkeep import migrate_tables
from service.demo.feed import feed_demo_day
from service.demo.feed_morning import feed_morning
from service.embedded.account import account_note
from service.flows.operators.sign_in import Person, invite_person
from service.flows.upkeep.keep_in_step import keep_line_equal
from service.main import create_app
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES
from service.storage.schema_check import find_revision

log = structlog.get_logger()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), default=None)
@click.option("--demo", is_flag=True, help="Feed a small, realistic day of leads.")
def dev(host: str, port: int, data_dir: Path | None, demo: bool) -> None:
    """Run everything in one process. Starts PostgreSQL and Valkey if no addresses are set."""
    address = address_of(host, port)
    has_own_servers = read_settings(data_dir).database_url is None
    with _alone(data_dir, host, port) as (listeners, settings):
        migrate_tables(settings)
        secret = dev_key(settings)
        with_resources(settings, lambda resources: write_key(resources, "dev", secret, SCOPES))
        if demo:
            with_resources(settings, keep_line_equal)
            day = with_resources(settings, feed_demo_day)
            click.echo("\nstage   score  kind          client, the next one first")
            click.echo("\n".join(day) + "\n")
        click.echo(f"  nextlead  {address}   (docs: {address}/docs)")
        click.echo(f"  key       {secret}")
        link = with_resources(settings, _own_link)
        click.echo(f"  sign in   {address}/signin/link/{link}   (works once)")
        if has_own_servers and (account := account_note()):
            click.echo(f"  account   {account}")
        serve_on(listeners, create_app(settings, beside=feed_morning if demo else None), settings)


async def _own_link(resources: Resources) -> str:
    """A link with all rights for the person who started the service, to the first desk, if any."""
    names = sorted(await resources.stores.directory.operators())
    desk = names[0] if names else None
    return await invite_person(resources, Person("dev", desk, frozenset(SCOPES)))


@contextmanager
def _alone(data_dir: Path | None, host: str, port: int) -> Iterator[tuple[list[socket], Settings]]:
    """The ports and the directory, before anything is changed there; then the servers."""
    given = read_settings(data_dir)
    with (
        without_twin(given.data_dir, address_of(host, port)),
        bound(host, port) as listener,
        bound_for_metrics(given.metrics_port) as more,
        ready(data_dir, docs=True, share=False) as found,
    ):
        yield [listener, *more], with_own_sealing_key(found)


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104  a container's door
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Run the service with the given PostgreSQL and Redis.

    NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL give their addresses.
    """
    given = read_settings(None)
    if None in (given.database_url, given.redis_url):
        fail(
            "Set NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL."
            " To try nextlead without them, use `nextlead dev`."
        )
    with (
        bound(host, port) as listener,
        bound_for_metrics(given.metrics_port) as more,
        ready(None) as settings,
    ):
        revision = with_resources(settings, _revision)
        log.info(
            "serve.begun",
            version=__version__,
            address=address_of(host, port),
            workers=workers,
            revision=revision,
            process=os.getpid(),
        )
        serve_on([listener, *more], "service.main:app_of_environment", settings, workers)


async def _revision(resources: Resources) -> str | None:
    """The database's revision. By then the resources have opened."""
    return await find_revision(resources.stores.database)

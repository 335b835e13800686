"""`nextlead dev` and `nextlead serve`: the service itself."""

from pathlib import Path

import click
import uvicorn
from fastapi import FastAPI

from service.cli.api_keys import write_key
from service.cli.starting import fail, read_settings, ready, with_own_sealing_key, with_resources
from service.cli.upkeep import migrate_tables
from service.demo.feed import feed_demo_day
from service.main import create_app
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES, new_secret


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), default=None)
@click.option("--demo", is_flag=True, help="Feed a small believable day of leads.")
def dev(host: str, port: int, data_dir: Path | None, demo: bool) -> None:
    """Everything in one process, with servers of its own where none are configured."""
    with ready(data_dir, docs=True) as found:
        settings = with_own_sealing_key(found)
        migrate_tables(settings)
        secret = _put_dev_key(settings)
        if demo:
            click.echo("\nstage   score  kind          who waits, the next one first")
            click.echo("\n".join(with_resources(settings, feed_demo_day)) + "\n")
        click.echo(f"  nextlead  http://{host}:{port}   (docs: http://{host}:{port}/docs)")
        click.echo(f"  key       {secret}")
        _run(create_app(settings), host, port, 1)


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104  a container's door
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve with the servers of NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL."""
    if None in (read_settings(None).database_url, read_settings(None).redis_url):
        fail("NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL must be set; or use `nextlead dev`.")
    with ready(None) as settings:
        with_resources(settings, _nothing)
        _run("service.main:app_of_environment", host, port, workers)


def _put_dev_key(settings: Settings) -> str:
    secret = settings.dev_key.get_secret_value() if settings.dev_key else new_secret()
    with_resources(settings, lambda resources: write_key(resources, "dev", secret, SCOPES))
    return secret


async def _nothing(_resources: Resources) -> None:
    """Only see whether the resources open."""


def _run(app: FastAPI | str, host: str, port: int, workers: int) -> None:
    uvicorn.run(
        app,
        factory=isinstance(app, str),
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )

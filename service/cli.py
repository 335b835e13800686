"""The command line: `nextlead …`."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click
import uvicorn
from alembic import command
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from service.api.openapi import as_yaml
from service.demo.feed import feed_demo_day
from service.embedded.servers import EmbeddedServerFailed, running_servers
from service.flows.rebuild_line import rebuild_lines
from service.leads.errors import NextleadError
from service.logs import configure_logs
from service.main import create_app
from service.resources import Resources, open_resources, wait_for_database
from service.settings import Settings, unknown_names
from service.storage.keys import SCOPES, list_keys, new_secret, put_key, revoke_key
from service.storage.schema import migration_config

Result = TypeVar("Result")


@click.group()
@click.version_option(package_name="nextlead")
def main() -> None:
    """nextlead: the lead that is worth most to take now, for every operator."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), default=None)
@click.option("--demo", is_flag=True, help="Feed a small believable day of leads.")
def dev(host: str, port: int, data_dir: Path | None, demo: bool) -> None:
    """Everything in one process, with servers of its own where none are configured."""
    with _ready(data_dir, docs=True) as settings:
        _migrate(settings)
        secret = _put_dev_key(settings)
        if demo:
            click.echo("\nstage   score  kind          who waits, the next one first")
            click.echo("\n".join(_with_resources(settings, feed_demo_day)) + "\n")
        click.echo(f"  nextlead  http://{host}:{port}   (docs: http://{host}:{port}/docs)")
        click.echo(f"  key       {secret}")
        _run(create_app(settings), host, port, 1)


@main.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104  a container's door
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve with the servers of NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL."""
    if None in (_settings(None).database_url, _settings(None).redis_url):
        _fail("NEXTLEAD_DATABASE_URL and NEXTLEAD_REDIS_URL must be set; or use `nextlead dev`.")
    with _ready(None) as settings:
        _with_resources(settings, _nothing)
        _run("service.main:app_of_environment", host, port, workers)


@main.command()
def migrate() -> None:
    """Bring the database's tables to this version; Redis is not needed."""
    with _ready(None, line=False) as settings:
        _migrate(settings)


@main.command()
def rebuild() -> None:
    """Build the line anew from Postgres."""
    with _ready(None) as settings:
        for queue, count in _with_resources(settings, rebuild_lines).items():
            click.echo(f"{queue}: {count} leads stand in line")


@main.command()
def openapi() -> None:
    """Print openapi.yaml."""
    click.echo(as_yaml(create_app(_settings(None))), nl=False)


@main.group()
def keys() -> None:
    """The keys of programs and people."""


@keys.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
def create_key(name: str, scopes: tuple[str, ...]) -> None:
    """Make a key, in place of the one of that name, and show it this once."""
    secret = new_secret()
    with _ready(None) as settings:
        _with_resources(settings, lambda of: _put_key(of, name, secret, scopes))
    click.echo(secret)


@keys.command("list")
def show_keys() -> None:
    """Show the keys' names, scopes and ages; the keys themselves are not known."""
    with _ready(None) as settings:
        for line in _with_resources(settings, _key_lines):
            click.echo(line)


@keys.command("revoke")
@click.argument("name")
def drop_key(name: str) -> None:
    """Revoke a key; it stops working within two seconds."""
    with _ready(None) as settings:
        if not _with_resources(settings, lambda of: _revoke_key(of, name)):
            _fail(f"No key in force is called `{name}`.")


@contextmanager
def _ready(data_dir: Path | None, *, docs: bool = False, line: bool = True) -> Iterator[Settings]:
    """Settings with the addresses of two servers that run; a failure ends with one clear line."""
    settings = _settings(data_dir)
    configure_logs(settings.log_level)
    for unknown in unknown_names(os.environ):
        click.echo(f"nextlead: {unknown}", err=True)
    _let_signals_unwind()
    try:
        with _servers(settings, line=line) as addressed:
            yield addressed.model_copy(update={"docs": docs or settings.docs})
    except (NextleadError, EmbeddedServerFailed) as error:
        _fail(f"{error}")


def _settings(data_dir: Path | None) -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        _fail("\n".join(_mistake(one["loc"], one["msg"]) for one in error.errors()))
    return settings.model_copy(update={"data_dir": data_dir}) if data_dir else settings


def _mistake(place: tuple[int | str, ...], message: str) -> str:
    return f"NEXTLEAD_{'_'.join(str(part) for part in place).upper()}: {message}"


@contextmanager
def _servers(settings: Settings, *, line: bool) -> Iterator[Settings]:
    if settings.database_url is not None and (settings.redis_url is not None or not line):
        yield settings
        return
    with running_servers(settings.data_dir) as own:
        addresses = {
            "database_url": settings.database_url or SecretStr(own.database_url),
            "redis_url": settings.redis_url or SecretStr(own.redis_url),
        }
        yield settings.model_copy(update=addresses)


def _let_signals_unwind() -> None:
    """Let a polite kill leave through the open blocks, so that our servers are stopped."""

    def leave(_number: int, _frame: object) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def _with_resources(settings: Settings, use: Callable[[Resources], Awaitable[Result]]) -> Result:
    async def with_them() -> Result:
        async with open_resources(settings) as resources:
            return await use(resources)

    return asyncio.run(with_them())


def _migrate(settings: Settings) -> None:
    async def wait() -> None:
        async with wait_for_database(settings):
            pass

    asyncio.run(wait())
    assert settings.database_url is not None
    command.upgrade(migration_config(settings.database_url.get_secret_value()), "head")


def _put_dev_key(settings: Settings) -> str:
    secret = settings.dev_key.get_secret_value() if settings.dev_key else new_secret()
    _with_resources(settings, lambda resources: _put_key(resources, "dev", secret, SCOPES))
    return secret


async def _put_key(resources: Resources, name: str, secret: str, scopes: tuple[str, ...]) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, name, secret, scopes, resources.clock.now())


async def _revoke_key(resources: Resources, name: str) -> bool:
    async with resources.stores.database.transaction() as connection:
        return await revoke_key(connection, name, resources.clock.now())


async def _key_lines(resources: Resources) -> list[str]:
    async with resources.stores.database.transaction() as connection:
        return [
            f"{key.name}  {','.join(sorted(key.scopes))}  {key.created_at:%Y-%m-%d %H:%M}"
            f"{'  revoked' if key.revoked_at else ''}"
            for key in await list_keys(connection)
        ]


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


def _fail(message: str) -> NoReturn:
    click.echo(f"nextlead: {message}", err=True)
    sys.exit(1)

"""The common beginning of most commands: settings, servers, resources, and failures."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click
from pydantic import SecretStr, ValidationError

from service.embedded.home import create_data_dir, write_whole
from service.embedded.servers import EmbeddedServerFailed, running_servers
from service.leads.errors import InvalidRequest, NextleadError
from service.logs import configure_logs
from service.resources import Resources, collect_garbage_seldom, open_resources
from service.sealing import new_key
from service.settings import Settings, unknown_names

Result = TypeVar("Result")


@contextmanager
def ready(
    data_dir: Path | None, *, docs: bool = False, line: bool = True, share: bool = True
) -> Iterator[Settings]:
    """Settings with the addresses of two running servers; a failure ends with one clear message.

    Servers that another process already runs for us are shared, unless `share` is off.
    """
    settings = read_settings(data_dir)
    configure_logs(settings.log_level)
    for unknown in unknown_names(os.environ):
        click.echo(f"nextlead: {unknown}", err=True)
    _let_signals_unwind()
    try:
        with _servers(settings, line=line, share=share) as addressed:
            yield addressed.model_copy(update={"docs": docs or settings.docs})
    except InvalidRequest as error:
        fail(
            "\n".join(
                f"{mistake.field}: {mistake.reason}. {mistake.remedy}" for mistake in error.mistakes
            )
        )
    except (NextleadError, EmbeddedServerFailed) as error:
        fail(f"{error}")


def read_settings(data_dir: Path | None) -> Settings:
    """The settings of the environment; a wrong one ends the command with its name."""
    try:
        settings = Settings()
    except ValidationError as error:
        fail("\n".join(_mistake(item["loc"], item["msg"]) for item in error.errors()))
    return settings.model_copy(update={"data_dir": data_dir}) if data_dir else settings


def with_own_sealing_key(settings: Settings) -> Settings:
    """The settings; without keys, with the key of the data directory, which is created once."""
    if settings.sealing_keys():
        return settings
    key = own_secret(settings.data_dir / "secret.key", new_key)
    return settings.model_copy(update={"secret_keys": SecretStr(key)})


def own_secret(place: Path, make: Callable[[], str]) -> str:
    """The secret in a file that only we can read; it is created when missing or empty."""
    if not place.is_file() or not place.read_text().strip():
        create_data_dir(place.parent)
        write_whole(place, make())
    return place.read_text().strip()


def _mistake(place: tuple[int | str, ...], message: str) -> str:
    name = "_".join(str(part) for part in place).upper()
    return f"NEXTLEAD_{name}: {message.removeprefix('Value error, ')}"


@contextmanager
def _servers(settings: Settings, *, line: bool, share: bool) -> Iterator[Settings]:
    if settings.database_url is not None and (settings.redis_url is not None or not line):
        yield settings
        return
    with running_servers(settings.data_dir, share=share) as own:
        addresses = {
            "database_url": settings.database_url or SecretStr(own.database_url),
            "redis_url": settings.redis_url or SecretStr(own.redis_url),
        }
        yield with_own_sealing_key(settings.model_copy(update=addresses))


def _let_signals_unwind() -> None:
    """Let SIGTERM and SIGHUP leave through the open blocks, so that our servers are stopped."""

    def leave(_number: int, _frame: object) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def with_resources(settings: Settings, use: Callable[[Resources], Awaitable[Result]]) -> Result:
    """Call a function with resources, and close them afterwards."""

    async def with_them() -> Result:
        async with open_resources(settings) as resources:
            collect_garbage_seldom()
            return await use(resources)

    return asyncio.run(with_them())


def fail(message: str) -> NoReturn:
    """End the command with a message and the exit status 1."""
    click.echo(f"nextlead: {message}", err=True)
    sys.exit(1)

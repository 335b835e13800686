"""`nextlead keys …`: API keys of programs and people."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from service.cli.lifetime import Lifetime
from service.cli.starting import fail, ready, with_resources
from service.flows.upkeep.create_key import WantedKey
from service.flows.upkeep.create_key import create_key as put_in_force
from service.flows.upkeep.rotate_key import rotate_key
from service.leads.binding import Binding
from service.leads.errors import KeyExists
from service.resources import Resources
from service.sealing import new_key
from service.storage.api_keys import SCOPES, Key, list_keys, put_key, revoke_key

MINUTES = "%Y-%m-%d %H:%M"


def _scopes(
    _context: click.Context, option: click.Parameter, typed: tuple[str, ...]
) -> tuple[str, ...]:
    """The scopes of all `--scope` options; one option may hold several, separated by commas."""
    scopes = [scope.strip() for part in typed for scope in part.split(",")]
    for scope in scopes:
        if scope not in SCOPES:
            raise click.BadParameter(f"`{scope}` is none of {', '.join(SCOPES)}", param=option)
    return tuple(dict.fromkeys(scopes))


@click.group()
def keys() -> None:
    """Manage API keys of programs and people."""


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    callback=_scopes,
    help=f"Of {', '.join(SCOPES)}; several as `--scope a,b` or `--scope a --scope b`.",
)
@click.option("--operator", help="The operator whom the key acts as.")
@click.option(
    "--queue", "queues", multiple=True, help="A queue that the key may reach; may be repeated."
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    help="A source that the key may send leads for; may be repeated.",
)
@click.option("--expires", type=Lifetime(), help="When it expires: after 90d, 12h.")
@click.option("--replace", is_flag=True, help="Replace the valid key of this name.")
def create_key(name: str, scopes: tuple[str, ...], replace: bool, **bounds: Any) -> None:
    """Create a key and print it. It is shown only this once.

    Bind it to an operator, queues or sources: `--operator anna --queue main --expires 90d`.
    """
    with ready(None) as settings:
        made = with_resources(settings, lambda of: _make_key(of, (name, scopes), bounds, replace))
    if made is None:
        fail(f"A key `{name}` exists. Replace it at once with `--replace`, or choose another name.")
    click.echo(made)


@keys.command("list")
def show_keys() -> None:
    """List the names, scopes, bounds and last use of keys. Their secrets are not stored."""
    with ready(None) as settings:
        for line in with_resources(settings, _key_lines):
            click.echo(line)


@keys.command("rotate")
@click.argument("name")
@click.option(
    "--overlap-hours",
    default=24,
    show_default=True,
    type=click.IntRange(0, 720),
    help="How many hours the old secret stays valid.",
)
def rotate(name: str, overlap_hours: int) -> None:
    """Give a key a new secret and print it. It is shown only this once."""
    overlap = timedelta(hours=overlap_hours)
    with ready(None) as settings:
        rotated = with_resources(settings, lambda of: rotate_key(of, name, overlap, by=None))
    click.echo(rotated.secret)


@keys.command("revoke")
@click.argument("name")
def drop_key(name: str) -> None:
    """Revoke a key. It stops working within two seconds."""
    with ready(None) as settings:
        if not with_resources(settings, lambda of: _revoke_key(of, name)):
            fail(f"There is no valid key `{name}`; see `nextlead keys list`.")


@keys.command("seal")
def make_sealing_key() -> None:
    """Print a new key for NEXTLEAD_SECRET_KEYS. Put it before the existing keys."""
    click.echo(new_key())


async def write_key(resources: Resources, name: str, secret: str, scopes: tuple[str, ...]) -> None:
    """Put a key in force and replace the key with that name."""
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, name, secret, scopes, resources.clock.now())


async def _make_key(
    resources: Resources, key: tuple[str, tuple[str, ...]], bounds: dict[str, Any], replace: bool
) -> str | None:
    """The secret of a new key; None when a key of that name exists and must stay."""
    name, scopes = key
    queues, sources = (frozenset(bounds[of]) or None for of in ("queues", "sources"))
    lasts: timedelta | None = bounds["expires"]
    until = None if lasts is None else resources.clock.now() + lasts
    binding = Binding(bounds["operator"], queues, sources, until)
    try:
        wanted = WantedKey(name, frozenset(scopes), binding)
        return (await put_in_force(resources, wanted, by=None, replace=replace)).secret
    except KeyExists:
        return None


async def _revoke_key(resources: Resources, name: str) -> bool:
    async with resources.stores.database.transaction() as connection:
        return await revoke_key(connection, name, resources.clock.now())


async def _key_lines(resources: Resources) -> list[str]:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        return ["  ".join(_parts(key, now)) for key in await list_keys(connection)]


def _parts(key: Key, now: datetime) -> Iterator[str]:
    yield from (key.name, ",".join(sorted(key.scopes)), f"{key.created_at:{MINUTES}}")
    bound = key.binding
    if bound.operator is not None:
        yield f"operator={bound.operator}"
    for name, names in (("queue", bound.queues), ("source", bound.sources)):
        if names is not None:
            yield f"{name}={','.join(sorted(names))}"
    if bound.expires_at is not None:
        yield f"until={bound.expires_at:{MINUTES}}"
    yield "unused" if key.used_at is None else f"used={key.used_at:{MINUTES}}"
    if key.revoked_at is not None:
        yield "revoked"
    elif not key.is_in_force(now):
        yield "expired"

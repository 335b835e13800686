"""`nextlead keys …`: the keys of programs and people."""

from datetime import timedelta

import click

from service.cli.starting import fail, ready, with_resources
from service.flows.upkeep.rotate_key import rotate_key
from service.resources import Resources
from service.sealing import new_key
from service.storage.api_keys import SCOPES, add_key, list_keys, new_secret, put_key, revoke_key


def _scopes(
    _context: click.Context, option: click.Parameter, typed: tuple[str, ...]
) -> tuple[str, ...]:
    """The scopes of all options, each of which may have several with commas between them."""
    scopes = [scope.strip() for part in typed for scope in part.split(",")]
    for scope in scopes:
        if scope not in SCOPES:
            raise click.BadParameter(f"`{scope}` is none of {', '.join(SCOPES)}", param=option)
    return tuple(dict.fromkeys(scopes))


@click.group()
def keys() -> None:
    """The keys of programs and people."""


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
@click.option("--replace", is_flag=True, help="End the key of this name that is in force.")
def create_key(name: str, scopes: tuple[str, ...], replace: bool) -> None:
    """Make a key, and show it this once."""
    secret = new_secret()
    with ready(None) as settings:
        made = with_resources(settings, lambda of: _make_key(of, (name, secret, scopes), replace))
    if not made:
        fail(
            f"A key called `{name}` is in force: `--replace` ends it at once and makes this one,"
            " or choose another name."
        )
    click.echo(secret)


@keys.command("list")
def show_keys() -> None:
    """Show the keys' names, scopes and ages; the keys themselves are not known."""
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
    help="How long the secret before opens, too.",
)
def rotate(name: str, overlap_hours: int) -> None:
    """Give a key a new secret, shown this once."""
    overlap = timedelta(hours=overlap_hours)
    with ready(None) as settings:
        rotated = with_resources(settings, lambda of: rotate_key(of, name, overlap, by=None))
    click.echo(rotated.secret)


@keys.command("revoke")
@click.argument("name")
def drop_key(name: str) -> None:
    """Revoke a key; it stops working within two seconds."""
    with ready(None) as settings:
        if not with_resources(settings, lambda of: _revoke_key(of, name)):
            fail(f"No key in force is called `{name}`.")


@keys.command("seal")
def make_sealing_key() -> None:
    """Print a new key for NEXTLEAD_SECRET_KEYS; put it before those that are there."""
    click.echo(new_key())


async def write_key(resources: Resources, name: str, secret: str, scopes: tuple[str, ...]) -> None:
    """Put a key in force, in place of the one of that name."""
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, name, secret, scopes, resources.clock.now())


async def _make_key(
    resources: Resources, key: tuple[str, str, tuple[str, ...]], replace: bool
) -> bool:
    """Put a key in force; False when one of its name is in force and is not to be replaced."""
    name, secret, scopes = key
    async with resources.stores.database.transaction() as connection:
        if not replace:
            return await add_key(connection, name, secret, scopes, resources.clock.now())
        await put_key(connection, name, secret, scopes, resources.clock.now())
        return True


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

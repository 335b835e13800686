"""`nextlead source …`: accounts of senders whose webhooks are taken."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TextIO, TypeVar

import click

from service.adapters.source import Places, Source
from service.cli.option_pairs import WHERE_FROM, pairs_of, secrets_of
from service.cli.source_try import try_mapping
from service.cli.starting import ready, with_resources
from service.flows.senders.change_source import (
    ChangedSource,
    change_source,
    remove_source,
    rotate_source,
)
from service.flows.senders.check_source import SourceSpec
from service.flows.senders.view_sources import (
    SourceStatus,
    connecting_text,
    view_adapters,
    view_source,
    view_sources,
)
from service.resources import Resources
from service.storage.senders.sources import Proof

Result = TypeVar("Result")

AUTHOR = "nextlead source"


@click.group()
def source() -> None:
    """Manage sources: accounts of senders that post webhooks."""


source.add_command(try_mapping)


@source.command("add")
@click.argument("name")
@click.option("--adapter", required=True, help="The adapter; see `nextlead source adapters`.")
@click.option("--queue", default="main", show_default=True)
@click.option("--secret", "secrets", multiple=True, callback=secrets_of, help=WHERE_FROM)
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=pairs_of,
    help="An option of the adapter: NAME=VALUE.",
)
@click.option(
    "--operator",
    "operators",
    multiple=True,
    callback=pairs_of,
    help="Their extension or agent, and our operator: 29=anna.",
)
@click.option("--default-operator", help="The operator of all other extensions and agents.")
@click.option("--time-zone", help="The zone of times without one; unset: the queue's.")
@click.option("--region", help="The country of numbers without a country code; unset: the queue's.")
@click.option("--currency", help="The currency of amounts without one; unset: the queue's.")
@click.option(
    "--extensions", "extensions", multiple=True, help="The exchange's own numbers: 29 or 100-199."
)
@click.option("--mapping", type=click.File(), help="A file with a mapping in YAML.")
@click.option(
    "--secret-address", is_flag=True, help="Make a secret address that ends with a token."
)
def add_source(
    name: str,
    adapter: str,
    queue: str,
    secrets: dict[str, str],
    options: dict[str, str],
    operators: dict[str, str],
    default_operator: str | None,
    time_zone: str | None,
    region: str | None,
    currency: str | None,
    extensions: tuple[str, ...],
    mapping: TextIO | None,
    secret_address: bool,
) -> None:
    """Add a source or change it. Secrets that are not given stay."""
    given = Source(
        name=name,
        adapter=adapter,
        queue=queue,
        options=options,
        operators=operators,
        default_operator=default_operator,
        places=Places(region, time_zone, currency),
        extensions=extensions,
        mapping=mapping.read() if mapping else None,
    )
    wanted = SourceSpec(given, secrets, secret_address or None)
    changed, base = _do(lambda of: _with_base(of, change_source(of, wanted, AUTHOR)))
    _show_address(changed, base)
    click.echo(f"\n{connecting_text(options.get('shipped') or adapter)}", nl=False)


@source.command("list")
def list_them() -> None:
    """List sources with their last delivery and the numbers waiting, quarantined and refused."""
    for item in _do(view_sources):
        counts = item.deliveries
        click.echo(
            f"{item.stored.name}  {item.stored.spec.adapter}  {item.stored.spec.queue}"
            f"  last {_moment(counts.last_at)}  waiting {counts.waiting}"
            f"  quarantined {counts.quarantined}  refused {counts.refused}"
        )


@source.command("show")
@click.argument("name")
def show_source(name: str) -> None:
    """Show one source. Its secrets stay hidden; only their dates are shown."""
    for line in _lines(_do(lambda of: view_source(of, name))):
        click.echo(line)


@source.command("rotate")
@click.argument("name")
@click.option("--secret", "secrets", multiple=True, callback=secrets_of, help=WHERE_FROM)
@click.option("--address", is_flag=True, help="Make a new secret address.")
@click.option(
    "--overlap-hours",
    default=24,
    show_default=True,
    type=click.IntRange(0, 720),
    help="How many hours the old secrets stay valid.",
)
def rotate(name: str, secrets: Mapping[str, str], address: bool, overlap_hours: int) -> None:
    """Give a source new secrets or a new address."""
    overlap = timedelta(hours=overlap_hours)
    changed, base = _do(
        lambda of: _with_base(
            of,
            rotate_source(of, name, secrets, address=address, overlap=overlap, author=AUTHOR),
        )
    )
    _show_address(changed, base)


@source.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove a source and its deliveries. Its leads stay."""
    _do(lambda of: remove_source(of, name, AUTHOR))


@source.command("adapters")
def list_adapters() -> None:
    """List adapters with the secrets and options of their sources."""
    for adapter in view_adapters():
        click.echo(f"{adapter.name}  {adapter.title}")
        for what, settings in (("secret", adapter.secrets), ("option", adapter.options)):
            for name, setting in settings.items():
                needed = ", needed" if setting.required else ""
                click.echo(f"    {what} {name}{needed}: {setting.about}")


def _do(use: Callable[[Resources], Awaitable[Result]]) -> Result:
    with ready(None) as settings:
        return with_resources(settings, use)


async def _with_base(
    resources: Resources, changing: Awaitable[ChangedSource]
) -> tuple[ChangedSource, str]:
    return await changing, resources.public_url or "https://<your host>"


def _show_address(changed: ChangedSource, base: str) -> None:
    stored = changed.stored
    token = f"/{changed.token}" if changed.token else ""
    click.echo(f"{base}/webhooks/{stored.spec.adapter}/{stored.name}{token}")
    if changed.token:
        click.echo("The end of this address is a secret. It is shown only this once.")
    elif stored.tokens:
        click.echo(
            "The secret end of this address is unchanged; `nextlead source rotate NAME"
            " --address` makes a new one."
        )


def _lines(of: SourceStatus) -> Iterator[str]:
    stored, counts = of.stored, of.deliveries
    given, placed = stored.spec, of.placed
    yield f"{stored.name}  {given.adapter}  {given.queue}  {placed.time_zone}  {placed.region}"
    if numbers := given.extensions or tuple(sorted(given.learnt_extensions)):
        yield f"extensions {', '.join(numbers)}{'' if given.extensions else ' (named by it)'}"
    for name, proofs in stored.secrets.items():
        yield f"secret {name}: {_since(proofs)}"
    if stored.tokens:
        yield f"secret address: {_since(stored.tokens)}"
    for name, value in given.options.items():
        yield f"option {name}: {value}"
    for theirs, ours in given.operators.items():
        yield f"operator {theirs}: {ours}"
    if given.default_operator:
        yield f"operator else: {given.default_operator}"
    yield f"read {counts.read}  of no interest {counts.ignored}  waiting {counts.waiting}"
    for reason, count in of.ignored.reasons.items():
        yield f"ignored {reason}: {count}"
    for called, count in of.ignored.unknown_types.items():
        yield f"ignored type {called}: {count}"
    if of.silent_since:
        yield f"silent since {_moment(of.silent_since)}"
    yield f"quarantined {counts.quarantined}  refused {counts.refused}"
    yield f"last {_moment(counts.last_at)}  last refused {_moment(counts.last_refused_at)}"


def _since(proofs: tuple[Proof, ...]) -> str:
    previous = f", the one before until {_moment(proofs[1].until)}" if len(proofs) > 1 else ""
    return f"since {_moment(proofs[0].since)}{previous}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"

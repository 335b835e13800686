"""`nextlead deliveries …`: list senders' deliveries and replay them."""

from uuid import UUID

import click

from service.adapters.ignored import IgnoredReason
from service.cli.starting import ready, with_resources
from service.flows.senders.replay_deliveries import replay_delivery, replay_source
from service.flows.senders.view_deliveries import view_deliveries
from service.storage.senders.deliveries import DeliveryFilter, DeliveryState

AUTHOR = "nextlead deliveries"
STATES = [state.value for state in DeliveryState]
REASONS = [reason.value for reason in IgnoredReason]


@click.group()
def deliveries() -> None:
    """List and replay deliveries of senders."""


@deliveries.command("list")
@click.option("--state", type=click.Choice(STATES), default="quarantined", show_default=True)
@click.option("--source", default=None)
@click.option(
    "--reason", type=click.Choice(REASONS), help="Only deliveries ignored for this reason."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_them(state: str, source: str | None, reason: str | None, limit: int) -> None:
    """List deliveries of one state, the newest first. With --reason, list those ignored for it."""
    why = IgnoredReason(reason) if reason else None
    wanted = DeliveryFilter(None if why else DeliveryState(state), source, why)
    with ready(None) as settings:
        found = with_resources(settings, lambda of: view_deliveries(of, wanted, limit))
    for item in found:
        click.echo(
            f"{item.id}  {item.source}  {item.received_at:%Y-%m-%d %H:%M:%S}  {item.state}"
            f"  {item.reason or ''}".rstrip()
        )


@deliveries.command("replay")
@click.argument("delivery_id", type=click.UUID, required=False)
@click.option("--source", default=None, help="All deliveries that this source has in quarantine.")
def replay(delivery_id: UUID | None, source: str | None) -> None:
    """Read one delivery again, or all that a source has in quarantine."""
    if (delivery_id is None) == (source is None):
        raise click.UsageError("Give the id of a delivery, or --source.")
    with ready(None) as settings:
        if delivery_id is not None:
            with_resources(settings, lambda of: replay_delivery(of, delivery_id, AUTHOR))
        else:
            name = source or ""
            count = with_resources(settings, lambda of: replay_source(of, name, AUTHOR))
            click.echo(f"{count} deliveries will be read again")

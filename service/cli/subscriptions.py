"""`nextlead subscription …`: receivers of events."""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import click

from service.cli.starting import ready, with_resources
from service.flows.events.change_subscription import (
    change_subscription,
    remove_subscription,
    rotate_secret,
)
from service.flows.events.send_events import send_test
from service.flows.events.view_subscriptions import (
    SubscriptionStatus,
    replay_given_up,
    view_subscriptions,
)
from service.leads.outgoing_event import TYPE
from service.resources import Resources
from service.storage.events.subscriptions import SubscriptionSpec

Result = TypeVar("Result")

AUTHOR = "nextlead subscription"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MAX_TYPES = 50


def _fitting(pattern: re.Pattern[str]) -> Callable[..., str | tuple[str, ...]]:
    """A check of typed values against a pattern."""

    def check(
        _context: click.Context, _parameter: click.Parameter, given: str | tuple[str, ...]
    ) -> str | tuple[str, ...]:
        for item in (given,) if isinstance(given, str) else given[:MAX_TYPES]:
            if not pattern.fullmatch(item):
                raise click.BadParameter(f"`{item}` is not of the form {pattern.pattern}")
        return given if isinstance(given, str) else tuple(dict.fromkeys(given[:MAX_TYPES]))

    return check


@click.group()
def subscription() -> None:
    """Manage receivers of events."""


@subscription.command("add")
@click.argument("name", callback=_fitting(NAME))
@click.option("--url", required=True, help="The address to post to: https://…")
@click.option(
    "--type",
    "types",
    multiple=True,
    default=("*",),
    show_default=True,
    callback=_fitting(TYPE),
    help="A type of event: lead.received, or lead.* for a group; may be repeated.",
)
@click.option("--queue", help="Only events of this queue.")
@click.option("--personal", is_flag=True, help="Include clients' names, contacts and words.")
def add_subscription(
    name: str, url: str, types: tuple[str, ...], queue: str | None, personal: bool
) -> None:
    """Send events to a receiver from now on, or change what it gets."""
    wanted = SubscriptionSpec(name, url, types, queue, personal=personal)
    secret = _do(lambda of: change_subscription(of, wanted, AUTHOR))
    click.echo("Its secret is unchanged." if secret is None else secret)


@subscription.command("list")
def list_them() -> None:
    """List subscriptions and the state of their deliveries."""
    for item in _do(view_subscriptions):
        for line in _lines(item):
            click.echo(line)


@subscription.command("test")
@click.argument("name")
def test_one(name: str) -> None:
    """Send an event of the type subscription.test now."""
    answered = _do(lambda of: send_test(of, name))
    click.echo(f"It answered {answered.status}.")
    if not 200 <= answered.status < 300:
        raise SystemExit(1)


@subscription.command("rotate")
@click.argument("name")
def rotate(name: str) -> None:
    """Give a subscription a new secret and print it. The old secret also signs for 24 hours."""
    click.echo(_do(lambda of: rotate_secret(of, name, AUTHOR)))


@subscription.command("replay")
@click.argument("name")
def replay_dead(name: str) -> None:
    """Send failed events again, at most 1000 at a time."""
    click.echo(f"{_do(lambda of: replay_given_up(of, name))} events will be sent again")


@subscription.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove a subscription. Its pending events are dropped."""
    _do(lambda of: remove_subscription(of, name, AUTHOR))


def _do(use: Callable[[Resources], Awaitable[Result]]) -> Result:
    with ready(None) as settings:
        return with_resources(settings, use)


def _lines(of: SubscriptionStatus) -> Iterator[str]:
    one, wanted = of.subscription, of.subscription.wanted
    state = "active" if wanted.active else f"not active: {one.disabled_for or 'switched off'}"
    yield f"{wanted.name}  {wanted.url}  {wanted.queue or 'all queues'}  {state}"
    yield f"    {', '.join(wanted.types)}"
    yield f"    pending {of.backlog.pending}  dead {of.backlog.dead}"
    if one.last_failure is not None:
        yield f"    last failure {one.last_failure_at:%Y-%m-%d %H:%M}: {one.last_failure}"

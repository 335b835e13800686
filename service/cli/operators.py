"""`nextlead operators …`: the people who take leads, and their links to sign in."""

from datetime import timedelta

import click

from service.cli.starting import ready, with_resources
from service.flows.operators.sign_in import ROLES, Person, invite_person
from service.resources import Resources


@click.group()
def operators() -> None:
    """Invite operators and supervisors."""


@operators.command("invite")
@click.argument("person")
@click.option("--role", type=click.Choice(sorted(ROLES)), default="operator", show_default=True)
@click.option("--hours", type=click.IntRange(1, 24 * 14), default=24, show_default=True)
@click.option(
    "--address",
    default=None,
    help="The service's address; unset: NEXTLEAD_PUBLIC_URL, else loopback.",
)
def invite(person: str, role: str, hours: int, address: str | None) -> None:
    """Print a one-time link with which PERSON signs in, to the desk of the operator of that name.

    A supervisor need not be an operator.
    """
    with ready(None) as settings:
        base = (address or settings.public_url or "http://127.0.0.1:8000").rstrip("/")
        lasts = timedelta(hours=hours)
        secret = with_resources(settings, lambda of: _invite(of, person, role, lasts))
    click.echo(f"{base}/signin/link/{secret}")


async def _invite(resources: Resources, person: str, role: str, lasts: timedelta) -> str:
    names = await resources.stores.directory.operators()
    needs_desk = role == "operator" or person in names
    invited = Person(person, person if needs_desk else None, ROLES[role])
    return await invite_person(resources, invited, lasts)

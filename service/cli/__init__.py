"""The command line: `nextlead …`; each file has commands of one sort, and they are named here."""

import click

from service.cli.api_keys import keys
from service.cli.deliveries import deliveries
from service.cli.policy import policy
from service.cli.replay import replay
from service.cli.serving import dev, serve
from service.cli.simulate import simulate_command
from service.cli.sources import source
from service.cli.subscriptions import subscription
from service.cli.transfer import export_file, import_file
from service.cli.upkeep import migrate, openapi, rebuild


@click.group()
@click.version_option(package_name="nextlead")
def main() -> None:
    """nextlead: the lead that is worth most to take now, for every operator."""


for command in (
    dev,
    serve,
    migrate,
    rebuild,
    openapi,
    keys,
    policy,
    replay,
    simulate_command,
    source,
    deliveries,
    subscription,
    import_file,
    export_file,
):
    main.add_command(command)

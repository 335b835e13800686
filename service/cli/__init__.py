"""The command line: `nextlead …`. Each file has commands of one sort; all are listed here.

A file is imported only when one of its commands is typed, because most need the whole service.
"""

import gc
from importlib import import_module

import click

from service import __version__
from service.cli.examples import FIRST, with_examples

# name: (file and object, the text in `nextlead --help`: the first line of its docstring)
COMMANDS = {
    "backup": ("backup:backup", "Write a backup of the database into a folder."),
    "deliveries": ("deliveries:deliveries", "List and replay deliveries of senders."),
    "dev": (
        "serving:dev",
        "Run everything in one process. Starts PostgreSQL and Valkey if no addresses are set.",
    ),
    "erasures": ("erasures:erasures", "Export erasures, and repeat them after a restore."),
    "export": ("transfer:export_file", "Export all leads to standard output, the oldest first."),
    "import": ("transfer:import_file", "Import leads from FILE, NDJSON or CSV."),
    "keys": ("api_keys:keys", "Manage API keys of programs and people."),
    "migrate": ("upkeep:migrate", "Migrate the database's tables to this version."),
    "openapi": ("openapi:openapi", "Print openapi.yaml."),
    "operators": ("operators:operators", "Invite operators and supervisors."),
    "policy": ("policy:policy", "Check policies as files, and print the default."),
    "rebuild": ("upkeep:rebuild", "Rebuild the line from PostgreSQL."),
    "replay": ("replay:replay", "Compute CLAIM again from its stored data."),
    "restore": ("backup:restore", "Restore a backup into an empty database and rebuild the line."),
    "serve": ("serving:serve", "Run the service with the given PostgreSQL and Redis."),
    "simulate": ("simulate:simulate_command", "Simulate SCENARIO, a shipped one or a file."),
    "source": ("sources:source", "Manage sources: accounts of senders that post webhooks."),
    "subscription": ("subscriptions:subscription", "Manage receivers of events."),
}


class Commands(click.Group):
    """Commands whose files are imported only when they are typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, from its file."""
        if cmd_name not in COMMANDS:
            return None
        file, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(f"service.cli.{file}"), name)
        gc.freeze()
        gc.enable()
        return with_examples(found, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands for `nextlead --help` without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Commands, epilog=FIRST)
@click.version_option(__version__, prog_name="nextlead")
def main() -> None:
    """nextlead: gives every operator the lead that is worth most to take now."""

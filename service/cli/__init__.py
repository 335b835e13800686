"""The command line: `nextlead …`. Each file has commands of one sort; all are listed here.

A file is imported only when one of its commands is typed, because most need the whole service.
"""

from importlib import import_module

import click

from service import __version__
from service.cli.examples import FIRST, with_examples

# name: (file and object, the text in `nextlead --help`: the first line of its docstring)
COMMANDS = {
    "backup": ("backup:backup", "Write the database into a folder."),
    "deliveries": ("deliveries:deliveries", "What senders delivered."),
    "dev": ("serving:dev", "Everything in one process, with servers of its own if none are set."),
    "erasures": ("erasures:erasures", "What was erased, and stays so after a restore."),
    "export": ("transfer:export_file", "Write all leads to standard output, the oldest first."),
    "import": ("transfer:import_file", "Take in the leads of FILE, NDJSON or CSV."),
    "keys": ("api_keys:keys", "The keys of programs and people."),
    "migrate": ("upkeep:migrate", "Bring the database's tables to this version."),
    "openapi": ("openapi:openapi", "Print openapi.yaml."),
    "operators": ("operators:operators", "The people who take leads."),
    "policy": ("policy:policy", "Policies as files."),
    "rebuild": ("upkeep:rebuild", "Build the line from Postgres again."),
    "replay": ("replay:replay", "Make CLAIM again from what was stored with it."),
    "restore": ("backup:restore", "Read a backup into an empty database, then build the line."),
    "serve": ("serving:serve", "Serve with a PostgreSQL and a Redis that are set."),
    "simulate": ("simulate:simulate_command", "Simulate SCENARIO, a shipped one or a file."),
    "source": ("sources:source", "Whose webhooks are taken."),
    "subscription": ("subscriptions:subscription", "Who receives events."),
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
        return with_examples(found, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands for `nextlead --help` without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Commands, epilog=FIRST)
@click.version_option(__version__, prog_name="nextlead")
def main() -> None:
    """nextlead: the lead that is worth most to take now, for every operator."""

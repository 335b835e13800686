"""The example that each command's `--help` shows."""

import click

FIRST = "Begin with `nextlead dev --demo` and open the link that it prints after `sign in`."
EXAMPLES = {
    "backup": "--to /backups/today --key-to /safe/sealing.key",
    "deliveries list": "--state quarantined --limit 20",
    "deliveries replay": "--source mango",
    "dev": "--demo --port 8123",
    "erasures export": "--to erasures.txt",
    "erasures replay": "erasures.txt",
    "export": "--format csv --excel > leads.csv",
    "import": "leads.csv --source shop --channel email",
    "keys create": "anna --scope operate --operator anna --expires 90d",
    "keys list": "",
    "keys revoke": "shop",
    "keys rotate": "shop --overlap-hours 24",
    "keys seal": "",
    "migrate": "",
    "openapi": "> openapi.yaml",
    "operators invite": "anna --role operator",
    "policy check": "policy.yaml",
    "policy default": "> policy.yaml",
    "policy schema": "> policy.schema.json",
    "rebuild": "",
    "replay": "01a226f7-3c02-760b-accf-867d1c5c2e42",
    "restore": "--from /backups/today --key-from /safe/sealing.key",
    "serve": "--workers 2",
    "simulate": "auto_parts --days 5 --report out",
    "source adapters": "",
    "source add": "mango --adapter mango --secret vpbx_api_key --secret salt",
    "source list": "",
    "source remove": "mango",
    "source rotate": "mango --overlap-hours 24",
    "source show": "mango",
    "source try": "wazzup24 sample.json",
    "subscription add": "crm --url https://crm.example.com/events --type lead.settled",
    "subscription list": "",
    "subscription remove": "crm",
    "subscription replay": "crm",
    "subscription rotate": "crm",
    "subscription test": "crm",
}


def with_examples(command: click.Command, name: str) -> click.Command:
    """The command with an example at the end of its help, and so for its subcommands."""
    if isinstance(command, click.Group):
        for part, below in command.commands.items():
            with_examples(below, f"{name} {part}")
    elif name in EXAMPLES:
        command.epilog = f"Example: nextlead {name} {EXAMPLES[name]}".rstrip()
    return command

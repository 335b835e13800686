"""Options of the form name=value. Secrets among them never stand on the command line."""

import os
import sys

import click

FROM_INPUT, FROM_ENVIRONMENT = "-", "env:"
WHERE_FROM = (
    "NAME prompts for it; NAME=- reads it from the input; NAME=env:VARIABLE from a variable."
)


def pairs_of(
    _context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """The values by name; raises BadParameter for a missing value."""
    pairs = dict(item.partition("=")[::2] for item in given)
    if not all(pairs.values()):
        raise click.BadParameter("write it as NAME=VALUE", param=option)
    return pairs


def secrets_of(
    _context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """The secrets by name, each read from its given place."""
    parted = [item.partition("=") for item in given]
    return {name: _secret(name, place, option) for name, _, place in parted}


def _secret(name: str, place: str, option: click.Parameter) -> str:
    """A secret from its given place: never from the command line, which others can see."""
    if not place:
        return str(click.prompt(name, hide_input=True))
    if place == FROM_INPUT:
        return sys.stdin.readline().strip()
    variable = place.removeprefix(FROM_ENVIRONMENT)
    if not place.startswith(FROM_ENVIRONMENT) or variable not in os.environ:
        raise click.BadParameter(WHERE_FROM, param=option)
    return os.environ[variable]

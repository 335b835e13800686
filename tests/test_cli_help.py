"""`--help` tells a newcomer what to type, of every command."""

import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from service.cli import main


def commands(of: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that has none below it, by what is typed for it."""
    if not isinstance(of, click.Group):
        yield " ".join(path), of
        return
    context = click.Context(of)
    for name in of.list_commands(context):
        below = of.get_command(context, name)
        assert below is not None
        yield from commands(below, (*path, name))


ALL = dict(commands(main))


def test_a_newcomer_is_told_what_to_type_first() -> None:
    assert "nextlead dev --demo" in CliRunner().invoke(main, ["--help"]).output


@pytest.mark.parametrize("name", ALL)
def test_a_command_shows_an_example_that_it_takes(name: str) -> None:
    shown = CliRunner().invoke(main, [*name.split(), "--help"]).output
    assert f"Example: nextlead {name}" in " ".join(shown.split())
    command = ALL[name]
    assert command.epilog is not None
    typed = shlex.split(command.epilog.removeprefix(f"Example: nextlead {name}").partition(">")[0])
    options = {word for word in typed if word.startswith("--")}
    assert options <= {option for param in command.params for option in param.opts}
    required = [param for param in command.params if param.required]
    assert {param.opts[-1] for param in required if isinstance(param, click.Option)} <= options
    assert len(typed) >= len(required)

"""The command line as a whole: quick where it says little, and complete in its help."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service import __version__
from service.cli import COMMANDS, main

# modules that take most of the time of an import of the whole service
HEAVY = ("fastapi", "sqlalchemy", "asyncpg", "redis", "pydantic", "structlog", "cryptography")


def processor_seconds(*arguments: str) -> float:
    """What a run of Python costs at least, of five."""

    def once() -> float:
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = os.times()
        spent = after.children_user + after.children_system
        return spent - before.children_user - before.children_system

    return min(once() for _ in range(5))


def test_the_version_costs_at_most_five_bare_starts_of_python() -> None:
    bare, version = processor_seconds("-c", "pass"), processor_seconds("-m", "service", "--version")
    assert version <= 5 * max(bare, 0.01), (bare, version)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"]])
def test_what_needs_no_command_imports_none(arguments: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['nextlead', *{arguments}]\n"
        "from service.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_policy_is_checked_without_a_server_or_its_drivers() -> None:
    script = (
        "import sys; import service.cli.policy\n"
        "print([name for name in ('fastapi', 'sqlalchemy', 'asyncpg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    place, about = COMMANDS[name]
    file, _, object_name = place.partition(":")
    command = getattr(import_module(f"service.cli.{file}"), object_name)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").splitlines()[0] == about


def test_the_help_lists_every_command() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    for name, (_, about) in COMMANDS.items():
        assert f"\n  {name} " in listed
        assert about.split()[0] in listed


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"nextlead, version {__version__}\n"


def test_garbage_is_looked_for_again_once_a_command_is_imported() -> None:
    script = (
        "import gc, service.__main__\n"
        "from service.cli import main\n"
        "before = gc.isenabled()\n"
        "main(['policy', '--help'], standalone_mode=False)\n"
        "print(before, gc.isenabled())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False True", done.stderr


def test_garbage_is_looked_for_in_a_worker_and_in_the_process_of_heavy_work(
    tmp_path: Path,
) -> None:
    script = (
        "import asyncio, gc, service.__main__\n"
        "from service.heavy_work import HeavyWork\n"
        "from service.resources import collect_garbage_seldom\n"
        "async def run():\n"
        "    work, before = HeavyWork(), gc.isenabled()\n"
        "    elsewhere = await work.run(gc.isenabled)\n"
        "    work.close()\n"
        "    collect_garbage_seldom()\n"
        "    print(before, elsewhere, gc.isenabled())\n"
        "if __name__ == '__main__': asyncio.run(run())\n"
    )
    file = tmp_path / "main.py"
    file.write_text(script)
    done = subprocess.run([sys.executable, file], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False True True", done.stderr

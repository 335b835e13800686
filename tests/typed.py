"""Commands as they are typed, each in a process of its own that need not import everything anew.

A server of Python's own (`forkserver`) has imported the command line once; each command is a fork
of it. Imports would take most of the time of most commands.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from service.cli import COMMANDS, main

FILES = {f"service.cli.{place.partition(':')[0]}" for place, _ in COMMANDS.values()}

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(sorted(FILES))


def begin(
    arguments: Sequence[str], environment: Mapping[str, str], stdout: Path, stderr: Path
) -> "multiprocessing.process.BaseProcess":
    """Type a command; what it says goes into the two files."""
    sent = (list(arguments), dict(environment), str(stdout), str(stderr))
    process = CONTEXT.Process(target=_type, args=sent)
    process.start()
    return process


def _type(arguments: list[str], environment: dict[str, str], stdout: str, stderr: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, stdout), (2, stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["nextlead", *arguments]
    main()

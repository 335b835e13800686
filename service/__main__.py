"""`nextlead`, and `python -m service`: the command line, imported only when it is needed."""

import gc
import sys

from service import __version__

# Of the objects that imports make none is garbage: to look for it would be a fifth of a start. The
# command line looks for garbage again after its imports, a worker of `serve` once it is ready.
gc.disable()

STOPPED = 130  # the exit code that shells give a program ended by Ctrl-C


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback at any moment."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"nextlead, version {__version__}\n")
        return
    try:
        from service.cli import main as command_line  # noqa: PLC0415  Ctrl-C may come meanwhile

        command_line(prog_name="nextlead")
    except KeyboardInterrupt:
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()

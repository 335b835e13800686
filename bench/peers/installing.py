"""Installs the queues of others, in environments of their own that stay from run to run."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).parents[2] / ".nextlead" / "bench"
IN_PYTHON = (
    *("pgqueuer==1.6.0", "procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9"),
    *("asyncpg==0.32.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0"),
)
IN_NODE = ("bullmq@6.7.0", "ioredis@6.0.0")
AT_MOST_SECONDS = 240
SHOWN = 300  # signs of a complaint


class NotInstalled(Exception):
    """A queue of others cannot be had here."""


def python_of_peers() -> str:
    """The Python that has PgQueuer and procrastinate; raises NotInstalled."""
    home = _home("python", IN_PYTHON)
    program = str(home / "bin" / "python")
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(home)])
        pip = [program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--only-binary", ":all:", *IN_PYTHON])
        (home / "ready").touch()
    return program


def packages_of_node() -> str:
    """The folder of packages that has BullMQ; raises NotInstalled."""
    home = _home("node", IN_NODE)
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotInstalled(f"{program} is not installed")
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts"]
        _run(["npm", "install", *quiet, "--prefix", str(home), *IN_NODE])
        (home / "ready").touch()
    return str(home)


def _home(name: str, packages: Sequence[str]) -> Path:
    """Another list of packages gets another folder."""
    return HOME / f"{name}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:8]}"


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=AT_MOST_SECONDS)
    except subprocess.CalledProcessError as error:
        said = " ".join((error.stderr or error.stdout).decode().split())
        raise NotInstalled(f"its index does not give it: {said[:SHOWN]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"it cannot be installed: {error}") from error

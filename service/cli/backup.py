"""`nextlead backup` and `nextlead restore`: the database, and the key of its secrets."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import click

from service import __version__
from service.cli.starting import fail, own_secret, ready, with_resources
from service.cli.upkeep import migrate_tables
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.programs import installed_beside_postgres
from service.flows.line.rebuild_line import rebuild_lines
from service.settings import Settings

DUMP, ABOUT = "database.dump", "about.json"
OPTIONS = {"sslmode": "PGSSLMODE", "host": "PGHOST", "sslrootcert": "PGSSLROOTCERT"}


@click.command()
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--key-to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the sealing key, to this file; store it apart from the backup.",
)
def backup(folder: Path, key_to: Path | None) -> None:
    """Write a backup of the database into a folder."""
    with ready(None, line=False) as settings:
        _make_folder(folder)
        _run("pg_dump", settings, "--format=custom", f"--file={folder / DUMP}")
        keys = settings.sealing_keys()
        about = {"version": __version__, "sealing_key": _fingerprint(keys[0]) if keys else None}
        (folder / ABOUT).write_text(json.dumps(about) + "\n", "utf-8")
        if key_to is not None and keys:
            own_secret(key_to, lambda: ",".join(keys))
    click.echo(f"The database is in {folder / DUMP}.")
    if key_to is None:
        click.echo(
            "The sealing key is not in it. Store NEXTLEAD_SECRET_KEYS (or secret.key in the data"
            " directory) elsewhere: without it, signed webhooks are refused after a restore."
        )
    else:
        click.echo(f"The sealing key is in {key_to}. Store it apart from the dump.")


@click.command()
@click.option(
    "--from", "folder", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--key-from",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the sealing key; otherwise set NEXTLEAD_SECRET_KEYS.",
)
def restore(folder: Path, key_from: Path | None) -> None:
    """Restore a backup into an empty database and rebuild the line."""
    about = _about(folder)
    with ready(None) as settings:
        key = _key_for(settings, key_from)
        _check_key(about, key)
        _run(
            "pg_restore",
            settings,
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            *(["--dbname", _database_of(settings), str(folder / DUMP)]),
        )
        if key_from is not None and not os.environ.get("NEXTLEAD_SECRET_KEYS"):
            _put_key(settings, key)
        migrate_tables(settings)
        for queue, count in with_resources(settings, rebuild_lines).items():
            click.echo(f"{queue}: {count} leads in line")
    click.echo(f"The database of {folder / DUMP} is restored.")


def _make_folder(folder: Path) -> None:
    if (folder / DUMP).exists():
        fail(f"{folder} has a backup already; choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        fail(f"{folder} cannot be created: {error.strerror}.")


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        fail(f"{folder} is no backup: it has no readable {ABOUT}. Choose another folder.")
    return about


def _key_for(settings: Settings, key_from: Path | None) -> str | None:
    if key_from is not None:
        return key_from.read_text("utf-8").strip()
    keys = settings.sealing_keys()
    return ",".join(keys) if keys else None


def _check_key(about: dict[str, Any], key: str | None) -> None:
    wanted = about.get("sealing_key")
    if wanted is None:
        return
    given = {_fingerprint(item.strip()) for item in (key or "").split(",") if item.strip()}
    if wanted not in given:
        fail(
            "The sealing key of this backup is another one. Give it with --key-from or in"
            " NEXTLEAD_SECRET_KEYS; without it, signed webhooks are refused."
        )


def _put_key(settings: Settings, key: str | None) -> None:
    place = settings.data_dir / "secret.key"
    if key is not None and (not place.exists() or place.read_text().strip() != key):
        place.unlink(missing_ok=True)
        own_secret(place, lambda: key)


def _fingerprint(key: str) -> str:
    """The beginning of a hash: it tells keys apart and reveals nothing of them."""
    return hashlib.sha256(b"nextlead sealing key " + key.encode()).hexdigest()[:16]


def _run(program: str, settings: Settings, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. Its password goes through the environment, unseen."""
    environment = {**os.environ, **_environment(settings)}
    command = [str(_program(program)), *arguments]
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL's, with arguments of our own
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
        fail(f"{program} failed: {lines[0]}{_hint(done.stderr)}")


def _hint(output: str) -> str:
    if "already exists" in output:
        return " Restore into an empty database."
    if "version mismatch" in output:
        return " Install the programs of the server's own version of PostgreSQL."
    return ""


def _program(name: str) -> Path:
    """The newest version available: the programs of the wheel also dump older servers."""
    try:
        return installed_beside_postgres(name)
    except EmbeddedServerFailed:
        found = shutil.which(name)
    if found is None:
        fail(f"{name} was not found; install PostgreSQL's client programs (postgresql-client).")
    return Path(found)


def _database_of(settings: Settings) -> str:
    return _environment(settings)["PGDATABASE"]


def _environment(settings: Settings) -> dict[str, str]:
    assert settings.database_url is not None
    url = urlsplit(settings.database_url.get_secret_value())
    parts = {
        "PGHOST": url.hostname,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": unquote(url.username) if url.username else None,
        "PGPASSWORD": unquote(url.password) if url.password else None,
        "PGDATABASE": unquote(url.path.removeprefix("/")) or "postgres",
    }
    options = {
        OPTIONS[name]: item[-1] for name, item in parse_qs(url.query).items() if name in OPTIONS
    }
    return {name: value for name, value in {**parts, **options}.items() if value is not None}

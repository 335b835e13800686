"""How commands begin: what is wrong outside is said in a plain sentence."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from running import nextlead

from service.embedded.servers import Addresses
from service.settings import Settings, unknown_names

SOON = {"NEXTLEAD_START_SECONDS": "0"}


async def migrate(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    sent = {"NEXTLEAD_DATABASE_URL": url, **SOON, **environment}
    return await asyncio.to_thread(nextlead, "migrate", **sent)


def with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
async def empty_database(servers: Addresses) -> AsyncIterator[str]:
    """The address of a database without tables."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE DATABASE first_start")
    yield with_database(servers.database_url, "first_start")
    await connection.execute("DROP DATABASE first_start WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def guarded(servers: Addresses) -> AsyncIterator[str]:
    """The address of the database for a user who is asked for a password, with a wrong one."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules = Path(await connection.fetchval("SHOW hba_file"))
    before = _put_first("local all guarded scram-sha-256", rules)
    await connection.execute("SELECT pg_reload_conf()")
    sockets = urlsplit(servers.database_url).query
    yield f"postgresql://guarded:wrong@/nextlead?{sockets}"
    _write(rules, before)
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("DROP ROLE guarded")
    await connection.close()


def _put_first(rule: str, rules: Path) -> str:
    """Put a rule before the others, and answer what was there before."""
    before = rules.read_text()
    _write(rules, f"{rule}\n{before}")
    return before


def _write(rules: Path, text: str) -> None:
    rules.write_text(text)


async def test_migrate_says_from_what_to_what(empty_database: str) -> None:
    first = await migrate(empty_database.replace("postgresql://", "postgres://"))
    assert first.returncode == 0, first.stderr
    *_, head = first.stdout.removesuffix(".\n").split()
    assert first.stdout == f"The database went from revision none to {head}.\n"
    again = await migrate(empty_database)
    assert again.stdout == f"The database is at revision {head}; there is nothing to do.\n"


async def test_a_database_that_is_missing_is_named(servers: Addresses) -> None:
    refused = await migrate(with_database(servers.database_url, "no_such"))
    assert refused.returncode == 1
    assert "There is no database `no_such` at " in refused.stderr
    assert ", port 5432; create it" in refused.stderr
    assert_plain(refused)


async def test_a_wrong_password_is_called_one_and_not_shown(guarded: str) -> None:
    refused = await migrate(guarded)
    assert refused.returncode == 1
    assert "refuses the password of the user `guarded`" in refused.stderr
    assert "port 5432" in refused.stderr
    assert "wrong" not in refused.stderr
    assert_plain(refused)


async def test_a_user_who_is_not_there_is_named(servers: Addresses) -> None:
    sockets = urlsplit(servers.database_url).query
    refused = await migrate(f"postgresql://nobody@/nextlead?{sockets}")
    assert "does not let the user `nobody` in" in refused.stderr
    assert_plain(refused)


async def test_an_unknown_host_is_named() -> None:
    refused = await migrate("postgresql://shop:secret@no-such-host.invalid:6432/shop")
    assert refused.returncode == 1
    assert "No host is called no-such-host.invalid" in refused.stderr
    assert "6432" in refused.stderr
    assert "secret" not in refused.stderr
    assert_plain(refused)


async def test_a_server_that_is_away_is_named_with_its_place() -> None:
    refused = await migrate("postgresql://shop@127.0.0.1:1/shop?sslmode=prefer")
    assert "cannot be reached at 127.0.0.1, port 1 (ConnectionRefusedError)" in refused.stderr
    assert_plain(refused)


@pytest.mark.parametrize(
    "url",
    ["postgres://shop:p#ss@db:5432/shop", "postgresql://shop@db:post/shop", "postgre://db/shop"],
)
async def test_an_address_that_is_none_is_explained(url: str) -> None:
    refused = await migrate(url)
    assert refused.returncode == 1
    assert "nextlead: NEXTLEAD_DATABASE_URL: it " in refused.stderr
    assert_plain(refused)


async def test_what_an_address_says_of_encryption_and_of_the_session_holds_for_every_connection(
    settings: Settings, servers: Addresses
) -> None:
    assert settings.database_url is not None, "its tables are there"
    url = f"{servers.database_url}&sslmode=disable&application_name=shop"
    keys = await asyncio.to_thread(
        nextlead, "keys", "list", NEXTLEAD_DATABASE_URL=url, NEXTLEAD_REDIS_URL=servers.redis_url
    )
    assert keys.returncode == 0, keys.stderr


def assert_plain(done: subprocess.CompletedProcess[str]) -> None:
    """The last line is a sentence of ours, and none is Python's."""
    assert done.stderr.splitlines()[-1].startswith("nextlead: ")
    assert "Traceback" not in done.stderr
    assert "Value error" not in done.stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("NEXTLEAD_LOGLEVEL", "NEXTLEAD_LOG_LEVEL"),
        ("nextlead_databse_url", "NEXTLEAD_DATABASE_URL"),
        ("NEXTLEAD_HOT_CONNECTION", "NEXTLEAD_HOT_CONNECTIONS"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest_one(name: str, meant: str) -> None:
    (line,) = unknown_names({name: "x", "PATH": "/bin"})
    assert line == f"{name} is no setting and changes nothing; {meant} may be meant."


def test_what_a_cluster_sets_for_a_service_of_our_name_is_passed_over() -> None:
    of_a_cluster = (
        *("NEXTLEAD_SERVICE_HOST", "NEXTLEAD_SERVICE_PORT", "NEXTLEAD_SERVICE_PORT_HTTP"),
        *("NEXTLEAD_PORT", "NEXTLEAD_PORT_8000_TCP", "NEXTLEAD_PORT_8000_TCP_ADDR"),
    )
    assert unknown_names(dict.fromkeys(of_a_cluster, "x")) == []
    assert unknown_names({f"NEXTLEAD_{name.upper()}": "" for name in Settings.model_fields}) == []


async def test_a_command_says_which_variable_it_does_not_know(servers: Addresses) -> None:
    done = await migrate(servers.database_url, NEXTLEAD_TICK_SECOND="3")
    assert done.returncode == 0
    assert (
        "NEXTLEAD_TICK_SECOND is no setting and changes nothing; NEXTLEAD_TICK_SECONDS may be"
        in done.stderr
    )

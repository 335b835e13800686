"""systemd, Kubernetes and Caddy: what can be read of their files without running them."""

import configparser
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from lacking import needs

from service.api.hot import MAX_WAIT_SECONDS
from service.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
EXAMPLE = DEPLOY / "kubernetes" / "example"
COMMAND = re.compile(r"/opt/nextlead/bin/nextlead (\w+)")


def unit(path: Path) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(path)
    return found


@needs("systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if path.stem in line]
    assert [line for line in lines if "is not executable" not in line] == []


def test_the_unit_starts_what_there_is_and_may_do_little() -> None:
    service = unit(DEPLOY / "systemd" / "nextlead.service")["Service"]
    assert COMMAND.findall(service["ExecStart"]) == ["serve"]
    assert COMMAND.findall(service["ExecStartPre"]) == ["migrate"]
    assert service["ProtectSystem"] == "strict"
    assert service["DynamicUser"] == service["PrivateTmp"] == service["NoNewPrivileges"] == "yes"
    assert int(service["LimitNOFILE"]) >= 65536
    assert service["MemoryMax"]
    assert service["TasksMax"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_no_password_and_sets_what_can_be_set(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in re.sub(r"^#.*|^Documentation=.*", "", text, flags=re.MULTILINE)
    names = set(re.findall(r"NEXTLEAD_(\w+)", text))
    assert {name.lower() for name in names} <= set(Settings.model_fields)


def rendered(tmp_path: Path) -> list[dict[str, Any]]:
    """The example as Kustomize renders it."""
    done = subprocess.run(
        ["kubectl", "kustomize", EXAMPLE], capture_output=True, text=True, check=True
    )
    (tmp_path / "all.yaml").write_text(done.stdout)
    return [*yaml.safe_load_all(done.stdout)]


@needs("kubectl")
def test_kustomize_renders_what_kubernetes_takes(tmp_path: Path) -> None:
    kinds = [item["kind"] for item in rendered(tmp_path)]
    assert sorted(kinds) == [
        "Deployment",
        "Ingress",
        "Job",
        "Namespace",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Secret",
        "Service",
    ]
    check = [sys.executable, "-m", "kubernetes_validate", "--strict", tmp_path / "all.yaml"]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def pods() -> list[dict[str, Any]]:
    """The pods of the deployment and of the migration."""
    files = [
        DEPLOY / "kubernetes" / "base" / name for name in ("deployment.yaml", "migration.yaml")
    ]
    return [yaml.safe_load(file.read_text("utf-8"))["spec"]["template"]["spec"] for file in files]


def test_pods_may_do_little_and_write_nothing_but_what_is_theirs() -> None:
    for pod in pods():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert not any("://" in part for part in container["args"])


def test_every_file_of_the_base_is_rendered() -> None:
    for folder in (DEPLOY / "kubernetes" / "base", EXAMPLE):
        listed = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))["resources"]
        existing = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert existing == {name for name in listed if name.endswith(".yaml")}


def test_the_example_sets_what_can_be_set() -> None:
    lines = (EXAMPLE / "example.env").read_text("utf-8").splitlines()
    names = {line.partition("=")[0].removeprefix("NEXTLEAD_").lower() for line in lines}
    assert names <= set(Settings.model_fields)
    assert {"database_url", "redis_url", "secret_keys"} <= names


def test_proxies_wait_longer_than_the_longest_poll_and_buffer_nothing() -> None:
    caddy = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")
    timeout = re.search(r"response_header_timeout (\d+)s", caddy)
    assert timeout is not None
    assert int(timeout[1]) >= MAX_WAIT_SECONDS + 10
    assert "flush_interval -1" in caddy
    ingress = yaml.safe_load((EXAMPLE / "ingress.yaml").read_text("utf-8"))
    notes = ingress["metadata"]["annotations"]
    prefix = "nginx.ingress.kubernetes.io/proxy-"
    assert int(notes[f"{prefix}read-timeout"]) >= MAX_WAIT_SECONDS + 10
    assert notes[f"{prefix}buffering"] == "off"


def test_caddy_balances_its_braces() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8"))
    depth = 0
    for sign in re.findall(r"[{}]", text):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0

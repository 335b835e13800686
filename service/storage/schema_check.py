"""Whether the database has the tables of this version of the code."""

from pathlib import Path

import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from service.leads.errors import StorageFailed
from service.storage.database import Connection, Database

log = structlog.get_logger()

OLDEST_SERVER = 150000
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migration_config(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config


async def check_schema(database: Database) -> None:
    """Raise StorageFailed unless the server is new enough and migrated to this version's head.

    A database of a later version is accepted, so that replicas of this version can restart during
    an update.
    """
    scripts = ScriptDirectory(str(MIGRATIONS))
    head = scripts.get_current_head()
    async with database.transaction() as connection:
        if int(await connection.scalar(text("SHOW server_version_num")) or 0) < OLDEST_SERVER:
            raise StorageFailed("PostgreSQL 15 or later is needed; this server is older.")
        found = await _revision(connection)
    if found is not None and not _is_known(scripts, found):
        log.warning("schema.newer", revision=found, known=head)
    elif found != head:
        raise StorageFailed(
            f"The database is at revision {found or 'none'}, this version needs {head};"
            " run `nextlead migrate`."
        )


def _is_known(scripts: ScriptDirectory, revision: str) -> bool:
    return any(script.revision == revision for script in scripts.walk_revisions())


async def find_revision(database: Database) -> str | None:
    """The database's revision; None when it has no tables of ours."""
    async with database.transaction() as connection:
        return await _revision(connection)


async def _revision(connection: Connection) -> str | None:
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision

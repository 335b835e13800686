"""Whether the database has the tables of this version of the code."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from service.leads.errors import StorageFailed, StorageUnavailable
from service.storage.database import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migration_config(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config


async def check_schema(database: Database) -> None:
    """Raise StorageFailed unless the database was migrated to this version's head."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    try:
        async with database.transaction() as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except StorageUnavailable:
        raise
    except StorageFailed:
        found = None
    if found != head:
        raise StorageFailed(
            f"The database is at revision {found or 'none'}, this version needs {head};"
            " run `nextlead migrate`."
        )

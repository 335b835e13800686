"""Alembic's way to the database: one connection, one transaction for all steps."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from service.storage.all_tables import metadata


def address() -> str:
    """From who calls us, else from `alembic -x url=postgresql://…`."""
    given = context.config.attributes.get("database_url")
    url = given or context.get_x_argument(as_dictionary=True)["url"]
    return str(url)


def migrate(connection: Connection) -> None:
    """Run the wanted steps."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        # replicas that start together must not migrate together
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('nextlead migrate'))"))
        context.run_migrations()


async def connect_and_migrate() -> None:
    """Open a connection of our own; a migration may take as long as it needs."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(address()),
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(connect_and_migrate())

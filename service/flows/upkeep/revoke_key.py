"""Revoke a key; every process refuses it within two seconds."""

import structlog

from service.leads.errors import KeyNotFound
from service.resources import Resources
from service.storage import api_keys
from service.storage.api_keys import Key

log = structlog.get_logger()


async def revoke_key(resources: Resources, name: str, by: Key) -> None:
    """Revoke the key of a name; raises KeyNotFound when none is in force."""
    async with resources.stores.database.transaction() as connection:
        if not await api_keys.revoke_key(connection, name, resources.clock.now()):
            raise KeyNotFound(f"No key in force is called `{name}`.")
    resources.stores.directory.forget()
    log.info("key.revoked", name=name, by=by.name)

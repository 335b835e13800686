"""Give a key a new secret; the old one works for a while, until its holders have the new one."""

from datetime import timedelta

import structlog

from service.flows.upkeep.create_key import KeyWithSecret, refuse_more_than
from service.leads.errors import KeyNotFound
from service.resources import Resources
from service.storage import api_keys
from service.storage.api_keys import Key, find_key_in_force, new_secret

log = structlog.get_logger()


async def rotate_key(
    resources: Resources, name: str, overlap: timedelta, by: Key | None
) -> KeyWithSecret:
    """Replace a key's secret; raises KeyNotFound, or ScopeMissing when `by` has fewer scopes.

    An expired key would stay expired, so it counts as none. `by` is None when the command line
    rotates it. After two rotations only the two newest secrets work.
    """
    secret, now = new_secret(), resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        key = await find_key_in_force(connection, name)
        if key is None:
            raise KeyNotFound(f"No key in force is called `{name}`.")
        if not key.is_in_force(now):
            raise KeyNotFound(
                f"The key `{name}` has expired, and a new secret would not change that: create a"
                " key of this name."
            )
        if by is not None:
            refuse_more_than(by, key.scopes)
        await api_keys.rotate_key(connection, key, secret, now + overlap)
        rotated = await find_key_in_force(connection, name)
    assert rotated is not None, "it is locked since it was found"
    resources.stores.directory.forget()
    log.info("key.rotated", name=name, by=by.name if by else None)
    return KeyWithSecret(rotated, secret)

"""A key puts another key in force, which may do no more than it may itself."""

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from service.leads.errors import KeyExists, ScopeMissing
from service.resources import Resources
from service.storage.api_keys import Key, add_key, find_key_in_force, new_secret

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeyWithSecret:
    """A key and its secret, which is shown this once."""

    key: Key
    secret: str


async def create_key(
    resources: Resources, name: str, scopes: Collection[str], by: Key
) -> KeyWithSecret:
    """Put a key in force; raises ScopeMissing, or KeyExists when the name has a key in force."""
    refuse_more_than(by, scopes)
    secret = new_secret()
    async with resources.stores.database.transaction() as connection:
        is_new = await add_key(connection, name, secret, scopes, resources.clock.now())
        key = await find_key_in_force(connection, name)
    if not is_new or key is None:
        raise KeyExists(f"The key `{name}` is in force: rotate or delete it, or choose a name.")
    resources.stores.directory.forget()
    log.info("key.created", name=name, scopes=sorted(scopes), by=by.name)
    return KeyWithSecret(key, secret)


def refuse_more_than(by: Key, scopes: Collection[str]) -> None:
    """Raise ScopeMissing when a secret would be given out that opens more than the key's own."""
    lacking = sorted(set(scopes) - by.scopes)
    if lacking:
        names = ", ".join(f"`{scope}`" for scope in lacking)
        raise ScopeMissing(f"The key `{by.name}` gives out no scopes that it lacks: {names}.")

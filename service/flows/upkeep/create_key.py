"""Create a key that has no scope that its creator lacks."""

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from service.leads.binding import UNBOUND, Binding, mistakes_in
from service.leads.errors import FieldMistake, InvalidRequest, KeyExists, ScopeMissing
from service.resources import Resources
from service.storage.api_keys import (
    Key,
    add_key,
    bind_key,
    find_key_in_force,
    new_secret,
    put_key,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WantedKey:
    """The key to create: its name, scopes and binding."""

    name: str
    scopes: frozenset[str]
    binding: Binding = UNBOUND


@dataclass(frozen=True, slots=True)
class KeyWithSecret:
    """A key and its secret, which is shown only this once."""

    key: Key
    secret: str


async def create_key(
    resources: Resources, wanted: WantedKey, by: Key | None, *, replace: bool = False
) -> KeyWithSecret:
    """Create a key; `by` is None when the command line creates it.

    Raises InvalidRequest when the key is not valid. Raises ScopeMissing. Raises KeyExists when the
    name has a key in force and `replace` is not set.
    """
    if by is not None:
        refuse_more_than(by, wanted.scopes)
    await _check(resources, wanted)
    secret, now = new_secret(), resources.clock.now()
    named = (wanted.name, secret, wanted.scopes, now)
    async with resources.stores.database.transaction() as connection:
        if replace:
            await put_key(connection, *named)
        elif not await add_key(connection, *named):
            raise KeyExists(
                f"The key `{wanted.name}` is in force: rotate, delete or replace it, or choose"
                " another name."
            )
        await bind_key(connection, wanted.name, wanted.binding)
        key = await find_key_in_force(connection, wanted.name)
    assert key is not None, "it was put in force just now"
    resources.stores.directory.forget()
    who = None if by is None else by.name
    log.info("key.created", name=wanted.name, scopes=sorted(wanted.scopes), by=who)
    return KeyWithSecret(key, secret)


async def _check(resources: Resources, wanted: WantedKey) -> None:
    directory, binding = resources.stores.directory, wanted.binding
    mistakes = [*mistakes_in(binding, wanted.scopes, resources.clock.now())]
    if binding.operator is not None and binding.operator not in await directory.operators():
        reason = f"no operator is called `{binding.operator}`"
        mistakes.append(FieldMistake("operator", reason, "Make them first."))
    for name in sorted((binding.queues or frozenset()) - {*await directory.queue_names()}):
        reason = f"no queue is called `{name}`"
        mistakes.append(FieldMistake("queues", reason, "Make it first."))
    for name in sorted(binding.sources or ()):
        if await resources.stores.sources.find(name) is not None:
            reason = f"`{name}` is a source of webhooks, which alone speaks in its name"
            mistakes.append(FieldMistake("sources", reason, "Choose another name."))
    if await resources.stores.sources.find(wanted.name) is not None:
        reason = f"`{wanted.name}` is a source of webhooks, and leads bear the names of senders"
        mistakes.append(FieldMistake("name", reason, "Choose another name."))
    if mistakes:
        raise InvalidRequest(mistakes)


def refuse_more_than(by: Key, scopes: Collection[str]) -> None:
    """Raise ScopeMissing when a key would give out scopes that it lacks."""
    lacking = sorted(set(scopes) - by.scopes)
    if lacking:
        names = ", ".join(f"`{scope}`" for scope in lacking)
        raise ScopeMissing(f"The key `{by.name}` gives out no scopes that it lacks: {names}.")

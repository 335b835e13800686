"""The head of sales works on a draft of a policy, which ranks nothing until it is in force.

Postgres alone is written. A draft may hold mistakes; putting it in force refuses them.
"""

from dataclasses import dataclass, replace

from service.flows.policies.change_policy import Revision, change_policy
from service.flows.policies.view_policy import view_policy
from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.yaml_text import MAX_BYTES
from service.resources import Resources
from service.storage.policies.drafts import Draft, drop_draft, find_draft, put_draft
from service.storage.policies.policies import Version


@dataclass(frozen=True, slots=True)
class WorkingText:
    """What a person edits: their draft, or the version in force while there is none."""

    text: str
    follows: int
    in_force: Version
    is_draft: bool


async def view_draft(resources: Resources, person: str, queue: str) -> WorkingText:
    """The draft of a person, else what is in force; raises QueueNotFound."""
    in_force = await view_policy(resources, queue)
    async with resources.stores.database.transaction() as connection:
        draft = await find_draft(connection, person, queue)
    if draft is None:
        return WorkingText(in_force.text, in_force.version, in_force, is_draft=False)
    return WorkingText(draft.text, draft.follows, in_force, is_draft=True)


async def store_draft(resources: Resources, person: str, queue: str, text: str) -> WorkingText:
    """Write a draft down; the version that it follows stays that of its beginning.

    Raises InvalidRequest for a text beyond the bound.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise InvalidRequest([FieldMistake("policy", "it is too large", "Shorten it.")])
    existing = await view_draft(resources, person, queue)
    draft = Draft(existing.follows, text, resources.clock.now())
    async with resources.stores.database.transaction() as connection:
        await put_draft(connection, person, queue, draft)
    return replace(existing, text=text, is_draft=True)


async def discard_draft(resources: Resources, person: str, queue: str) -> None:
    """Drop a draft."""
    async with resources.stores.database.transaction() as connection:
        await drop_draft(connection, person, queue)


async def put_draft_in_force(
    resources: Resources, person: str, queue: str, note: str | None
) -> Version:
    """Bring the draft into force and drop it.

    Raises InvalidRequest with every mistake, and PolicyChanged when somebody was faster.
    """
    working = await view_draft(resources, person, queue)
    revision = Revision(queue, person, working.follows, note)
    version = await change_policy(resources, revision, working.text)
    await discard_draft(resources, person, queue)
    return version

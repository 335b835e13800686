"""The head of sales edits a draft of a policy. A draft ranks nothing until it is in force.

This writes Postgres only. A draft may hold mistakes; `put_draft_in_force` refuses them.
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
    """The text that a person edits: their draft, or the version in force if they have none."""

    text: str
    follows: int
    in_force: Version
    is_draft: bool


async def view_draft(resources: Resources, person: str, queue: str) -> WorkingText:
    """Return the person's draft, or the version in force; raises QueueNotFound."""
    in_force = await view_policy(resources, queue)
    async with resources.stores.database.transaction() as connection:
        draft = await find_draft(connection, person, queue)
    if draft is None:
        return WorkingText(in_force.text, in_force.version, in_force, is_draft=False)
    return WorkingText(draft.text, draft.follows, in_force, is_draft=True)


async def store_draft(resources: Resources, person: str, queue: str, text: str) -> WorkingText:
    """Save a draft. It still follows the version that it was begun from.

    Raises InvalidRequest when the text is too large.
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
    """Put the draft in force and delete it.

    Raises InvalidRequest with every mistake, and PolicyChanged when somebody else changed the
    policy first.
    """
    working = await view_draft(resources, person, queue)
    revision = Revision(queue, person, working.follows, note)
    version = await change_policy(resources, revision, working.text)
    await discard_draft(resources, person, queue)
    return version

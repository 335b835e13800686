"""Versions of a policy: list them, compare two of them, and restore one."""

from starlette.responses import Response

from service.flows.policies.change_policy import Revision, restore_policy
from service.flows.policies.edit_draft import view_draft
from service.flows.policies.view_policy import view_policy, view_policy_versions
from service.pages.line.board import chosen_queue
from service.pages.policies.differences import differences
from service.pages.policies.policy_page import policy_page, to_place
from service.pages.reader import PageCall
from service.storage.operators.operators import Queue

MAX_VERSIONS = 50
NEWEST = 2**31 - 1


async def show_versions(call: PageCall) -> Response:
    """All versions, and a comparison of two chosen ones."""
    queue = await chosen_queue(call)
    versions = await view_policy_versions(
        call.resources, queue.name, before=NEWEST, limit=MAX_VERSIONS
    )
    chosen = [call.query(name) for name in ("left", "right")]
    rows, names = None, None
    if all(chosen):
        texts = [await _text_of(call, queue, name) for name in chosen]
        rows, names = differences(*texts), chosen
    return await policy_page(
        call, "policy_versions.html", queue, versions=versions, rows=rows, names=names
    )


async def restore_version(call: PageCall) -> Response:
    """Put an earlier version in force again, as the newest."""
    queue = await chosen_queue(call)
    in_force = await view_policy(call.resources, queue.name)
    number = call.text("version")
    if number.isdecimal() and len(number) < 10:
        note = call.text("note")[:500] or None
        revision = Revision(queue.name, call.session.person, in_force.version, note)
        await restore_policy(call.resources, revision, int(number))
    return to_place(queue, "/policy/versions")


async def _text_of(call: PageCall, queue: Queue, name: str) -> str:
    if name == "draft":
        return (await view_draft(call.resources, call.session.person, queue.name)).text
    version = int(name) if name.isdecimal() and len(name) < 10 else 0
    return (await view_policy(call.resources, queue.name, version)).text

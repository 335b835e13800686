"""The common parts of policy pages: a queue, its draft, and the next page."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from service.flows.line.view_queues import view_queues
from service.flows.policies.edit_draft import view_draft
from service.pages.claims.desk_view import formats_of
from service.pages.policies.mistake_words import title_of_field, words_of_mistake
from service.pages.reader import PageCall
from service.pages.rendering import render
from service.storage.operators.operators import Queue


async def policy_page(
    call: PageCall, template: str, queue: Queue, status: int = 200, **context: Any
) -> Response:
    """A page of a queue's policy, with its draft."""
    if "working" not in context:
        working = await view_draft(call.resources, call.session.person, queue.name)
        context["working"] = working
    return render(
        call,
        template,
        status,
        queue=queue,
        queues=await view_queues(call.resources),
        f=await formats_of(call, queue),
        worded=words_of_mistake,
        title_of=lambda field: title_of_field(field, call.reader.language),
        **context,
    )


def to_place(queue: Queue, place: str) -> Response:
    """Redirect the browser to another page of this policy."""
    return RedirectResponse(f"{place}?queue={queue.name}", 303)

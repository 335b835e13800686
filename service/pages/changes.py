"""A page hears at once that something changed, never what: it asks for its parts anew then.

A stream while it holds, else one long poll after the other. One tab of a browser listens for all.
"""

import asyncio
import re
from collections.abc import AsyncIterator

from starlette.responses import PlainTextResponse, Response

from service.event_stream import EventStream, begun
from service.flows.claims.tell_listeners import operators_listener
from service.flows.events.follow_events import missed_by
from service.flows.line.view_queues import view_queues
from service.flows.operators.note_listening import note_listening
from service.flows.operators.sign_in import view_session
from service.leads.errors import NextleadError
from service.leads.event_position import Cursor, cursor_of
from service.leads.stream_message import BEAT
from service.pages.reader import PageCall
from service.queue.listeners import Listener

CHANGED = b"event: changed\ndata:\n\n"
STILL = b"event: still\ndata:\n\n"  # scripts see no comments
PACE_SECONDS = 0.1  # many changes at once are one
LONGEST_WAIT = 25.0
IDS = re.compile(rb"(?m)^id: (\S+)$")


class ChangeStream(EventStream):
    """Says `changed` for whatever happens, and `still` when nothing did for 15 s."""

    async def news(self) -> AsyncIterator[bytes]:
        """`changed` first: what was before it may not have been seen."""
        yield CHANGED
        async for message in super().news():
            if message == BEAT:
                yield STILL
            else:
                yield CHANGED
                await asyncio.sleep(PACE_SECONDS)


async def stream_desk(call: PageCall) -> Response:
    """What concerns the operator of the session."""
    return _stream(call, await operators_listener(call.resources, call.operator))


async def stream_board(call: PageCall) -> Response:
    """What happens in any queue: one stream for the boards of a browser."""
    return _stream(call, await _boards_listener(call))


async def await_desk(call: PageCall) -> Response:
    """Answers as soon as something concerns the operator."""
    await note_listening(call.resources, call.operator)
    return await _changed_after(call, await operators_listener(call.resources, call.operator))


async def await_board(call: PageCall) -> Response:
    """Answers as soon as something happens in any queue."""
    return await _changed_after(call, await _boards_listener(call))


async def _boards_listener(call: PageCall) -> Listener:
    queues = [queue.name for queue in await view_queues(call.resources)]
    return Listener(f"board {call.session.person}", queues)


def _stream(call: PageCall, listener: Listener) -> Response:
    operator = listener.operator

    async def is_alive() -> bool:
        is_here = operator is None or await note_listening(call.resources, operator)
        return is_here and await _is_signed_in(call)

    return ChangeStream(call.resources, listener, None, is_alive)


async def _is_signed_in(call: PageCall) -> bool:
    """Whether the session goes on; a database that is away ends no stream."""
    try:
        return await view_session(call.resources, call.reader.secret) is not None
    except NextleadError:
        return True


async def _changed_after(call: PageCall, listener: Listener) -> Response:
    """Waits for what comes after the position `after`; the answer is where it stands now."""
    with call.resources.listeners.listening(listener):
        here = await begun(listener)
        if not await _has_missed(call, listener, here):
            ids = IDS.findall(await listener.mailbox.take(_seconds(call)))
            return PlainTextResponse(ids[-1] if ids else str(here))
    return PlainTextResponse(str(here))


async def _has_missed(call: PageCall, listener: Listener, here: Cursor) -> bool:
    after = cursor_of(call.query("after")[:64])
    if after is None or after == here:
        return False
    async for missed in missed_by(call.resources, listener, after, here):
        if missed:
            return True
    return False


def _seconds(call: PageCall) -> float:
    asked = call.query("wait")
    return min(LONGEST_WAIT, float(asked)) if asked.isdecimal() else LONGEST_WAIT

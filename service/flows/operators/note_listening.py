"""Whoever listens to their stream is there, as is who asks for the next lead."""

from service.leads.errors import NextleadError, OperatorNotFound
from service.leads.operator import Presence
from service.resources import Resources


async def note_listening(resources: Resources, name: str) -> bool:
    """Note a sign of life of an operator; False when there is no such operator any more.

    It ends no break and no absence that they announced: a desk may stay open meanwhile.
    """
    now = resources.clock.now()
    try:
        operator = await resources.stores.directory.operator(name)
    except OperatorNotFound:
        return False
    except NextleadError:
        return True  # a database that is away ends no stream
    has_said_so = operator.status in (Presence.AWAY, Presence.BREAK, Presence.OFFLINE)
    if not has_said_so or operator.presence(now) is Presence.ONLINE:
        resources.stores.attendance.seen(name, now)
    return True

"""An operator who listens to their stream is present, as if they asked for the next lead."""

from service.leads.errors import NextleadError, OperatorNotFound
from service.leads.operator import Presence
from service.resources import Resources


async def note_listening(resources: Resources, name: str) -> bool:
    """Note a sign of life of an operator; False when the operator no longer exists.

    It does not end a break or an absence that they announced: a desk may stay open meanwhile.
    """
    now = resources.clock.now()
    try:
        operator = await resources.stores.directory.operator(name)
    except OperatorNotFound:
        return False
    except NextleadError:
        return True  # an unavailable database does not end the stream
    has_said_so = operator.status in (Presence.AWAY, Presence.BREAK, Presence.OFFLINE)
    if not has_said_so or operator.presence(now) is Presence.ONLINE:
        resources.stores.attendance.seen(name, now)
    return True

"""What was heard from a sender becomes a lead, or joins one."""

from uuid import UUID

from service.adapters.heard import CallHeard, Left, Word
from service.adapters.source import Source
from service.flows.receive_signal import receive_signal
from service.resources import Resources
from service.storage.intake import Sender


async def hear(resources: Resources, source: Source, heard: Word | CallHeard | Left) -> UUID | None:
    """Take in one thing; the lead that it came to, if any. Heard twice, it is heard once."""
    if not isinstance(heard, Word):
        raise NotImplementedError(type(heard).__name__)
    sender = Sender(source.name, may_read=True)
    return (await receive_signal(resources, heard.signal, sender)).lead.id

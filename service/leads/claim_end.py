"""How a claim was ended by its holder, so that the same report, sent again, is known. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

REPEATABLE_FOR = timedelta(hours=24)
UNDONE_WITHIN = timedelta(seconds=30)


class EndVerb(StrEnum):
    """The calls that end a claim."""

    SETTLE = "settle"
    RELEASE = "release"
    PARK = "park"
    TRANSFER = "transfer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class ClaimEnd:
    """What a holder reported when they ended a claim: the call, and what it said."""

    verb: EndVerb
    content: object

    @property
    def digest(self) -> bytes:
        """Equal for reports that say the same, 32 bytes."""
        written = "\0".join((self.verb.value, *_parts(self.content)))
        return hashlib.sha256(written.encode()).digest()


def _parts(content: object) -> Iterator[str]:
    """Values in the order of their fields; 5200 and 5200.00 are one sum."""
    if is_dataclass(content):
        for field in fields(content):
            yield field.name
            yield from _parts(getattr(content, field.name))
    elif isinstance(content, Decimal):
        yield f"{content:.2f}"
    else:
        yield repr(content)

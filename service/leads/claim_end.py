"""How a holder ended a claim, so that a repeated report is recognised. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from service.leads.unchanging import unchanging

REPEATABLE_FOR = timedelta(hours=24)
UNDONE_WITHIN = timedelta(seconds=30)


class EndVerb(StrEnum):
    """The calls that end a claim."""

    SETTLE = "settle"
    RELEASE = "release"
    PARK = "park"
    TRANSFER = "transfer"
    DECLINE = "decline"


@unchanging
class ClaimEnd:
    """What a holder reported when they ended a claim: the call and its content."""

    verb: EndVerb
    content: object

    @property
    def digest(self) -> bytes:
        """A digest of 32 bytes, equal for reports with equal content."""
        written = "\0".join((self.verb.value, *_parts(self.content)))
        return hashlib.sha256(written.encode()).digest()


def _parts(content: object) -> Iterator[str]:
    """The values in the order of their fields; 5200 and 5200.00 are equal."""
    if is_dataclass(content):
        for field in fields(content):
            yield field.name
            yield from _parts(getattr(content, field.name))
    elif isinstance(content, Decimal):
        yield f"{content:.2f}"
    else:
        yield repr(content)

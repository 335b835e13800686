"""Russian mobile numbers, told by their form alone.

Nearly every client has one, and to ask the whole numbering plan costs twenty times as much.
Beginnings that the plan divides further (93…) are left to it.
"""

import re

FORM = re.compile(r"(\+7|8|7)[ -]?\(?(9[0-24-9]\d)\)?[ -]?(\d{3})[ -]?(\d\d)[ -]?(\d\d)", re.ASCII)
COUNTRY = "RU"


def read_mobile(typed: str, region: str) -> str | None:
    """The number in E.164; None for what has another form. Without a plus it is its region's."""
    found = FORM.fullmatch(typed)
    if found is None:
        return None
    beginning, code, *rest = found.groups()
    if beginning != "+7" and region != COUNTRY:
        return None
    return "".join(("+7", code, *rest))

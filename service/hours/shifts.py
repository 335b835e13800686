"""Whether an operator is at work, with regard to their planned hours."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson

from service.hours.hours import Hours
from service.hours.timetable_text import read_timetable
from service.leads.operator import Operator, Presence

REMEMBERED = 1000


def presence_of(operator: Operator, zone: str, now: datetime) -> Presence:
    """Their presence; an operator who is away outside their shift counts as offline.

    `zone` is the time zone of the planned shifts.
    """
    presence = operator.presence(now)
    if presence is not Presence.AWAY or operator.shifts is None:
        return presence
    planned = _hours(orjson.dumps(operator.shifts), zone)
    return Presence.AWAY if planned.is_open(now) else Presence.OFFLINE


@lru_cache(REMEMBERED)
def _hours(shifts: bytes, zone: str) -> Hours:
    return Hours(read_timetable(orjson.loads(shifts), ZoneInfo(zone), "shifts"))

"""When to call a client again: proposed times, and a time that the operator enters."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.hours.hours import Hours
from service.leads.errors import FieldMistake, InvalidRequest
from service.pages.reader import PageCall

OWN = "own"


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed time, with the name that the form sends."""

    name: str
    at: datetime


def slots(hours: Hours, now: datetime) -> list[Slot]:
    """In half an hour, one and three hours if the shop is open then, and the next openings."""
    soon = [(f"{minutes}", now + timedelta(minutes=minutes)) for minutes in (30, 60, 180)]
    found = [Slot(name, at) for name, at in soon if hours.is_open(at)]
    for days in (0, 1, 2):
        midnight = hours.at_local(hours.local_date(now) + timedelta(days=days), 0)
        opening = hours.next_opening(max(midnight, now))
        if opening is not None and opening > now and opening not in [slot.at for slot in found]:
            found.append(Slot(f"open{days}", opening))
    return found


def chosen_moment(call: PageCall, hours: Hours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The time chosen in the form; None when nothing was chosen.

    Raises InvalidRequest for an invalid time, and for a time in closed hours unless it was
    confirmed.
    """
    name = call.text("when")
    if name != OWN:
        return next((slot.at for slot in slots(hours, now) if slot.name == name), None)
    try:
        day = datetime.strptime(call.text("date"), "%Y-%m-%d").date()  # noqa: DTZ007  a day
        clock = time.fromisoformat(call.text("time"))
    except ValueError:
        raise _wrong("it is no date with a time", "Give a date and a time.") from None
    at = datetime.combine(day, clock.replace(tzinfo=None), zone)
    if at > now and not hours.is_open(at) and not call.text("closed_too"):
        opening = hours.next_opening(at)
        raise _wrong("closed", "" if opening is None else opening.isoformat())
    return at


def _wrong(reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake("until", reason, remedy)])

"""When to call a client again: proposed times, and a time that the operator enters."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.hours.hours import Hours
from service.leads.errors import FieldMistake, InvalidRequest
from service.pages.reader import PageCall

OWN = "own"
EARLIEST, MORNING = 8 * 60, 9 * 60  # minutes of the day: nobody is called before
LATER_DAYS = (2, 7)


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed time, with the name that the form sends."""

    name: str
    at: datetime


def slots(hours: Hours, now: datetime) -> list[Slot]:
    """In half an hour, one and three hours if the shop is open then, and the next mornings."""
    soon = [(f"{minutes}", now + timedelta(minutes=minutes)) for minutes in (30, 60, 180)]
    found = [Slot(name, at) for name, at in soon if hours.is_open(at)]
    for days in (0, 1, 2):
        opening = _morning(hours, hours.local_date(now) + timedelta(days=days), now)
        if opening is not None and opening not in [slot.at for slot in found]:
            found.append(Slot(f"open{days}", opening))
    return found


def later_slots(hours: Hours, now: datetime) -> list[Slot]:
    """For a client who thinks about it (A13): in two days and in a week, when the shop is open."""
    found = [(f"days{days}", hours.next_opening(now + timedelta(days=days))) for days in LATER_DAYS]
    return [Slot(name, _by_day(hours, at)) for name, at in found if at is not None]


def _morning(hours: Hours, day: date, now: datetime) -> datetime | None:
    """When the shop opens from a day on; None when that is past, or never."""
    opening = hours.next_opening(max(hours.at_local(day, 0), now))
    opening = None if opening is None else _by_day(hours, opening)
    return opening if opening is not None and opening > now else None


def _by_day(hours: Hours, at: datetime) -> datetime:
    """At nine instead of in the night, if the shop is open then."""
    day = hours.local_date(at)
    at_nine = hours.at_local(day, MORNING)
    is_night = at < hours.at_local(day, EARLIEST)
    return at_nine if is_night and hours.is_open(at_nine) else at


def chosen_moment(
    call: PageCall, hours: Hours, zone: ZoneInfo, now: datetime, prefix: str = ""
) -> datetime | None:
    """The time chosen in the form, in its fields with a prefix; None when nothing was chosen.

    Raises InvalidRequest for an invalid time, and for a time in closed hours unless it was
    confirmed.
    """
    name = call.text(f"{prefix}when")
    if name != OWN:
        proposed = [*slots(hours, now), *later_slots(hours, now)]
        return next((slot.at for slot in proposed if slot.name == name), None)
    try:
        day = datetime.strptime(call.text(f"{prefix}date"), "%Y-%m-%d").date()  # noqa: DTZ007  a day
        clock = time.fromisoformat(call.text(f"{prefix}time"))
    except ValueError:
        raise _wrong("it is no date with a time", "Give a date and a time.") from None
    at = datetime.combine(day, clock.replace(tzinfo=None), zone)
    if at > now and not hours.is_open(at) and not call.text(f"{prefix}closed_too"):
        opening = hours.next_opening(at)
        raise _wrong("closed", "" if opening is None else opening.isoformat())
    return at


def _wrong(reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake("until", reason, remedy)])

"""Finds the values of a mapping in a request. They are texts, each sort in one notation.

Phones are E.164, times are ISO 8601 in UTC, and amounts have a decimal point. A wrong value counts
as missing.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from service.adapters import normalise
from service.adapters.mapping.fields import ConditionPart, Form, Value, When
from service.adapters.mapping.paths import Path, Scene, find, find_all
from service.adapters.source import Source

DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]{1,2}(\d{1,2}:\d\d(?::\d\d)?))?")
MAX_NUMBERS = 10
MILLISECOND = timedelta(milliseconds=1)


def plain(value: Any) -> str | None:
    """A text, a number or a boolean as text; None for null and for values with parts."""
    return normalise.text(str(value).lower() if isinstance(value, bool) else value)


def text_of(part: Value | None, scene: Scene, source: Source) -> str | None:
    """The text of a value; None when it finds nothing."""
    if part is None:
        return None
    found = _cut(part, _found(part, scene, source))
    if part.lookup is not None:
        found = part.lookup.get(found) if found is not None else None
    if found is not None and part.as_ is not None:
        found = _in_one_spelling(part.as_, found, source)
    return part.default if found is None else found


def contact_field(part: Value | None) -> Value | None:
    """The value without numbers found in words: they are mentions, and no client's marks."""
    if part is None or part.as_ == "phone_in_words":
        return None
    if part.first is None:
        return part
    fields = [field for item in part.first if (field := contact_field(item)) is not None]
    return part.model_copy(update={"first": fields}) if fields else None


def contact_values(part: Value | None, scene: Scene, source: Source) -> list[str]:
    """All values of a contact field, lists included; of several places, those of the first."""
    if part is None:
        return []
    if part.first is not None:
        read = (contact_values(item, scene, source) for item in part.first)
        return next((item for item in read if item), [])
    is_plain = part.as_ in (None, "phone") and not (part.before or part.after or part.lookup)
    if part.path is not None and is_plain:
        found = find_all(part.path, scene, MAX_NUMBERS)
        listed = [
            item for value in found for item in (value if isinstance(value, list) else [value])
        ]
        texts = [text for item in listed[:MAX_NUMBERS] if (text := plain(item)) is not None]
        return texts or ([part.default] if part.default is not None else [])
    spelled = part.model_copy(update={"as_": None}) if part.as_ == "phone" else part
    text = text_of(spelled, scene, source)
    return [] if text is None else [text]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def origin_of(part: Value, scene: Scene, source: Source) -> str:
    """The place where a value was found; of several places, the one that had it."""
    given_by = (item for item in part.first or () if text_of(item, scene, source) is not None)
    spoken = next(given_by, None)
    return str(part) if spoken is None else origin_of(spoken, scene, source)


def time_of(part: Value | None, scene: Scene, source: Source) -> datetime | None:
    """The time of a value."""
    return normalise.iso_time(text_of(part, scene, source), source.time_zone)


def holds(when: When | None, scene: Scene) -> bool:
    """Whether one of the alternatives holds in all its places."""
    return when is None or any(
        all(_is_met(condition, path, scene) for path, condition in places.items())
        for places in when
    )


def _found(part: Value, scene: Scene, source: Source) -> str | None:
    if part.constant is not None:
        return plain(part.constant)
    if part.path is not None:
        return plain(find(part.path, scene))
    if part.first is not None:
        texts = (text_of(item, scene, source) for item in part.first)
        return next((text for text in texts if text is not None), None)
    parts = [text_of(item, scene, source) for item in part.join or ()]
    between = " " if part.with_ is None else part.with_
    return normalise.text(between.join(text for text in parts if text is not None))


def _cut(part: Value, text: str | None) -> str | None:
    if text is not None and part.before is not None:
        text = text.partition(part.before)[0]
    if text is not None and part.after is not None:
        text = text.partition(part.after)[2]
    return normalise.text(text)


def _in_one_spelling(form: Form, text: str, source: Source) -> str | None:
    match form:
        case "phone":
            return normalise.phone(text, source.region)
        case "international_phone":
            return normalise.phone(text, source.region, international=True)
        case "whatsapp_phone":
            return normalise.whatsapp_phone(text, source.region)
        case "phone_in_words":
            return normalise.phone_in_words(text, source.region)
        case "email":
            return normalise.email(text)
        case "money":
            amount = normalise.money(text)
            return None if amount is None else str(amount)
        case _:
            moment = _moment(form, text, source.time_zone)
            return None if moment is None else moment.isoformat()


def _moment(form: Form, text: str, zone: str) -> datetime | None:
    match form:
        case "unix_seconds":
            return normalise.unix_time(text)
        case "unix_milliseconds":
            return normalise.unix_time(text, MILLISECOND)
        case "day_first":
            return normalise.iso_time(_year_first(text), zone)
        case _:
            return normalise.iso_time(text, zone)


def _year_first(text: str) -> str | None:
    match = DAY_FIRST.fullmatch(text)
    if match is None:
        return None
    day, month, year, clock = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}T{clock or '0:00':0>5}"


def _is_met(condition: ConditionPart, path: Path, scene: Scene) -> bool:
    found = plain(find(path, scene))
    other = plain(find(condition.same_as, scene)) if condition.same_as else None
    lower = (found or "").lower()
    return all(
        (
            condition.is_ is None or found in condition.is_,
            condition.not_ is None or found not in condition.not_,
            condition.exists is None or (found is not None) is condition.exists,
            condition.same_as is None or (found is not None and found == other),
            condition.starts_with is None or (found or "").startswith(condition.starts_with),
            condition.ends_with is None or (found or "").endswith(condition.ends_with),
            condition.contains is None or condition.contains.lower() in lower,
            condition.lacks is None or not any(part.lower() in lower for part in condition.lacks),
        )
    )

"""Writes what a model of an answer lists: its fields are named there, and not a second time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from pydantic import BaseModel

Made = Mapping[str, Callable[[Any], object]]
Places = Mapping[str, type]


def rendering_of(
    model: type[BaseModel], places: Places, made: Made
) -> Callable[[Any], dict[str, Any]]:
    """How a value is written as a model says, in the model's order.

    A field is what the function of its name makes, or else the value's own: `places` are the
    dataclasses that have it, by the way to them, the value itself at "". Raises TypeError for a
    field that neither has, so that nothing is listed which is not answered.
    """
    order = dict.fromkeys(model.model_fields)
    readers = [*_readers(model.__name__, [*order.keys() - made.keys()], places)]

    def render(value: Any) -> dict[str, Any]:
        rendered: dict[str, Any] = order.copy()
        for names, read in readers:
            rendered.update(zip(names, read(value), strict=True))
        for name, make in made.items():
            rendered[name] = make(value)
        return rendered

    return render


def _readers(
    model: str, wanted: Sequence[str], places: Places
) -> Iterator[tuple[list[str], Callable[[Any], tuple[Any, ...]]]]:
    """For each place the fields that are read there, in one go: many leads are written at once."""
    missing = {*wanted}
    for way, place in places.items():
        names = [field.name for field in fields(place) if field.name in missing]
        missing -= {*names}
        if names:
            yield names, _reader(way, names)
    if missing:
        raise TypeError(f"{model} lists {', '.join(sorted(missing))}, which nothing has.")


def _reader(way: str, names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    read: Callable[[Any], Any] = attrgetter(*names)
    whole = read if len(names) > 1 else lambda holder: (read(holder),)
    if not way:
        return whole
    to_place = attrgetter(way)
    return lambda value: whole(to_place(value))

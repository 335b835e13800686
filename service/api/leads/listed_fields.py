"""Writes what a model of an answer lists: its fields are named there, and not a second time."""

from collections.abc import Callable, Mapping, Sequence
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
    ways = _ways(model.__name__, [name for name in order if name not in made], places)
    names, read, making = (*ways,), _reader((*ways.values(),)), (*made.items(),)

    def render(value: Any) -> dict[str, Any]:
        rendered: dict[str, Any] = order.copy()
        rendered.update(zip(names, read(value), strict=True))
        for name, make in making:
            rendered[name] = make(value)
        return rendered

    return render


def _ways(model: str, wanted: Sequence[str], places: Places) -> dict[str, str]:
    """The way to each field: that of the first place that has it."""
    ways: dict[str, str] = {}
    for way, place in reversed([*places.items()]):
        beginning = f"{way}." if way else ""
        ways |= {field.name: beginning + field.name for field in fields(place)}
    missing = {*wanted} - ways.keys()
    if missing:
        raise TypeError(f"{model} lists {', '.join(sorted(missing))}, which nothing has.")
    return {name: ways[name] for name in wanted}


def _reader(ways: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads all of them in one go: many leads are written at once."""
    if not ways:
        return lambda _: ()
    read: Callable[[Any], Any] = attrgetter(*ways)
    return read if len(ways) > 1 else lambda holder: (read(holder),)

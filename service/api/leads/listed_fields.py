"""Writes the fields that an answer model lists, so that they are listed only once."""

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
    """A function that writes a value in the shape and order of a model.

    `made` has functions for some fields; all others are attributes of the value. `places` are the
    dataclasses that have those attributes, by the path to each; the value itself is at "". Raises
    TypeError for a field that neither has, so that a listed field is always answered.
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
    """The attribute path of each field, in the first place that has it."""
    ways: dict[str, str] = {}
    for way, place in reversed([*places.items()]):
        beginning = f"{way}." if way else ""
        ways |= {field.name: beginning + field.name for field in fields(place)}
    missing = {*wanted} - ways.keys()
    if missing:
        raise TypeError(f"{model} lists {', '.join(sorted(missing))}, which nothing has.")
    return {name: ways[name] for name in wanted}


def _reader(ways: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads all fields in one call, because many leads are written at once."""
    if not ways:
        return lambda _: ()
    read: Callable[[Any], Any] = attrgetter(*ways)
    return read if len(ways) > 1 else lambda holder: (read(holder),)

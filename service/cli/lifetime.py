"""A lifetime as it is typed: 90d, 12h."""

import re
from datetime import timedelta
from typing import Any

import click

WRITTEN = re.compile(r"([1-9]\d{0,3})([dh])")


class Lifetime(click.ParamType[timedelta]):
    """A number of days or hours."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The typed time; fails for any other text."""
        if isinstance(value, timedelta):
            return value
        found = WRITTEN.fullmatch(str(value))
        if found is None:
            self.fail(f"`{value}` is no time: write it as 90d or 12h.", param, ctx)
        number = int(found[1])
        return timedelta(days=number) if found[2] == "d" else timedelta(hours=number)

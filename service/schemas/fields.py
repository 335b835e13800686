"""The field types of requests. Each says exactly which values it takes."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from service.leads.lead import HIGHEST_MONEY
from service.text.currencies import present_code

RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?$")
NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$")


def _as_time(value: Any) -> Any:
    if not isinstance(value, str) or not RFC3339.match(value):
        raise PydanticCustomError(
            "time_text", "a time is expected", {"remedy": "Send it as 2026-06-10T12:00:00+03:00."}
        )
    return value


def _as_number(value: Any) -> Any:
    raw = repr(value) if isinstance(value, int | float) else value
    if isinstance(value, bool) or not isinstance(raw, str) or not NUMBER.match(raw):
        raise PydanticCustomError(
            "number_text", "an amount is expected", {"remedy": 'Send it as "5000.00" or 5000.'}
        )
    return raw


def _as_whole(value: Any) -> Any:
    """JSON has one type of number: JavaScript and 1C write 660 as 660.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError(
            "whole_number", "a whole number is expected", {"remedy": "Send a number such as 24."}
        )
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError(
            "time_range",
            "the time is beyond the calendar",
            {"remedy": "Send a time within the years 1 to 9999."},
        ) from None


def _without_exponent(value: Decimal) -> Decimal:
    return value + 0  # 0E+99 becomes 0, and −0 does, too


Moment = Annotated[AwareDatetime, BeforeValidator(_as_time), AfterValidator(_in_utc)]
Money = Annotated[
    Decimal,
    Field(ge=0, le=HIGHEST_MONEY, decimal_places=2, allow_inf_nan=False),
    BeforeValidator(_as_number),  # after the bounds: before them, pydantic looks at them in Python
    AfterValidator(_without_exponent),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"},
                {"type": "number", "minimum": 0, "maximum": 1_000_000_000},
            ]
        }
    ),
]
Quantity = Annotated[
    Decimal,
    Field(gt=0, le=100_000, decimal_places=3, allow_inf_nan=False),
    BeforeValidator(_as_number),
    AfterValidator(_without_exponent),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,3})?$"},
                {"type": "number", "minimum": 0.001, "maximum": 100000},
            ]
        }
    ),
]
WHOLE = BeforeValidator(_as_whole)
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(present_code)]
Urgency = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Flag = StrictBool
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
QueueName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
OperatorName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,64}$")]
Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Sent(BaseModel):
    """The base of request models: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

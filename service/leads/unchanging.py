"""Values that never change once they are made, and cost little to make.

`dataclass(frozen=True)` sets every field through a call, so that a value takes twice as long to
make. For the hot ones mypy refuses every assignment instead, and nothing is checked at run time.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Value = TypeVar("Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def unchanging(value: type[Value]) -> type[Value]:
    """A dataclass with slots, equal and hashed by its fields, that no code may change."""
    return dataclass(slots=True, unsafe_hash=True)(value)

"""What a model lists is written, in its order and by its names alone."""

from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from service.api.leads.listed_fields import rendering_of


@dataclass(frozen=True)
class Wheel:
    size: int
    maker: str


@dataclass(frozen=True)
class Car:
    name: str
    price: float
    wheel: Wheel


class CarOut(BaseModel):
    """Listed in another order than the dataclasses have."""

    size: int
    price: str
    name: str


CAR = Car("Niva", 5.0, Wheel(15, "Kama"))
PLACES = {"": Car, "wheel": Wheel}


def test_fields_are_read_where_they_are_and_made_where_that_is_named() -> None:
    written = rendering_of(CarOut, PLACES, {"price": lambda car: f"{car.price:.2f}"})(CAR)
    assert [*written.items()] == [("size", 15), ("price", "5.00"), ("name", "Niva")]


def test_the_first_place_that_has_a_field_counts() -> None:
    @dataclass(frozen=True)
    class Sale:
        name: str
        car: Car

    places = {"": Sale, "car": Car, "car.wheel": Wheel}
    assert rendering_of(CarOut, places, {})(Sale("sold", CAR))["name"] == "sold"


def test_a_field_that_nothing_has_is_a_mistake_at_once() -> None:
    with pytest.raises(TypeError, match="CarOut lists size"):
        rendering_of(CarOut, {"": Car}, {})

"""Which calls are internal: by the exchange's plan, not by how many digits a number has."""

import pytest
from webhooks.deliveries import a_source

from service.adapters.source import Source
from service.adapters.telephony.call_events import caller
from service.adapters.telephony.extensions import is_of_ours, range_of


def exchange(**more: object) -> Source:
    return a_source("mango", secrets={}, **more)


@pytest.mark.parametrize("number", ["234567", "51234", "2022511", "+74232022511", "", None])
def test_a_town_number_is_a_client_s(number: str | None) -> None:
    assert not is_of_ours(number, exchange())


@pytest.mark.parametrize("number", ["sip:7@pbx.example", "101", "9"])
def test_an_address_and_a_few_digits_are_ours(number: str) -> None:
    assert is_of_ours(number, exchange())


def test_a_plan_decides_alone() -> None:
    planned = exchange(extensions=("300-349", "51000-51999", "7"))
    ours = [item for item in ("300", "349", "350", "0300", "51500", "52000", "7", "101")
            if is_of_ours(item, planned)]  # fmt: skip
    assert ours == ["300", "349", "51500", "7"]


def test_what_the_exchange_named_is_ours_without_a_plan() -> None:
    learnt = frozenset({"51500"})
    assert is_of_ours("51500", exchange(learnt_extensions=learnt))
    assert not is_of_ours("51500", exchange(learnt_extensions=learnt, extensions=("300-349",)))


def test_an_operator_s_own_number_is_ours() -> None:
    assert is_of_ours("51500", exchange(operators={"51500": "anna"}))


@pytest.mark.parametrize("written", ["", "a", "1-", "20-10", "1-20", "1,2", "123456789"])
def test_what_is_no_range_is_none(written: str) -> None:
    assert range_of(written) is None


@pytest.mark.parametrize(
    ("number", "phone"), [("234567", "234567"), ("2345", None), ("79147001213", "+79147001213")]
)
def test_who_calls_from_the_town_can_be_called_back(number: str, phone: str | None) -> None:
    client = caller(number, "RU")
    assert (None if client is None else client.phone) == phone

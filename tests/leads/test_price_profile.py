"""Rule A21's table of price profiles, as the handbook prints it."""

import pytest

from service.leads.price_profile import Buyer, Selection, find_price_profile

TABLE = {
    ("end_consumer", "by_client"): "OPT1",
    ("reseller", "by_client"): "OPT2",
    ("end_consumer", "by_shop"): "OPT",
    ("reseller", "by_shop"): "OPT1",
}


@pytest.mark.parametrize("buyer", Buyer)
@pytest.mark.parametrize("selection", Selection)
def test_the_profile_is_that_of_the_table(buyer: Buyer, selection: Selection) -> None:
    assert find_price_profile(buyer, selection) == TABLE[buyer.value, selection.value]

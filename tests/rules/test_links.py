"""Links to other systems: whose values are missing have none, and no value leads elsewhere."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.links import PLACES, Link, is_safe

ORDER = Link("Order", "https://crm.shop.example/orders/{order}?by={customer}#{vin}")


@pytest.mark.parametrize(
    "address",
    [
        "https://crm.shop.example/orders/{order}",
        "http://192.168.1.10:8080/client?number={customer}&phone={phone}",
        "https://[2001:db8::1]/{lead}",
        "https://магазин.рф/заказ/{order}",
    ],
)
def test_addresses_of_the_web_are_safe(address: str) -> None:
    assert is_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:{order}",
            "data:text/html,{order}",
            "//evil.example/x",
        ),
        *("/orders/{order}", "ftp://shop.example/{order}", "{order}://shop.example", "https://"),
        *("https://{customer}/x", "https://{vin}.shop.example/", "https://shop.example:{order}/"),
        *("https://a@b.example/", "https://user:{lead}@shop.example/", "https:\\\\evil.example/x"),
        *(
            "https://shop.example/ {order}",
            "https://shop.example/\n{order}",
            'https://s.example/"x',
        ),
        *("https://shop.example/{order", "https://shop.example/}", "https://[shop/{order}"),
        *("https://shop.example:99999/{order}", "https://shop.example/<b>", "https:shop.example"),
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not is_safe(address)


def test_values_are_escaped() -> None:
    values = {"order": "A/7 №1", "customer": "c&x=1", "vin": "#frag"}
    assert ORDER.filled(values) == (
        "https://crm.shop.example/orders/A%2F7%20%E2%84%961?by=c%26x%3D1#%23frag"
    )


@pytest.mark.parametrize("missing", [None, "", ".", "..", "..."])
def test_without_a_value_there_is_no_link(missing: str | None) -> None:
    assert ORDER.filled({"order": missing, "customer": "c", "vin": "v"}) is None
    assert ORDER.filled({"customer": "c", "vin": "v"}) is None


@given(st.dictionaries(st.sampled_from(PLACES), st.text(max_size=30)))
def test_no_value_leads_to_another_server_or_path(values: dict[str, str]) -> None:
    address = ORDER.filled({"order": "1", "customer": "1", "vin": "1", **values})
    if address is not None:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc) == ("https", "crm.shop.example")
        assert parts.path.startswith("/orders/")
        assert parts.path.count("/") == 2
        assert parts.query.count("&") == 0

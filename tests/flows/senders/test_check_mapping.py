"""A source is not taken with a mapping by which nothing could ever be heard."""

import pytest
from webhooks.deliveries import a_source
from webhooks.mapping_builders import text_of

from service.flows.senders.check_mapping import check_mapping


def fields(*secrets: str, adapter: str = "mapping", **more: object) -> list[tuple[str, str]]:
    found = list(check_mapping(a_source(adapter, **more), secrets))
    assert all(item.remedy for item in found)
    return [(item.field, item.reason) for item in found]


def test_a_mapping_of_its_own_or_a_shipped_one_is_needed() -> None:
    assert fields() == [("mapping", "it is needed")]
    assert fields(mapping=text_of()) == fields(options={"shipped": "html_form"}) == []
    assert fields(mapping="", options={"shipped": "uis"}) == [("mapping", "it is no mapping")]
    assert fields(adapter="tawk", mapping=text_of()) == [("mapping", "`tawk` needs none")]
    assert fields(adapter="tawk") == []


def test_every_mistake_of_a_mapping_is_told_below_it() -> None:
    wrong = text_of(titel="x", events=[{"what": "word"}])
    assert fields(mapping=wrong) == [("mapping.titel", "no such key")]
    assert fields(mapping="a: [")[0][0] == "mapping.line 2"


@pytest.mark.parametrize("shipped", ["megafon", "1c"])
def test_a_proof_needs_the_secret_that_it_is_made_with(shipped: str) -> None:
    assert fields(options={"shipped": shipped}) == [("secrets.secret", "it is needed")]
    assert fields("secret", options={"shipped": shipped}) == []


def test_a_proof_that_is_optional_does_not() -> None:
    assert fields(options={"shipped": "wazzup24"}) == []
    auth = {"scheme": "hmac", "header": "X-Sign"}
    assert fields(mapping=text_of(auth=auth)) == [("secrets.secret", "it is needed")]
    assert fields(mapping=text_of(auth={**auth, "optional": True})) == []

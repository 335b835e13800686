"""Forms as senders post them: read as the standard library reads them, within bounds."""

from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhooks.deliveries import a_delivery

from service.adapters.bodies import pairs_of, single_fields_of
from service.adapters.delivery import Delivery
from service.leads.errors import Unreadable

FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
MULTIPART = {"content-type": "multipart/form-data; boundary=limit"}


def form(body: bytes) -> Delivery:
    return a_delivery(body, FORM)


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8))
@settings(max_examples=50, deadline=None)
def test_what_was_encoded_is_read_back(pairs: list[tuple[str, str]]) -> None:
    sent = [(name, value) for name, value in pairs if name]
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in sent)
    assert pairs_of(form(body.encode())) == sent


@given(st.lists(st.sampled_from([*"ab=&+ ;%", "%41", "%D1%84", "%d1", "%zz", "ф", "\n"])))
@settings(max_examples=100, deadline=None)
def test_whatever_comes_is_read_as_the_standard_library_reads_it(pieces: list[str]) -> None:
    body = "".join(pieces)
    try:
        expected = parse_qsl(body, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        assert len(pairs_of(form(body.encode()))) == len(parse_qsl(body, keep_blank_values=True))
    else:
        assert pairs_of(form(body.encode())) == expected


def test_a_form_has_at_most_a_thousand_fields() -> None:
    assert len(pairs_of(form(b"&".join([b"a=1"] * 1000)))) == 1000
    with pytest.raises(Unreadable):
        pairs_of(form(b"&".join([b"a=1"] * 1001)))


def test_of_the_fields_that_prove_something_each_counts_only_when_it_came_once() -> None:
    delivery = form(
        b"a=1&b=%D1%84+x&c=1&c=2&d=%FF&a[x]=1&e=" + b"e" * 4097 + b"&f=1&f=" + b"f" * 4097
    )
    assert single_fields_of(delivery, ("a", "b", "c", "e", "f")) == {"a": "1", "b": "ф x"}
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{name}1\r\n'
        for name in "abb"
    ]
    multipart = a_delivery("".join([*parts, "--limit--\r\n"]).encode(), MULTIPART)
    assert single_fields_of(multipart, ("a", "b")) == {"a": "a1"}


def parts(count: int, kind: bytes = b"") -> Delivery:
    part = b'--limit\r\nContent-Disposition: form-data; name="a"' + kind + b"\r\n\r\n1\r\n"
    return a_delivery(part * count + b"--limit--\r\n", MULTIPART)


@pytest.mark.parametrize("kind", [b"", b'; filename="a"'])
def test_a_form_with_files_has_at_most_a_thousand_parts(kind: bytes) -> None:
    assert single_fields_of(parts(1000, kind), ()) == {}
    with pytest.raises(Unreadable):
        single_fields_of(parts(1001, kind), ())

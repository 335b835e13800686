"""NDJSON, read in any pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.interchange.ndjson import NdjsonReader
from service.interchange.record import MAX_BYTES, FileRecord
from service.leads.errors import InvalidRequest


def read(file: bytes, size: int = 10_000_000) -> list[FileRecord]:
    """All records of a file that comes in pieces of a size."""
    reader, found = NdjsonReader(), []
    for start in range(0, len(file), size):
        found += reader.read(file[start : start + size])
    return [*found, *reader.end()]


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_each_line_is_an_object_and_blank_ones_are_left_out(size: int) -> None:
    file = b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"b": "\\n"}\n{"c": 2}'
    assert [(item.line, item.spec) for item in read(file, size)] == [
        *((1, {"a": 1}), (4, {"b": "\n"}), (5, {"c": 2}))
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "it is not JSON"),
        (b"[]", "it is no JSON object"),
        (b"1", "it is no JSON object"),
        (b'{"a": NaN}', "it is not JSON"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "it is nested deeper"),
        (b'{"a": "\\u0000"}', "it has a NUL character"),
        (b'{"a": "\xff"}', "it is not JSON"),
    ],
)
def test_a_line_that_is_no_object_is_a_mistake_of_its_own(line: bytes, reason: str) -> None:
    first, second, third = read(b'{"a": 1}\n' + line + b'\n{"b": 2}\n')
    assert (first.spec, third.spec) == ({"a": 1}, {"b": 2})
    assert second.mistakes[0].reason.startswith(reason)
    assert (second.line, second.spec) == (2, None)


@pytest.mark.parametrize("size", [1000, 10_000_000])
def test_a_line_that_is_too_long_is_not_kept(size: int) -> None:
    file = b'{"a": "' + b"x" * MAX_BYTES + b'"}\n{"b": 2}\n'
    first, second = read(file, size)
    assert "longer than" in first.mistakes[0].reason
    assert (second.line, second.spec) == (2, {"b": 2})


def test_memory_is_bounded_whatever_comes() -> None:
    reader = NdjsonReader()
    for _ in range(100):
        assert [*reader.read(b"x" * 65_536)] == []
        assert len(reader._begun) <= MAX_BYTES


def test_a_file_without_any_object_is_refused_soon() -> None:
    reader = NdjsonReader()
    with pytest.raises(InvalidRequest):
        [*reader.read(b"x\n" * 100)]
    with pytest.raises(InvalidRequest):
        read(b"a;b\n1;2\n")
    assert read(b"") == []


def test_of_an_exported_lead_only_what_a_sender_may_say_is_left() -> None:
    file = b'{"id": "1", "state": "waiting", "version": 1, "stage": 5, "channel": "vk"}\n'
    assert read(file)[0].spec == {"channel": "vk"}
    assert read(b'{"id": "1", "channel": "vk"}')[0].spec == {"id": "1", "channel": "vk"}


@settings(max_examples=50, deadline=None)
@given(pieces=st.lists(st.sampled_from([b"{}", b"\n", b"{", b'"', b" "])), size=st.integers(1, 5))
def test_however_it_is_cut_the_same_is_read(pieces: list[bytes], size: int) -> None:
    file = b"{}\n" + b"".join(pieces)
    assert read(file, size) == read(file)

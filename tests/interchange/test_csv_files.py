"""CSV as people save it: read in any pieces, one broken row costing itself alone."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.interchange.csv_cells import CELLS
from service.interchange.csv_columns import SYNONYMS, Unknown
from service.interchange.csv_reading import CsvReader
from service.interchange.record import MAX_BYTES, FileRecord
from service.leads.errors import InvalidRequest, MalformedBody
from service.schemas.leads import LeadIn

EXCEL = (Path(__file__).parent / "excel_cp1251.csv").read_bytes()
ZONES = {"main": ZoneInfo("Europe/Moscow"), "east": ZoneInfo("Asia/Vladivostok")}


def read(file: bytes, size: int = 10_000_000, unknown: Unknown = "refuse") -> list[FileRecord]:
    """All records of a file that comes in pieces of a size."""
    reader, found = CsvReader(ZONES, "main", unknown), []
    for start in range(0, len(file), size):
        found += reader.read(file[start : start + size])
    return [*found, *reader.end()]


def sent(text: str, **more: Any) -> list[Any]:
    """What the rows say; None for one with mistakes."""
    return [item.spec for item in read(text.encode(), **more)]


def only_cell(column: str, cell: str) -> Any:
    """What one cell says, or the reason why it is refused."""
    (record,) = read(f'{column};text\n"{cell}";x\n'.encode())
    if record.spec is None:
        return record.mistakes[0].reason
    value: Any = record.spec
    for name in column.split("."):
        value = value[name]
    return value


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    assert read(EXCEL, size) == read(EXCEL)
    assert [item.line for item in read(EXCEL, size)] == [2, 4, 5]


def test_quotes_hold_separators_line_breaks_and_quotes() -> None:
    assert sent('channel,text\nvk,"a, ""b""\r\nc"\r\nvk,5" disc\n') == [
        {"channel": "vk", "text": 'a, "b"\nc'},
        {"channel": "vk", "text": '5" disc'},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_separator_and_encoding_are_found_out(separator: str, encoding: str) -> None:
    rows = (("Канал", "Сообщение, текст", "Имя"), ("vk", "Ещё; раз, да", "Ёлкина"))
    rows = (("Канал", "Сообщение", "Имя"), *rows[1:])
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    (record,) = read(text.encode(encoding))
    assert record.spec == {
        "channel": "vk",
        "text": "Ещё; раз, да",
        "customer": {"name": "Ёлкина"},
    }


def test_each_row_has_its_own_encoding() -> None:
    file = b"channel;text\n" + "vk;ёлка\n".encode() + "vk;ёж\n".encode("cp1251")
    assert [item.spec and item.spec["text"] for item in read(file)] == ["ёлка", "ёж"]


def test_after_the_mark_of_utf_8_nothing_else_is_taken() -> None:
    file = b"\xef\xbb\xbfchannel;text\n" + "vk;ёж\n".encode("cp1251") + b"vk;x\n"
    assert [(item.line, item.spec is None) for item in read(file)] == [(2, True), (3, False)]


def test_excels_own_word_of_the_separator_is_heard() -> None:
    assert sent("sep=;\r\nchannel;text\r\nvk;a,b\r\n") == [{"channel": "vk", "text": "a,b"}]
    assert [item.line for item in read(b"sep=;\nchannel\nvk\n")] == [3]


def test_a_broken_row_costs_its_own_first_line_only() -> None:
    records = read(b'channel;text\nvk;a\nvk;"b\nvk;c\nvk;"d" e\nvk;f\n')
    assert [(record.line, record.spec and record.spec["text"]) for record in records] == [
        *((2, "a"), (3, None), (4, "c"), (5, None), (6, "f"))
    ]


def test_quotes_that_never_close_cost_one_line() -> None:
    many = b"vk;x\n" * 60_000
    records = read(b'channel;text\nvk;"open\n' + many, 65_536)
    assert [record.spec is None for record in records[:2]] == [True, False]
    assert len(records) == 60_001


def test_a_row_that_is_too_long_is_left_out() -> None:
    long = b"vk;" + b"x" * MAX_BYTES + b"\n"
    for size in (1000, 10_000_000):
        records = read(b"channel;text\n" + long + b"vk;y\n", size)
        assert [(record.line, record.spec is None) for record in records] == [(2, True), (3, False)]
        assert "longer than" in records[0].mistakes[0].reason


def test_quotes_made_to_be_read_again_and_again_end_the_reading() -> None:
    with pytest.raises(MalformedBody, match="line"):
        read(b"channel;text\n" + b'a";"\n' * 200_000)


def test_empty_rows_are_left_out_and_lines_are_still_counted() -> None:
    records = read(b"channel;text\n\n;;\r\n \nvk;\n")
    assert [(record.line, record.spec) for record in records] == [(5, {"channel": "vk"})]


def test_a_row_may_lack_its_last_cells_but_has_none_too_many() -> None:
    short, empty, long = read(b"channel;text\nvk\nvk;a;;\nvk;a;b\n")
    assert (short.spec, empty.spec) == ({"channel": "vk"}, {"channel": "vk", "text": "a"})
    assert long.mistakes[0].reason == "it has more than 2 cells"


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        *(("budget", "1 234,50 ₽", "1234.50"), ("budget", "1,234.50", "1234.50")),
        *(("budget", "1.234,50", "1234.50"), ("budget", "1 234,5 руб.", "1234.5")),
        *(("urgency", "0,9", 0.9), ("urgency", "much", "a number is expected")),
        *(("paid", "ДА", True), ("paid", "0", False), ("live", "нет", False)),
        ("paid", "maybe", "it is neither yes nor no"),
        ("received_at", "21.11.2026 14:05", "2026-11-21T14:05:00+03:00"),
        ("received_at", "1.2.2026", "2026-02-01T00:00:00+03:00"),
        ("received_at", "2026-11-21 14:05:06", "2026-11-21T14:05:06+03:00"),
        ("received_at", "2026-11-21T14:05:00Z", "2026-11-21T14:05:00+00:00"),
        *(("received_at", "31.02.2026", "it is no time"), ("needed_by", "soon", "it is no time")),
        *(("customer.phone", "+79161234567", "+79161234567"),),
        ("customer.phone", "7,91612E+10", "a spreadsheet rounded it"),
        ("external_id", "1.23457E+15", "a spreadsheet rounded it"),
        *(("customer.phone", "'+79161234567", "+79161234567"), ("vin", "'=A1", "=A1")),
        *(("vin", "'quoted'", "'quoted'"), ("kind", "Offline", "offline")),
        ("attributes", '{""a"": 1}', {"a": 1}),
        ("attributes", "{a}", "it is no JSON list or object"),
        ("attributes.Город", "Тверь", "Тверь"),
        ("customer.messengers.telegram", "42", "42"),
    ],
)
def test_cells_are_read_as_people_write_them(column: str, cell: str, value: object) -> None:
    assert only_cell(column, cell) == value


def test_channels_have_usual_russian_names() -> None:
    file = "канал\nТелефон\nпочта\nТелеграм\nvk\nфакс\n"
    names = [item["channel"] for item in sent(file)]
    assert names == ["phone", "email", "telegram", "vk", "факс"]


def test_times_are_in_the_zone_of_the_rows_own_queue() -> None:
    main, east = sent("queue;received_at\n;10.06.2026 12:00\neast;10.06.2026 12:00\n")
    assert main["received_at"] == "2026-06-10T12:00:00+03:00"
    assert east["received_at"] == "2026-06-10T12:00:00+10:00"


def test_an_item_has_columns_of_its_own_or_all_are_said_at_once() -> None:
    header = "channel;товар;кол-во;цена;items\n"
    one, several, both = read(
        (header + 'vk;oil;1,5;450;\nvk;;;;"[{""name"": ""a""}]"\nvk;oil;;;"[]"\n').encode()
    )
    assert one.spec == {
        "channel": "vk",
        "items": [{"name": "oil", "quantity": "1.5", "price": "450"}],
    }
    assert several.spec == {"channel": "vk", "items": [{"name": "a"}]}
    assert [mistake.field for mistake in both.mistakes] == ["items"]


def test_all_mistakes_of_a_row_are_told() -> None:
    (record,) = read(b"paid;live;urgency\nx;y;z\n")
    assert [mistake.field for mistake in record.mistakes] == ["paid", "live", "urgency"]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("channel;Менеджер;;x\n", ["column Менеджер", "column x"]),
        ("Телефон;phone\n", ["column phone"]),
        ("channel;id;state\n", ["column id", "column state"]),
        (";".join(f"attributes.{n}" for n in range(201)) + "\n", ["body"]),
        ("", ["body"]),
    ],
)
def test_a_wrong_header_is_refused_with_every_column(header: str, fields: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(header.encode())
    assert [mistake.field for mistake in refused.value.mistakes] == fields
    assert all(mistake.reason and mistake.remedy for mistake in refused.value.mistakes)


def test_unknown_columns_may_be_kept_as_attributes() -> None:
    (one,) = sent("channel;Менеджер;text\nvk;Анна;x\n", unknown="attributes")
    assert one == {"channel": "vk", "text": "x", "attributes": {"Менеджер": "Анна"}}


def test_every_name_of_a_column_leads_to_a_field_of_a_lead() -> None:
    names = [name for names in SYNONYMS.values() for name in names]
    assert len({*names}) == len(names)
    roots = {path.split(".")[0] for path in (*CELLS, *SYNONYMS)}
    assert roots - {"item"} <= {*LeadIn.model_fields}


ODD = st.lists(st.sampled_from([b'"', b'""', b";", b"\n", b"\r\n", b"x", b"\xd1", b" "])).map(
    b"".join
)


@settings(max_examples=100, deadline=None)
@given(rest=ODD, size=st.integers(1, 9))
def test_however_it_is_cut_the_same_is_read(rest: bytes, size: int) -> None:
    file = b"channel;text\n" + rest
    assert read(file, size) == read(file)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\n"))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL), max_size=5), separator=st.sampled_from([",", ";"]))
def test_what_is_quoted_by_the_rules_is_read_as_it_was(
    rows: list[tuple[str, str]], separator: str
) -> None:
    quoted = ['"' + cell.replace('"', '""') + '"' for row in rows for cell in row]
    lines = [separator.join(pair) for pair in zip(quoted[::2], quoted[1::2], strict=True)]
    file = "\n".join([f"attributes.a{separator}attributes.b", *lines])
    expected = [row for row in ((a.strip(), b.strip()) for a, b in rows) if any(row)]
    found = [item["attributes"] for item in sent(file)]
    assert [(item.get("a", ""), item.get("b", "")) for item in found] == [
        tuple(cell[1:] if re.match("'[=+@-]", cell) else cell for cell in row) for row in expected
    ]


def test_columns_without_a_name_and_a_value_are_left_out() -> None:
    table = "channel;;Текст;;\nvk;;фара;;\n;;;;\nvk;а;бампер;;\n".encode()
    first, second = read(table)
    assert first.spec == {"channel": "vk", "text": "фара"}
    (mistake,) = second.mistakes
    assert (mistake.field, mistake.reason) == ("column 2", "the column has no name")
    kept = read(table, unknown="attributes")[1].spec
    assert kept == {"channel": "vk", "text": "бампер", "attributes": {"column 2": "а"}}


def test_a_header_may_end_with_any_number_of_empty_columns() -> None:
    (record,) = read(b"channel" + b";" * 16_383 + b"\nvk" + b";" * 16_383 + b"\n")
    assert record.spec == {"channel": "vk"}


@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "mac_cyrillic"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_charset_of_spreadsheets_and_any_line_end_is_read(charset: str, end: str) -> None:
    rows = ["Канал;Имя;Текст", "чат;Яна Ёлкина;ФАРА на Ниву", "чат;ян;я жду"]
    sent = end.join(rows).encode(charset)
    for whole in (sent, sent + end.encode()):
        assert [record.spec for record in read(whole)] == [
            {"channel": "site_chat", "customer": {"name": "Яна Ёлкина"}, "text": "ФАРА на Ниву"},
            {"channel": "site_chat", "customer": {"name": "ян"}, "text": "я жду"},
        ]


def test_a_line_end_may_be_cut_between_two_chunks() -> None:
    reader = CsvReader(ZONES, "main")
    chunks = (b"channel,text\r", b"\nvk,a\r", b"vk,b\r", b"\nvk,c", b"\r")
    found = [record.spec for chunk in chunks for record in reader.read(chunk)]
    found += [record.spec for record in reader.end()]
    assert [spec["text"] for spec in found if spec] == ["a", "b", "c"]


def test_a_file_that_says_no_channel_is_refused_before_its_first_row() -> None:
    table = "Имя;Телефон\nПётр;89000000405\n".encode()
    reader = CsvReader(ZONES, "main", "refuse", [])
    with pytest.raises(InvalidRequest, match="channel: no column has it"):
        list(reader.read(table))
    assert read(table)[0].spec == {"customer": {"name": "Пётр", "phone": "89000000405"}}

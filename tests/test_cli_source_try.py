"""`nextlead source try`: what would be heard, and where it came from, or every mistake."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from webhooks.deliveries import PAYLOADS

from service.adapters.mapping.reading import shipped_text
from service.cli import main

AT = ("--at", "2026-06-10T12:00:00+03:00")


def tried(mapping: str | Path, sample: Path, *more: str, sent: str | None = None) -> Result:
    arguments = ["source", "try", str(mapping), str(sample), *AT, *more]
    return CliRunner().invoke(main, arguments, input=sent)


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTLEAD_DATABASE_URL", "nowhere")


def test_every_field_stands_beside_its_place() -> None:
    result = tried("megafon", PAYLOADS / "mapping_megafon" / "history_missed.form")
    assert result.exit_code == 0
    assert result.output == (
        "Proof: not checked; give --secret NAME\n"
        "Answer: 200\n"
        "\n"
        "Event 4 of the mapping: call\n"
        "  phase              missed  ← constant\n"
        "  at                 2026-06-10 09:00:00+00:00\n"
        "  order              2\n"
        "  id                 call:5a5e2b87-3b0c-4b77  ← callid\n"
        "  channel            phone\n"
        "  received_at        2026-06-10 08:59:00+00:00  ← start\n"
        "  phone              +79001234567  ← phone\n"
        "  attributes.line    74951234567  ← diversion\n"
        "  attributes.status  Missed  ← status\n"
    )


def test_of_several_places_the_one_that_said_it_is_told() -> None:
    result = tried("html_form", PAYLOADS / "mapping_html_form" / "vin.form")
    assert "text         Фильтры. Звоните +7 900 123 45 68  ← message\n" in result.output
    assert "vin          XTAGFK330JY144213  ← vin\n" in result.output


def test_articles_are_counted_and_an_answer_is_named() -> None:
    result = tried("1c", PAYLOADS / "mapping_1c" / "order_created.json")
    assert "Known again by: 0b1c2d3e-0001\n" in result.output
    assert "  items.0            2 × Масло 5W-30 4 л at 2150.50  ← $.items[*]\n" in result.output


def test_the_rest_of_the_address_counts() -> None:
    order = PAYLOADS / "mapping_insales" / "order_accepted.json"
    assert "correction" in tried("insales", order, "--path", "?topic=orders/create").output
    result = tried("insales", order, "--path", "x/y?topic=orders/update")
    assert result.output.endswith("Event 1 of the mapping: nothing\n")


def test_a_proof_is_checked_when_a_secret_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = PAYLOADS / "mapping_megafon" / "incoming.form"
    right = tried("megafon", sample, "--secret", "secret=-", sent="S3cretT0ken\n")
    assert right.exit_code == 0
    assert right.output.startswith("Proof: right\nAnswer: 200\n")
    monkeypatch.setenv("OF_THE_SHOP", "another")
    wrong = tried("megafon", sample, "--secret", "secret=env:OF_THE_SHOP")
    assert wrong.exit_code == 1
    assert wrong.output == "Not authentic: The token or signature is missing or wrong.\n"
    unknown = tried("megafon", sample, "--secret", "crm_token=env:OF_THE_SHOP")
    assert unknown.exit_code == 2
    assert "the secrets are secret and salt" in unknown.output
    open_on_the_line = tried("megafon", sample, "--secret", "secret=S3cretT0ken")
    assert open_on_the_line.exit_code == 2


def test_a_header_is_told_as_the_sender_sends_it() -> None:
    sample, header = PAYLOADS / "mapping_green_api" / "text.json", "Authorization: Bearer t0k"
    secret = ("--secret", "secret=-")
    result = tried("green_api", sample, "--header", header, *secret, sent="Bearer t0k\n")
    assert result.output.startswith("Proof: right\n")
    form = PAYLOADS / "mapping_html_form" / "with_file.multipart"
    sort = "Content-Type: multipart/form-data; boundary=----WebKitFormBoundaryAbC123"
    assert "Фото во вложении  ← message\n" in tried("html_form", form, "--header", sort).output


def test_a_handshake_is_told_as_one() -> None:
    result = tried("wazzup24", PAYLOADS / "mapping_wazzup24" / "test.json")
    assert result.output.endswith("A handshake: it is answered, and nothing is stored.\n")
    contact = PAYLOADS / "mapping_megafon" / "contact.form"
    assert tried("megafon", contact).output.startswith("A handshake: it is answered when its proof")
    result = tried("megafon", contact, "--secret", "secret=-", sent="S3cretT0ken\n")
    assert 'Answer: 200 {"contact_name": "", "responsible": ""}\n' in result.output


def test_what_is_unreadable_and_what_fits_nothing_are_told_apart() -> None:
    unread = tried("1c", PAYLOADS / "mapping_1c" / "unknown.json")
    assert unread.exit_code == 1
    assert unread.output.endswith("Unreadable: No event of the mapping fits this request.\n")
    nothing = tried("wazzup24", PAYLOADS / "mapping_wazzup24" / "statuses.json")
    assert nothing.exit_code == 0
    assert re.search(r"Event \d+ of the mapping: nothing\n", nothing.output)


def test_every_mistake_of_a_mapping_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    sample = PAYLOADS / "mapping_avito" / "text.json"
    file.write_text(shipped_text("avito").replace("channel:", "chanel:"), "utf-8")
    result = tried(file, sample)
    assert result.exit_code == 1
    assert re.fullmatch(
        r"events\.\d+\.lead\.chanel: no such key\. Did you mean `channel`\?\n", result.output
    )
    file.write_text(shipped_text("avito"), "utf-8")
    assert tried(file, sample).exit_code == 0
    file.write_bytes(b"title: \xff")
    assert tried(file, sample).output == f"{file}: it is not UTF-8 text. Save it as UTF-8.\n"
    gone = tried(tmp_path / "gone.yaml", sample)
    assert gone.exit_code == 1
    assert "Give a file, or one of: 1c, amocrm, avito" in gone.output


def test_a_terminal_is_not_told_what_to_do(tmp_path: Path) -> None:
    sample = tmp_path / "evil.form"
    sample.write_bytes(b"phone=89001234567&message=%1b%5b2Jline%0aline")
    assert "text         ␣[2Jline␣line  ← message\n" in tried("html_form", sample).output


def test_a_moment_that_was_not_understood_has_no_place(tmp_path: Path) -> None:
    sample = tmp_path / "visit.json"
    sample.write_text('{"event": "visit", "id": 5, "time": "soon"}', "utf-8")
    assert "  received_at  2026-06-10 09:00:00+00:00\n" in tried("1c", sample).output


@pytest.mark.parametrize("wrong", [("--at", "yesterday"), ("--time-zone", "Moscow")])
def test_options_that_say_nothing_are_refused(wrong: tuple[str, str]) -> None:
    result = tried("avito", PAYLOADS / "mapping_avito" / "text.json", *wrong)
    assert result.exit_code == 2

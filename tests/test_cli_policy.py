"""`nextlead policy …` without a server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.policies.document import policy_schema
from service.policies.reading import default_text

FIREWORKS = Path(__file__).parents[1] / "service" / "policies" / "fireworks.yaml"


def nextlead(*arguments: str, sent: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", *arguments], input=sent)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


def test_a_good_policy_is_told_in_one_line(file: Path) -> None:
    file.write_text(default_text(), "utf-8")
    result = nextlead("check", str(file))
    assert result.exit_code == 0
    assert result.output.startswith("In order: 2 escalations, ")
    assert result.output.count("\n") == 1
    assert result.output.endswith(" examples, RUB, Europe/Moscow\n")


def test_the_policies_that_come_with_the_package_are_in_order() -> None:
    assert nextlead("check", str(FIREWORKS)).exit_code == 0
    assert nextlead("check", "-", sent=nextlead("default").output).exit_code == 0


def test_settings_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTLEAD_DATABASE_URL", "nowhere")
    assert nextlead("check", "-", sent=default_text()).exit_code == 0


def test_every_mistake_is_a_line_with_its_remedy(file: Path) -> None:
    wrong = default_text().replace("urgency: 1.00", "urgency: 1.5")
    file.write_text(wrong.replace("Europe/Moscow", "Moscow"), "utf-8")
    result = nextlead("check", str(file))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "kinds.phone.urgency: Input should be less than or equal to 1."
        " Send a number of at most 1.0.",
        "time_zone: `Moscow` is no time zone. Send a name like Europe/Moscow.",
    ]


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    result = nextlead("check", "/dev/zero")
    assert result.exit_code == 1
    assert result.output == "policy: it is larger than 2097152 bytes. Shorten it.\n"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100, b"a: *b", b"\x00"])
def test_what_is_no_policy_at_all_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    result = nextlead("check", str(file))
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert isinstance(result.exception, SystemExit)


def test_a_file_that_is_not_there_is_named() -> None:
    result = nextlead("check", "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.output


def test_the_default_and_the_schema_are_printed() -> None:
    assert nextlead("default").output == default_text()
    assert json.loads(nextlead("schema").output) == policy_schema()
    russian = json.loads(nextlead("schema", "--language", "ru").output)
    assert russian["properties"]["kinds"]["title"] == "Виды обращений"

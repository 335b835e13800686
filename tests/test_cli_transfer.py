"""`nextlead import` and `nextlead export` on the tests' own servers, as somebody types them."""

import csv
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from running import nextlead

from service.cli import main
from service.embedded.servers import Addresses
from service.flows.leads.view_leads import view_leads
from service.resources import Resources
from service.storage.leads.lead_search import LeadFilter

FILE = (
    "Канал;Телефон;Сообщение\nтелеграм;+79161234567;нужны колодки\nфакс;;не туда\nпочта;;масло\n"
).encode("cp1251")


@pytest.fixture
def run(servers: Addresses, resources: Resources) -> Any:
    """Runs a command beside the application of the tests."""
    addresses = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
    }

    def typed(*arguments: object) -> subprocess.CompletedProcess[str]:
        return nextlead(*map(str, arguments), **addresses)

    return typed


async def test_a_file_is_taken_in_and_given_out(
    resources: Resources, run: Any, tmp_path: Path
) -> None:
    file = tmp_path / "заявки.CSV"
    file.write_bytes(FILE)
    ended = run("import", file, "--source", "excel")
    assert ended.returncode == 1
    first, last = ended.stdout.splitlines()
    assert first.startswith("line 3, channel: it is none of the choices. One of: 'walk_in',")
    wanted = "3 lines: 2 new leads, 0 joined to open leads, 0 known already, 1 with mistakes"
    assert last == wanted
    assert "import" in ended.stderr
    leads = (await view_leads(resources, LeadFilter(), 10)).leads
    assert {lead.signal.text for lead in leads} == {"нужны колодки", "масло"}
    assert {lead.signal.source for lead in leads} == {"excel"}

    out = run("export", "--format", "csv", "--state", "waiting")
    assert (out.returncode, out.stderr) == (0, "")
    header, *rows = csv.reader(out.stdout.splitlines())
    texts = {row[header.index("text")] for row in rows}
    assert texts == {"нужны колодки", "масло"}


async def test_what_cannot_be_taken_at_all_is_said_in_one_line(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(b"what;channel\n")
    ended = run("import", file)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "nextlead: column what: this column is unknown." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_name_that_does_not_tell_the_format_is_no_guess(tmp_path: Path) -> None:
    file = tmp_path / "leads.xlsx"
    file.touch()
    ended = CliRunner().invoke(main, ["import", str(file)])
    assert ended.exit_code == 2
    assert "Give --format: the file's name ends in none of .csv, .ndjson, .jsonl." in ended.output

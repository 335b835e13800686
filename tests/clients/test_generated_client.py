"""A client that others generate from openapi.yaml runs the tutorial's day."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from listening import SECRET

from service.resources import Resources

ROOT = Path(__file__).parents[2]
PACKAGE = "generated_client"
DAY = """
import asyncio
import io
import sys
from generated_client import AuthenticatedClient
from generated_client.api.leads import create_lead, get_explanation, import_file, settle_lead
from generated_client.api.operators import claim_next_lead, put_operator
from generated_client.models import Channel, LeadIn, Outcome, OperatorIn, SettleIn
from generated_client.types import File

address, key = sys.argv[1:]


async def day():
    client = AuthenticatedClient(address, key, raise_on_unexpected_status=True)
    body = OperatorIn(queues=["main"])
    hired = await put_operator.asyncio_detailed("gena", client=client, body=body)
    assert hired.status_code == 201
    sent = LeadIn(channel=Channel.WHATSAPP, text="Нужны тормозные колодки, машина на подъёмнике")
    lead = await create_lead.asyncio(client=client, body=sent)
    assert (lead.state, lead.stage, lead.intent) == ("waiting", 600, "sale"), lead
    served = await claim_next_lead.asyncio("gena", client=client)
    assert served.id == lead.id
    ended = SettleIn(served.claim.token, Outcome.WON, amount="5200", note="paid by card")
    settled = await settle_lead.asyncio(lead.id, client=client, body=ended)
    assert (settled.state, settled.outcome, settled.amount) == ("settled", "won", "5200.00")
    why = await get_explanation.asyncio(lead.id, client=client)
    assert why.sentences.en
    nobody = await claim_next_lead.asyncio_detailed("gena", client=client)
    assert nobody.status_code == 204
    rows = File(io.BytesIO(b"channel,text\\nemail,a filter\\n"))
    report = import_file.sync(client=client, body=rows)
    assert report.created == 1, report
    refused = await settle_lead.asyncio(lead.id, client=client, body=SettleIn("x", Outcome.LOST))
    assert (refused.status, refused.type_[-10:]) == (409, "claim-gone"), refused


asyncio.run(day())
"""

pytestmark = pytest.mark.more


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package; the generator must have nothing to complain of."""
    folder = tmp_path_factory.mktemp("generated")
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [
            *(programs / "openapi-python-client", "generate"),
            *("--path", ROOT / "openapi.yaml"),
            *("--config", ROOT / "clients" / "openapi-python-client.yaml"),
            *("--output-path", folder / PACKAGE, "--meta", "none", "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},  # it formats with ruff
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


async def test_the_tutorials_day_runs(generated: Path, address: str, resources: Resources) -> None:
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DAY, address, SECRET),
        cwd=generated,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await done.communicate()
    assert done.returncode == 0, printed.decode()

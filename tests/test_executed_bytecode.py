"""What a lead costs in executed bytecode: exact on any machine, however busy it is.

Only the pure path is counted: reading the body, marks and words, ranking, the row, the answer. When
a count grows on purpose, write the new ones down:

    python tests/test_executed_bytecode.py > tests/executed_bytecode.json
"""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from builders import NOON
from bytecode_counting import executed
from open_always import open_always

from service.api.leads import lead_rendering
from service.flows.leads.marks_of_signal import marks_of_signal
from service.leads.lead import Lead, RankingInput, Signal, State
from service.matching.contacts import with_read_phones
from service.policies.reading import read_policy
from service.ranking.rank import rank_understood
from service.rules.need import Need, reread, understand
from service.schemas.leads import LeadIn
from service.storage.json_rows import as_json
from service.storage.policies.queue_context import QueueContext
from service.storage.rows import lead_of, new_row
from service.strict_json import parse

FILE = Path(__file__).with_name("executed_bytecode.json")
MAY_GROW = 1.1
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
BODY = json.dumps(
    {
        **{"channel": "whatsapp", "source": "bench", "external_id": "4711"},
        "received_at": "2026-06-10T11:58:00Z",
        "customer": {
            **{"external_id": "client-1", "name": "Иван Петров", "phone": "+7 900 1234567"},
            **{"email": "client1@example.org", "messengers": {"telegram": "id1"}},
        },
        "text": "Здравствуйте, нужны колодки на приору, машина на подъёмнике",
        "items": [
            {"name": "Колодки тормозные передние", "quantity": 2, "price": "2300.50"},
            {"name": "Фильтр масляный", "quantity": 1, "price": "640.50"},
        ],
        **{"vin": "XTA21099033434343", "intent": "sale", "attributes": {"page": "/vin"}},
    },
    ensure_ascii=False,
).encode()


def measured() -> dict[str, int]:
    """How many bytecodes each phase takes, when it has been run before."""
    policy = read_policy(open_always())
    basis = QueueContext(policy, {}, None)

    def read() -> Signal:
        sent = LeadIn.model_validate(parse(BODY))
        return with_read_phones(sent.to_signal(NOON, "bench"), policy.region)

    def read_words() -> Need:
        reread.cache_clear()
        return understand(situation, policy)

    signal = read()
    situation = RankingInput(signal, asked_at=signal.received_at)
    need = understand(situation, policy)
    lead = Lead(
        id=UUID(int=1),
        version=1,
        state=State.WAITING,
        situation=need.situation,
        ranking=rank_understood(need, policy, NOON, {}),
        created_at=NOON,
        brought_by="bench",
    )
    row = dict.fromkeys(_columns()) | new_row(lead, created_by="bench", changed_at=NOON)
    row |= {"on_top": False, "counted": False, "asked_skills": [], "declined_by": []}
    phases: dict[str, Callable[[], object]] = {
        "reading": read,
        "marks": lambda: marks_of_signal(signal, basis),
        "understanding": read_words,
        "ranking": lambda: rank_understood(need, policy, NOON, {}),
        "row": lambda: as_json([new_row(lead, created_by="bench", changed_at=NOON)]),
        "lead of a row": lambda: lead_of(row),
        "answer": lambda: lead_rendering.answer(
            lead_rendering.lead(lead, tokens=False, explained=True)
        ),
    }
    return {name: executed(phase) for name, phase in phases.items()}


def _columns() -> list[str]:
    from service.storage.tables import leads

    return [column.name for column in leads.columns]


def test_no_phase_executes_a_tenth_more_than_was_written_down() -> None:
    written, found = json.loads(FILE.read_text()), measured()
    assert found.keys() == written["counts"].keys()
    grown = {
        name: f"{count} instead of {written['counts'][name]}"
        for name, count in found.items()
        if count > MAY_GROW * written["counts"][name]
    }
    if written["python"] != VERSION:
        warnings.warn(f"written down by Python {written['python']}: {grown}", stacklevel=1)
    else:
        assert not grown


if __name__ == "__main__":
    print(json.dumps({"python": VERSION, "counts": measured()}, indent=2))

"""The shipped weights of the vote on intents, and the certainty that a policy demands.

`python -m bench.understanding.teaching` makes the weights.
"""

import json
from functools import cache
from pathlib import Path

from service.leads.lead import Intent
from service.policies.text_document import VotesPart
from service.text.votes import VOTED, Votes, Weights

WEIGHTS = Path(__file__).with_name("intent_votes.json")
HUNDREDTHS = 100


def votes_of(part: VotesPart | None) -> Votes | None:
    """The votes of a policy; None when it has none."""
    if part is None:
        return None
    wanted = {Intent(name): value for name, value in part.model_dump(by_alias=True).items()}
    biases, weights = _weights()
    return Votes(
        biases, weights, {name: least for name, least in wanted.items() if least is not None}
    )


@cache
def _weights() -> tuple[tuple[float, ...], Weights]:
    found = json.loads(WEIGHTS.read_text("utf-8"))
    if found["intents"] != [intent.value for intent in VOTED]:
        raise ValueError(f"{WEIGHTS.name} is for other intents")
    weights = {name: _of_hundredths(numbers) for name, numbers in found["weights"].items()}
    return _of_hundredths(found["biases"]), weights


def _of_hundredths(numbers: list[int]) -> tuple[float, ...]:
    return tuple(number / HUNDREDTHS for number in numbers)

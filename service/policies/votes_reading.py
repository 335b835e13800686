"""The shipped weights of the vote on intents, and the certainty that a policy demands.

`python -m bench.understanding.teaching` makes the weights.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from service.leads.lead import Intent
from service.policies.text_document import VotesPart
from service.text.votes import CLASSES, Votes, Weights

WEIGHTS = Path(__file__).with_name("intent_votes.json")


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
def _weights() -> tuple[Sequence[int], Weights]:
    found = json.loads(WEIGHTS.read_text("utf-8"))
    if found["classes"] != list(CLASSES):
        raise ValueError(f"{WEIGHTS.name} is for other classes")
    return found["biases"], found["weights"]

"""The shipped weights are what the corpus and the lexicons teach, and anybody can make them."""

import json

import pytest

from bench.understanding.corpus import read_corpus
from bench.understanding.teaching import learn, lessons, written
from service.policies.votes_reading import WEIGHTS

LAST_DIGIT = 1  # of a hundredth: machines may round otherwise


@pytest.mark.more
def test_the_same_texts_make_the_same_weights() -> None:
    made = json.loads(written(learn(lessons(read_corpus()))))
    shipped = json.loads(WEIGHTS.read_text("utf-8"))
    assert made["classes"] == shipped["classes"]
    assert made["weights"].keys() == shipped["weights"].keys()
    for name, numbers in shipped["weights"].items():
        assert made["weights"][name] == pytest.approx(numbers, abs=LAST_DIGIT)


def test_nothing_of_what_is_held_out_teaches() -> None:
    assert not [case for case in read_corpus() if case.family.startswith("15 ")]

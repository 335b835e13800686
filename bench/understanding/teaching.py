"""Makes the weights of the vote on intents: `.venv/bin/python -m bench.understanding.teaching`.

Learns from the labelled messages of the corpus and the phrases of the shipped lexicons by logistic
regression, always in the same order: the same texts make the same weights. What is held out of the
corpus teaches nothing.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from bench.understanding.corpus import Case, read_corpus
from bench.understanding.judging import policy_of
from service.leads.lead import Intent
from service.policies.reading import Shipped
from service.policies.votes_reading import WEIGHTS
from service.text.votes import CLASSES, HUNDREDTHS, SETTLED, features_of, names_of, novelty

ROUNDS = 20
STEP, SLOWER, BIAS_STEP = 0.1, 0.3, 0.02
SHRINKING = 3e-3
SURE = 1e-4  # of a share; nothing is learned from less
FEWEST = 2  # texts that have a feature
LEAST = 0.05  # of a weight that is kept
OF_A_PHRASE = 0.5  # of a whole message: how much a phrase counts
LEAVING = 0.3  # the chance of who is lost


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text's features and names of words, its class, and how much it counts; `key` puts lessons
    in an order that nobody chose."""

    key: str
    meant: str
    features: tuple[str, ...]
    names: tuple[str, ...]
    weight: float = 1.0


@dataclass(slots=True)
class Learned:
    """Weights of each feature for each class; the first are the sale's."""

    biases: list[float]
    weights: dict[str, list[float]]

    def shares(self, features: Iterable[str]) -> list[float]:
        """How likely each class is."""
        sums = list(self.biases)
        for feature in features:
            for place, weight in enumerate(self.weights[feature]):
                sums[place] += weight
        highest = max(sums)
        powers = [math.exp(each - highest) for each in sums]
        total = sum(powers)
        return [power / total for power in powers]


MEANT = (Intent.SALE.value, *CLASSES)


def lessons(cases: Iterable[Case]) -> list[Lesson]:
    """What messages with a label and the lexicons' phrases teach."""
    found = [*_of_cases(cases), *_of_phrases()]
    counts = Counter(feature for each in found for feature in each.features)
    return [replace(each, features=tuple(_learnable(each, counts))) for each in found]


def _learnable(lesson: Lesson, counts: Mapping[str, int]) -> Iterator[str]:
    """The features that other lessons have too, and how many words none of them has."""
    yield from (name for name in lesson.features if counts[name] >= FEWEST)
    yield novelty(sum(counts[name] <= FEWEST for name in lesson.names))


def _of_cases(cases: Iterable[Case]) -> Iterator[Lesson]:
    """Messages by their intent, and the last message of who settles what they wrote of before."""
    for case in cases:
        if len(case.messages) == 1 and (meant := _meant(case)) is not None:
            yield _lesson(case.messages[0], meant, case.policy)
        elif len(case.messages) > 1 and case.labels.get("settled"):
            yield _lesson(case.messages[-1], SETTLED, case.policy)


def _meant(case: Case) -> str | None:
    if case.labels.get("settled") or case.labels.get("chance") == "lost":
        return SETTLED
    return case.labels.get("intent")


def _of_phrases() -> Iterator[Lesson]:
    for shipped in (Shipped.AUTO_PARTS, Shipped.FIREWORKS):
        for entry in policy_of(shipped.value).lexicon.entries:
            is_settled = entry.chance_factor <= LEAVING or entry.intent is Intent.SALE
            meant = SETTLED if is_settled else entry.intent
            if meant in CLASSES:
                for phrase in entry.phrases:
                    lesson = _lesson(phrase.replace("#", "555"), meant, shipped.value)
                    yield replace(lesson, weight=OF_A_PHRASE)


def _lesson(text: str, meant: str, policy: str) -> Lesson:
    voting = policy_of(policy).lexicon.electorate(text)
    features = tuple(sorted(features_of(voting)))
    names = tuple(names_of(voting.tokens, voting.goods))
    return Lesson(f"{meant} {text}", str(meant), features, names)


def learn(taught: Sequence[Lesson]) -> Learned:
    """Weights by which the lessons come out right."""
    names = {feature for lesson in taught for feature in lesson.features}
    learned = Learned([0.0] * len(MEANT), {name: [0.0] * len(MEANT) for name in sorted(names)})
    for number in range(ROUNDS):
        step = STEP / (1 + SLOWER * number)
        for lesson in sorted(taught, key=lambda each: _shuffled(number, each)):
            _correct(learned, lesson, step * lesson.weight)
    return learned


def _shuffled(number: int, lesson: Lesson) -> str:
    return sha256(f"{number} {lesson.key}".encode()).hexdigest()


def _correct(learned: Learned, lesson: Lesson, step: float) -> None:
    shares = learned.shares(lesson.features)
    for place, meant in enumerate(MEANT):
        wrong = shares[place] - (meant == lesson.meant)
        if abs(wrong) < SURE:
            continue
        learned.biases[place] -= BIAS_STEP * lesson.weight * wrong
        for feature in lesson.features:
            weights = learned.weights[feature]
            weights[place] -= step * (wrong + SHRINKING * weights[place])


def written(learned: Learned) -> str:
    """The weights in hundredths, against the sale's, one feature a line; what is small left out."""
    biases = _against_sale(learned.biases)
    weights: Mapping[str, list[int]] = {
        name: numbers
        for name, each in learned.weights.items()
        if max(map(abs, numbers := _against_sale(each))) >= LEAST * HUNDREDTHS
    }
    head = [f'"classes": {_json(list(CLASSES))}', f'"biases": {_json(biases)}']
    rows = [f"{_json(name)}: {_json(weights[name])}" for name in sorted(weights)]
    return "{\n" + ",\n".join([*head, '"weights": {\n']) + ",\n".join(rows) + "\n}\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ": "))


def _against_sale(numbers: Sequence[float]) -> list[int]:
    return [round(HUNDREDTHS * (number - numbers[0])) for number in numbers[1:]]


def main(path: Path = WEIGHTS) -> None:
    """Write the weights."""
    taught = lessons(read_corpus())
    path.write_text(written(learn(taught)), "utf-8")
    print(f"{len(taught)} lessons: {path}")


if __name__ == "__main__":
    main()

"""A reading that is kept says the same as a new one, and is not used where it would not."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from builders import NOON, a_signal
from open_always import open_always

from bench.understanding.corpus import read_corpus
from service.leads.lead import Item, RankingInput
from service.policies.reading import read_policy
from service.rules.need import understand
from service.rules.policy import Policy
from service.text import kept_reading
from service.text.dates import NamedDays
from service.text.decided import Bounds
from service.text.lexicon import Lexicon

POLICY = read_policy(open_always())
TEXTS = (
    "просто привет",
    "Здравствуйте, нужны 4 стойки на приору, бюджет тысяч 40, машина на подъёмнике",
    "rjkjlrb на гранту, и фильтр маслянный",  # another keyboard, and a slip
    "колодки по 2300 за штуку, 2 шт",
    "не срочно, но диски нужны\nвообще уже срочно, не могу ездить",
    "пришел брак, верните деньги за амортизатор",
    "отдел снабжения предлагает сотрудничество, реклама и продвижение вашего сайта",
    "нужна рейка до пятницы, vin XTA21099033434343, звоните +7 916 123-45-67",
    "бампер и капот к новому году",
    "колодки не нужны, нужны диски; пока только узнать цену",
)


def a_situation(text: str | None, **others: object) -> RankingInput:
    """A client's words on a usual day."""
    return RankingInput(replace(a_signal(text=text), **others), asked_at=NOON)  # type: ignore[arg-type]


SITUATIONS = (
    *map(a_situation, TEXTS),
    a_situation(None, items=(Item("Колодки тормозные", Decimal(2), Decimal("2300.50")),)),
    a_situation(None, attributes={"Марка": "Kia Rio 2017", "деталь": "стойки 2 шт"}),
    a_situation(None, attributes={"vin": "XTA21099033434343"}),
    a_situation("срочно", attributes={"тема": "нужен радиатор"}),
)


def assert_kept_as_read(situation: RankingInput) -> None:
    """What is kept gives the same need, and the same is kept again."""
    read = understand(situation, POLICY)
    again = understand(situation, POLICY, read.kept)
    assert again == read
    assert again.kept is read.kept
    assert (read.kept is None) == (not situation.signal.text and not situation.signal.items
                                   and not situation.signal.attributes)  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_kept_says_what_was_read(situation: RankingInput) -> None:
    assert_kept_as_read(situation)


def test_so_it_is_for_messages_as_people_write_them() -> None:
    cases = read_corpus()
    assert len(cases) > 500
    for case in cases[::7]:
        assert_kept_as_read(a_situation("\n".join(case.messages)))


def test_nothing_is_kept_of_a_client_without_words() -> None:
    assert understand(a_situation(None), POLICY).kept is None


def forged(situation: RankingInput, policy: Policy) -> str:
    """A kept reading that says something else, so that its use shows."""
    kept = understand(situation, policy).kept
    assert kept is not None
    digest = kept.split('"')[1]
    other = policy.lexicon.read("нужен двигатель")
    assert other.matches
    return kept_reading.short_form(digest, other, kept_reading.NOTHING, policy.lexicon, ())


def test_a_kept_reading_is_used_and_the_words_are_not_read() -> None:
    situation = a_situation("нужны колодки")
    need = understand(situation, POLICY, forged(situation, POLICY))
    assert need.reading.matches == POLICY.lexicon.read("нужен двигатель").matches


def with_bounds(policy: Policy) -> Policy:
    lexicon = Lexicon(policy.lexicon.entries, 3, 100.0, policy.lexicon.votes)
    return replace(policy, lexicon=lexicon)


def without_a_signal(policy: Policy) -> Policy:
    lexicon = policy.lexicon
    return replace(
        policy, lexicon=Lexicon(lexicon.entries[1:], 99, lexicon.bounds.bill, lexicon.votes)
    )


CHANGES: dict[str, Callable[[Policy], Policy]] = {
    "bounds": with_bounds,
    "entries": without_a_signal,
    "votes": lambda policy: replace(
        policy, lexicon=Lexicon(policy.lexicon.entries, 99, policy.lexicon.bounds.bill)
    ),
    "region": lambda policy: replace(policy, region="DE"),
    "currency": lambda policy: replace(policy, currency="EUR"),
    "days": lambda policy: replace(policy, named_days=NamedDays({("день", "шофера"): (10, 25)})),
}


@pytest.mark.parametrize("change", CHANGES)
def test_under_another_policy_that_reads_otherwise_the_words_are_read(change: str) -> None:
    situation, policy = a_situation("нужны колодки"), CHANGES[change](POLICY)
    need = understand(situation, policy, forged(situation, POLICY))
    assert need == understand(situation, policy)
    assert need.kept != understand(situation, POLICY).kept


@pytest.mark.parametrize(
    "changed",
    [
        a_situation("нужны колодки\nи диски"),
        a_situation("нужны колодки", items=(Item("Фильтр", Decimal(1), None),)),
        a_situation("нужны колодки", attributes={"тема": "возврат"}),
        a_situation("нужны колодки", attributes={"авто": "приора"}),
    ],
)
def test_other_words_are_read(changed: RankingInput) -> None:
    kept = forged(a_situation("нужны колодки"), POLICY)
    assert understand(changed, POLICY, kept) == understand(changed, POLICY)


def test_code_that_reads_otherwise_reads_again(monkeypatch: pytest.MonkeyPatch) -> None:
    situation = a_situation("нужны колодки")
    kept = forged(situation, POLICY)
    monkeypatch.setattr(kept_reading, "code_digest", lambda: b"another version")
    assert understand(situation, POLICY, kept).reading == POLICY.lexicon.read("нужны колодки")


def test_a_lexicon_made_anew_has_the_same_digest() -> None:
    lexicon = POLICY.lexicon
    again = Lexicon(lexicon.entries, lexicon.bounds.quantity, lexicon.bounds.bill, lexicon.votes)
    assert again.digest() == lexicon.digest()
    assert Bounds(1, 1.0) != lexicon.bounds

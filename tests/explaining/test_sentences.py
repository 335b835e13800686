"""What time will change and why a lead was served, in words; what holds of all sentences."""

from decimal import Decimal

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import a_situation, policies, situations, steady
from ranks import pack
from sentence_builders import CHAT, RANK, a_step, check_said, spoken

from service.explaining import sentences_english, sentences_russian
from service.explaining.sentences import sentences
from service.leads.lead import Channel, Intent, Kind, Outcomes, RankingInput
from service.ranking.decision import ServedVia, decide
from service.ranking.rank import rank_lead
from service.rules.policy import Policy, Ties


def test_what_time_will_change() -> None:
    steps = [
        a_step(5, 680, "65.86", "before_cutoff 30 minutes", "A15"),
        a_step(9, 680, "70.00", "before_cutoff 30 minutes", "A15"),
        a_step(35, 600, "70.00", "kind chat", "A2"),
        *[a_step(40, 600, "71.00", "kind chat", "A2")] * 2,
    ]
    expected = [
        (
            "From 2026-06-10 15:05 MSK: stage 680, score 65.86; the supplier's cut-off is at"
            " most 30 minutes away (rule A15).",
            "С 10.06.2026 15:05 MSK: ступень 680, оценка 65,86; до отсечки поставщика не больше"
            " 30 минут (правило A15).",
        ),
        (
            "From 2026-06-10 15:09 MSK: stage 680, score 70; the client's deadline comes nearer"
            " (rule A1).",
            "С 10.06.2026 15:09 MSK: ступень 680, оценка 70; приближается срок, названный"
            " клиентом (правило A1).",
        ),
        (
            "From 2026-06-10 15:35 MSK: stage 600, score 70; the reason for its higher stage"
            " has passed (rule A2).",
            "С 10.06.2026 15:35 MSK: ступень 600, оценка 70; причина более высокой ступени"
            " прошла (правило A2).",
        ),
        ("Then 2 more changes follow.", "Затем ещё 2 изменения."),
    ]
    for english, russian in expected:
        check_said(english, russian, CHAT, steps, None)


@pytest.mark.parametrize(
    ("more", "english", "russian"),
    [
        (1, "Then 1 more change follows.", "Затем ещё 1 изменение."),
        (11, "Then 11 more changes follow.", "Затем ещё 11 изменений."),
        (13, "Then 13 more changes follow.", "Затем ещё 13 изменений."),
    ],
)
def test_many_steps_are_counted(more: int, english: str, russian: str) -> None:
    steps = [a_step(5, 620, "65.86", "after 5 minutes", "A6")] * (3 + more)
    check_said(english, russian, CHAT, steps, None)


@pytest.mark.parametrize(
    ("minutes", "russian"),
    [
        (1, "1 минуту"),
        (2, "2 минуты"),
        (3, "3 минуты"),
        (4, "4 минуты"),
        (5, "5 минут"),
        (11, "11 минут"),
        (12, "12 минут"),
        (14, "14 минут"),
        (21, "21 минуту"),
        (103, "103 минуты"),
        (111, "111 минут"),
        (1_004, "1 004 минуты"),
        (2.5, "2,5 минуты"),
    ],
)
def test_russian_minutes_are_counted(minutes: float, russian: str) -> None:
    assert spoken(sentences_russian.minutes_waited(minutes)) == russian


def test_a_callback_that_will_be_due() -> None:
    due = [a_step(30, 600, "65.86", "promised callback is due", "A11")]
    check_said(
        "From 2026-06-10 15:30 MSK: stage 600, score 65.86; the promised callback is due (rule"
        " A11).",
        "С 10.06.2026 15:30 MSK: ступень 600, оценка 65,86; подошло время обещанного звонка"
        " (правило A11).",
        *(CHAT, due, None),
    )


def test_nothing_changes_and_nobody_took_it() -> None:
    assert sentences(CHAT, (), None, "en")[-2:] == [
        "Time alone will not change its place.",
        "Nobody has taken it yet.",
    ]
    assert sentences(CHAT, (), None, "ru")[-2:] == [
        "Со временем место само не изменится.",
        "Обращение ещё никто не брал.",
    ]


@pytest.mark.parametrize(
    ("stage", "score", "english", "russian"),
    [
        (
            *(590, "99"),
            "Second was lead L2: its stage 590 is lower by 10 (rule A2).",
            "Вторым стояло обращение L2: его ступень 590 ниже на 10 (правило A2).",
        ),
        (
            *(900, "0"),
            "Lead L2 stood higher: its stage 900 is higher by 300 (rule A2).",
            "Обращение L2 стояло выше: его ступень 900 выше на 300 (правило A2).",
        ),
        (
            *(600, "65.8"),
            "Second was lead L2: its score 65.8 is lower by 0.06 (rule A4).",
            "Вторым стояло обращение L2: его оценка 65,8 ниже на 0,06 (правило A4).",
        ),
        (
            *(600, "66"),
            "Lead L2 stood higher: its score 66 is higher by 0.14 (rule A4).",
            "Обращение L2 стояло выше: его оценка 66 выше на 0,14 (правило A4).",
        ),
        (
            *(600, "65.86"),
            "Second was lead L2: stage and score are equal, but its turn comes later (rule A6).",
            "Вторым стояло обращение L2: ступень и оценка равны, но его очередь позже (правило"
            " A6).",
        ),
    ],
)
def test_what_the_second_lacked(stage: int, score: str, english: str, russian: str) -> None:
    second = ("L2", pack(stage, Decimal(score), NOON, Ties.NEWEST))
    check_said(english, russian, CHAT, (), decide(ServedVia.LINE, RANK, second))


def test_other_ways_of_being_served() -> None:
    check_said(
        "The line did not answer. The database served it because no lead that this operator may"
        " take stood higher: stage 600, score 65.86.",
        "Очередь не отвечала, обращение выдано из базы данных: среди доступных этому оператору"
        " не было ни одного выше (ступень 600, оценка 65,86).",
        *(CHAT, (), decide(ServedVia.STORAGE, RANK)),
    )
    check_said(
        "The second lead was not recorded.",
        "Какое обращение было вторым, не записано.",
        *(CHAT, (), {"way": "storage", "second": None}),
    )
    asked_for = decide(ServedVia.ASKED_FOR, RANK)
    assert sentences(CHAT, (), asked_for, "en")[-1] == (
        "The operator chose it out of order; it stood on stage 600, score 65.86."
    )
    assert sentences(CHAT, (), asked_for, "ru")[-1] == (
        "Оператор сам выбрал обращение вне порядка; оно стояло на ступени 600 с оценкой 65,86."
    )


def test_a_way_that_is_not_known_here_is_named() -> None:
    check_said(
        "It was served (transfer) on stage 600, score 65.86.",
        "Обращение выдано (transfer) на ступени 600 с оценкой 65,86.",
        *(CHAT, (), {**decide(ServedVia.LINE, RANK), "way": "transfer"}),
    )


def test_who_was_kept_out_and_by_which_rule() -> None:
    higher = pack(800, Decimal("70"), NOON, Ties.NEWEST)
    not_eligible = [{"lane": "complaints", "lead_id": "L3", "rank": higher, "rule": "B4"}]
    check_said(
        "Lead L3 (stage 800, score 70) was not available: it waits in the lane complaints (rule"
        " B4).",
        "Обращение L3 (ступень 800, оценка 70) не выдавалось: оно ждёт на дорожке complaints"
        " (правило B4).",
        *(CHAT, (), {**decide(ServedVia.LINE, RANK), "not_eligible": not_eligible}),
    )


def test_both_languages_have_the_same_sentences_and_vocabularies() -> None:
    for name in ("SAY", "KIND", "KINDS", "INTENT"):
        assert set(getattr(sentences_english, name)) == set(getattr(sentences_russian, name))
    for kinds in (sentences_english.KIND, sentences_russian.KINDS):
        assert set(kinds) == {kind.value for kind in Kind}
    assert set(sentences_english.INTENT) == {intent.value for intent in Intent}


outcomes = st.none() | st.builds(Outcomes, st.integers(0, 10**6), st.integers(0, 10**6))
written = st.builds(
    a_situation,
    channel=st.sampled_from(Channel),
    text=st.sampled_from(["колодки, готов купить, 8 912 345-67-89 Ирина", "бампер, 20 т.р."]),
)


@steady
@given(situations | written, policies(), situations, outcomes)
def test_whatever_is_explained_is_told_in_both_languages(
    situation: RankingInput, policy: Policy, another: RankingInput, seen: Outcomes | None
) -> None:
    observed = {(kind, intent): seen for kind in Kind for intent in Intent} if seen else {}
    ranking = rank_lead(situation, policy, NOON, observed)
    decision = decide(ServedVia.LINE, ranking.rank, ("L2", rank_lead(another, policy, NOON).rank))
    english, russian = (
        sentences(ranking.explanation, ranking.timeline, decision, language)
        for language in ("en", "ru")
    )
    assert len(english) == len(russian) > 10
    for sentence in (*english, *russian):
        assert sentence.endswith(".")
        assert not [
            wrong for wrong in ("{", "None", "Ирина", "345-67", "79123456789") if wrong in sentence
        ]

"""Why a lead stands where it stands, in words of two languages."""

import pytest
from builders import NOON
from ranking_builders import WORDY, a_situation
from sentence_builders import CHAT, RANK, a_step, check_said, reported, spoken

from service.explaining.sentences import sentences
from service.leads.lead import Intent, Kind, Outcomes
from service.ranking.decision import ServedVia, decide
from service.ranking.rank import rank_lead


def test_a_chat_is_told_from_the_first_to_the_last_sentence() -> None:
    steps = [a_step(5, 620, "65.86", "after 5 minutes", "A6")]
    assert sentences(CHAT, steps, decide(ServedVia.LINE, RANK), "en") == [
        "This is a chat; the client wants to buy.",
        "It stands on stage 600: the stage of chats (rule A2).",
        "The chance of an order is 45%: usual for chats (rule A3).",
        "The order may be worth 5,000 RUB: stated with the request (rule A1).",
        "The urgency is 0.9 of 1: stated with the request (rule A1).",
        "Such a client waits about 2.5 minutes; a minute of waiting costs 895.03 RUB.",
        "The score is 65.86 of 100, by version 1 of the policy.",
        "Among equals, the newest goes first (rule A6).",
        "From 2026-06-10 15:05 MSK: stage 620, score 65.86; the client has waited 5 minutes of"
        " working time (rule A6).",
        "It was served because no lead that this operator may take stood higher: stage 600,"
        " score 65.86.",
        "There was no second lead in this queue.",
    ]
    assert [
        spoken(sentence) for sentence in sentences(CHAT, steps, decide(ServedVia.LINE, RANK), "ru")
    ] == [
        "Это чат; клиент хочет купить.",
        "Обращение стоит на ступени 600: это ступень чатов (правило A2).",
        "Вероятность заказа — 45 %: обычная для чатов (правило A3).",
        "Возможная сумма заказа — 5 000 ₽: указана в обращении (правило A1).",
        "Срочность — 0,9 из 1: указана в обращении (правило A1).",
        "Такой клиент ждёт около 2,5 минуты; минута ожидания стоит 895,03 ₽.",
        "Оценка — 65,86 из 100 по правилам версии 1.",
        "Из равных первым идёт самое новое (правило A6).",
        "С 10.06.2026 15:05 MSK: ступень 620, оценка 65,86; клиент ждёт уже 5 минут рабочего"
        " времени (правило A6).",
        "Обращение выдано: среди доступных этому оператору не было ни одного выше (ступень 600,"
        " оценка 65,86).",
        "Второго обращения в очереди не было.",
    ]


@pytest.mark.parametrize(
    ("source", "english", "russian"),
    [
        (
            "promised callback is due",
            "the promised callback is due",
            "подошло время обещанного звонка",
        ),
        ("missed call", "nobody answered the call", "на звонок никто не ответил"),
        ("visitor left", "the visitor has left", "посетитель ушёл"),
        (
            "after 1 minutes",
            "the client has waited 1 minute of working time",
            "клиент ждёт уже 1 минуту рабочего времени",
        ),
        (
            "after 122 minutes",
            "the client has waited 122 minutes of working time",
            "клиент ждёт уже 122 минуты рабочего времени",
        ),
        (
            "before_cutoff 21 minutes",
            "the supplier's cut-off is at most 21 minutes away",
            "до отсечки поставщика не больше 21 минуты",
        ),
        (
            "before_closing 120 minutes",
            "closing time is at most 120 minutes away",
            "до закрытия не больше 120 минут",
        ),
        ("something new", "something new", "something new"),
    ],
)
def test_why_it_stands_on_its_stage(source: str, english: str, russian: str) -> None:
    check_said(
        f"It stands on stage 750: {english} (rule A8).",
        f"Обращение стоит на ступени 750: {russian} (правило A8).",
        reported(stage={"value": 750, "source": source, "rule": "A8"}),
        (),
        None,
    )


def test_all_that_a_chance_is_made_of() -> None:
    text = "готов купить, JTDBR32E720123456"
    seen = {(Kind.CHAT, Intent.RETURN): Outcomes(1, 8)}
    situation = a_situation(text=text, intent=Intent.RETURN)
    check_said(
        "The chance of an order is 16.5%: usual for chats; corrected because the client wants"
        " to return something; 1 of 9 so far ended in an order; the words “ready” multiply it by"
        " 1.5; a known car multiplies it by 1.2 (rules A3, A10, A6).",
        "Вероятность заказа — 16,5 %: обычная для чатов; с поправкой на то, что клиент хочет"
        " вернуть товар; заказов пока 1 из 9; слова «готов купить» умножают её на 1,5; машина"
        " известна, это умножает её на 1,2 (правила A3, A10, A6).",
        rank_lead(situation, WORDY, NOON, seen).explanation,
        (),
        None,
    )


@pytest.mark.parametrize(
    ("part", "value", "source", "english", "russian"),
    [
        (
            *("budget", "1234567.50", "items"),
            "The order may be worth 1,234,567.50 RUB: the sum of the chosen goods (rule A1).",
            "Возможная сумма заказа — 1 234 567,50 ₽: сумма выбранных товаров (правило A1).",
        ),
        (
            *("budget", "0.00", "price in the text"),
            "The order may be worth 0 RUB: the price in the message (rule A1).",
            "Возможная сумма заказа — 0 ₽: цена из сообщения (правило A1).",
        ),
        (
            *("budget", "10000.00", "text pads ×2, bumper"),
            "The order may be worth 10,000 RUB: the message speaks of pads ×2, bumper (rule A1).",
            "Возможная сумма заказа — 10 000 ₽: в сообщении названо: pads ×2, bumper (правило A1).",
        ),
        (
            *("budget", "7000.00", "usual bill of phone"),
            "The order may be worth 7,000 RUB: the usual bill of phone calls (rule A1).",
            "Возможная сумма заказа — 7 000 ₽: обычный чек для телефонных звонков (правило A1).",
        ),
        (
            *("urgency", 0.379, "needed_by"),
            "The urgency is 0.38 of 1: the client named a deadline (rule A1).",
            "Срочность — 0,38 из 1: клиент назвал срок (правило A1).",
        ),
        (
            *("urgency", 1.0, "text pads, urgent"),
            "The urgency is 1 of 1: the message speaks of pads, urgent (rule A1).",
            "Срочность — 1 из 1: в сообщении названо: pads, urgent (правило A1).",
        ),
        (
            *("urgency", 0.0004, "kind task"),
            "The urgency is less than 0.01 of 1: usual for call tasks (rule A1).",
            "Срочность — меньше 0,01 из 1: обычная для задач на звонок (правило A1).",
        ),
    ],
)
def test_where_budget_and_urgency_come_from(
    part: str, value: object, source: str, english: str, russian: str
) -> None:
    finding = {"value": value, "source": source, "rule": "A1"}
    check_said(english, russian, reported(**{part: finding}), (), None)


@pytest.mark.parametrize(
    ("minutes", "english", "russian"),
    [
        (1, "1 minute", "1 минуты"),
        (21.4, "21 minutes", "21 минуты"),
        (100, "100 minutes", "100 минут"),
        (120, "2 hours", "2 часов"),
        (398, "6.6 hours", "6,6 часа"),
        (1270, "21 hours", "21 часа"),
        (4012, "2.8 days", "2,8 дня"),
        (10080, "7 days", "7 дней"),
        (525600, "365 days", "365 дней"),
    ],
)
def test_how_long_a_client_waits(minutes: float, english: str, russian: str) -> None:
    check_said(
        f"Such a client waits about {english}; a minute of waiting costs less than 0.01 EUR.",
        f"Такой клиент ждёт около {russian}; минута ожидания стоит меньше 0,01 EUR.",
        reported(patience_minutes=minutes, cost_per_minute=0.004, currency="EUR"),
        (),
        None,
    )


def test_an_explanation_without_a_currency_names_none() -> None:
    plain = {name: part for name, part in CHAT.items() if name != "currency"}
    check_said(
        "The order may be worth 5,000: stated with the request (rule A1).",
        "Возможная сумма заказа — 5 000: указана в обращении (правило A1).",
        *(plain, (), None),
    )


def test_a_lane_that_is_not_everybodys_is_named() -> None:
    check_said(
        "It waits in the lane complaints.",
        "Обращение ждёт на дорожке complaints.",
        *(reported(lane="complaints"), (), None),
    )

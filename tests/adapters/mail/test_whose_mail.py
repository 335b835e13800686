"""Mails as services pass them on: whose they are, and which of them no person wrote."""

import pytest
from webhooks.deliveries import a_delivery, a_source

from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.mail.inbound_mail import events_in
from service.adapters.mail.message import Mail, listed
from service.adapters.mail.own_words import own_words
from service.leads.customer import Customer

PASSED_ON = "a1b2c3@inbound.postmarkapp.example"
CLIENT = "Ольга <olga@example.org>"


def event_of(
    sender: str, subject: str = "Заказ", plain: str = "Нужна фара", **headers: str
) -> InboundEvent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    mail = Mail(sender, subject, listed(named.items()), plain=plain, to=PASSED_ON)
    (event,) = events_in(mail, a_source("postmark"), a_delivery())
    return event


def client_of(sender: str, **more: str) -> Customer | None:
    event = event_of(sender, **more)
    assert isinstance(event, ClientMessage), event
    return event.signal.customer


@pytest.mark.parametrize("header", ["To", "Delivered_To", "X_Original_To", "Envelope_To"])
def test_the_shop_s_own_address_is_known_by_where_the_mail_was_sent_first(header: str) -> None:
    sent = {header: "Заказы <zakaz@parts.example>", "Reply_To": CLIENT}
    client = client_of("Сайт <order@parts.example>", **sent)
    assert client == Customer(name="Ольга", email="olga@example.org")


@pytest.mark.parametrize("besides", ["boss@company.example", "olga@company.example"])
def test_who_writes_to_the_shop_and_to_their_own_people_is_a_client(besides: str) -> None:
    sent_to = f"Заказы <zakaz@parts.example>, {besides}"
    client = client_of("Ольга <olga@company.example>", To=sent_to)
    assert client == Customer(name="Ольга", email="olga@company.example")


def test_of_several_to_answer_the_one_who_is_not_the_shop_is_the_client() -> None:
    answer = f"order@parts.example, {CLIENT}"
    client = client_of("order@parts.example", To="zakaz@parts.example", Reply_To=answer)
    assert client == Customer(name="Ольга", email="olga@example.org")


def test_a_form_of_another_firm_is_known_by_its_fields() -> None:
    form = "Ваше имя: Ольга\nТел: 8 (914) 700-12-13\nНужна фара"
    client = client_of("leads@forms-for-all.example", plain=form, Reply_To="olga@example.org")
    assert client == Customer(name="Ольга", phone="+79147001213", email="olga@example.org")


def test_what_a_program_made_of_itself_is_of_whom_it_names() -> None:
    made = {"Auto_Submitted": "auto-generated; rev=2", "Precedence": "junk", "Reply_To": CLIENT}
    assert client_of("orders@builder.example", **made) == Customer(
        name="Ольга", email="olga@example.org"
    )


def test_without_anybody_to_answer_it_is_shown_who_sent_it() -> None:
    event = event_of("Сайт <order@parts.example>", To="zakaz@parts.example")
    assert isinstance(event, ClientMessage)
    assert event.signal.customer is None
    assert (event.signal.attributes or {})["from"] == "Сайт <order@parts.example>"


@pytest.mark.parametrize(
    "subject",
    [
        "Не доставлен заказ 1544",
        "Не удалось доставить посылку, ждал весь день",
        "Ошибка доставки: не тот адрес",
        "В отпуске сломалось сцепление, нужна посылка в Сочи",
        "Отсутствует сальник в комплекте",
        "Доставлено не то масло",
        "Автоматический регулятор тормозов на Вольво",
    ],
)
def test_a_client_who_writes_of_a_parcel_or_a_holiday_is_a_client(subject: str) -> None:
    if subject.startswith("Ошибка доставки:"):
        assert event_of(CLIENT, subject) == Ignored(IgnoredReason.BOUNCE)
        return
    assert isinstance(event_of(CLIENT, subject), ClientMessage)


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("Не доставлено: Ваш заказ", IgnoredReason.BOUNCE),
        ("Не удалось доставить сообщение", IgnoredReason.BOUNCE),
        ("Не удаётся доставить: счёт", IgnoredReason.BOUNCE),
        ("Я в отпуске до 14.07", IgnoredReason.ABSENCE_NOTE),
        ("Re: счёт. В отпуске с 3 июля", IgnoredReason.ABSENCE_NOTE),
        ("В отпуске", IgnoredReason.ABSENCE_NOTE),
        ("Отсутствую на рабочем месте", IgnoredReason.ABSENCE_NOTE),
        ("Прочитано: Ваш заказ", IgnoredReason.RECEIPT),
    ],
)
def test_what_programs_answer_by_themselves_is_ignored(subject: str, reason: IgnoredReason) -> None:
    expected = ClientMessage if subject.startswith("Re: счёт") else Ignored
    event = event_of(CLIENT, subject)
    assert isinstance(event, expected)
    assert isinstance(event, ClientMessage) or event.reason is reason


@pytest.mark.parametrize(
    ("headers", "is_note"),
    [
        ({"X_Autoreply": "no"}, False),
        ({"X_Autoreply": "yes"}, True),
        ({"Precedence": "auto_reply"}, True),
        ({"Precedence": "bulk", "List_Id": "<parts.example>"}, False),
    ],
)
def test_what_a_header_says_counts_and_not_that_it_is_there(
    headers: dict[str, str], is_note: bool
) -> None:
    assert isinstance(event_of(CLIENT, **headers), Ignored) is is_note


def test_a_form_may_call_itself_an_automatic_notice() -> None:
    client = client_of(
        "noreply@parts.example", subject="Автоматическое уведомление", Reply_To=CLIENT
    )
    assert client is not None
    assert client.email == "olga@example.org"


@pytest.mark.parametrize(
    "introduced",
    [
        "четверг, 11 июня 2026г., 09:30 +03:00 от Отдел продаж sales@parts.example :\n\nЗвоните",
        "Отдел продаж писал 2026-06-11 09:30:\n> Звоните",
        "11.06.2026, 09:30, Отдел продаж <sales@parts.example>\n> Звоните",
        "--- Ответ выше этой линии ---\nЗвоните",
        "-------- Исходное сообщение --------От: sales@parts.example Дата: 11.06.26 Звоните",
        "----- Бастапқы хабарлама -----Кімнен: sales@parts.example Звоните",
    ],
)
def test_quotations_of_more_programs_are_cut(introduced: str) -> None:
    assert own_words(f"Жду ответа\n\n{introduced}") == "Жду ответа"


@pytest.mark.parametrize(
    "words",
    [
        "Пишите мне <olga@example.org>:\nнужна фара 2012 года",
        "Менеджер написал 11.06, что есть:\nфара, стекло",
        "Приеду 11.06.2026 в 10:00, отложите:\nфару, стекло",
    ],
)
def test_a_client_s_own_list_is_no_quotation(words: str) -> None:
    assert own_words(words) == words

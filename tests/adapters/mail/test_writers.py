"""Who wrote a mail that a form of the site, a group or a program sent."""

import pytest
from webhooks.deliveries import a_delivery, a_source

from service.adapters.inbound_event import ClientMessage
from service.adapters.mail.inbound_mail import events_in
from service.adapters.mail.message import Mail, listed
from service.leads.customer import Customer

SOURCE = a_source("mailgun")
FORM = "Имя: Олег\nТелефон: 8 (900) 123-45-67\nE-mail: oleg@example.org\nНужна фара"


def client_of(sender: str, headers: dict[str, str] | None = None, **more: str) -> Customer | None:
    mail = Mail(
        sender,
        **{"subject": "Заявка", "plain": "Нужна фара", **more},
        headers=listed((headers or {}).items()),
    )
    (event,) = events_in(mail, SOURCE, a_delivery())
    assert isinstance(event, ClientMessage), event
    return event.signal.customer


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        ("Магазин <order@parts.example>", "zakaz@parts.example"),
        ("Магазин <order@parts.example>", "Заказы <zakaz@in.parts.example>"),
        ("order@www.parts.example", "zakaz@parts.example"),
        ("shop@mail.ru", "shop@mail.ru"),
        ("WordPress <wordpress@hosting.example>", "zakaz@parts.example"),
        ("site-form@hosting.example", "zakaz@parts.example"),
        ("notifications@forms.example", "zakaz@parts.example"),
    ],
)
def test_of_the_shop_s_own_and_programs_mail_the_one_to_answer_is_the_client(sender, to):
    client = client_of(sender, {"Reply-To": "Пётр <petr@example.org>"}, to=to)
    assert client is not None
    assert (client.email, client.name) == ("petr@example.org", "Пётр")


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        ("Анна <anna@mail.ru>", "shop@mail.ru"),
        ("Анна <anna@company.example>", "zakaz@parts.example"),
        ("Анна <anna@gmail.com>", "zakaz@parts.example"),
    ],
)
def test_a_person_is_the_client_whoever_is_to_be_answered(sender, to):
    client = client_of(sender, {"Reply-To": "office@company.example"}, to=to)
    assert client is not None
    assert client.name == "Анна"
    assert client.email == sender.partition("<")[2].rstrip(">")


def test_a_form_that_says_who_asks_only_in_its_words_is_of_that_client():
    client = client_of("noreply@parts.example", {"Auto-Submitted": "auto-generated"}, plain=FORM)
    assert client == Customer(name="Олег", phone="+79001234567", email="oleg@example.org")


def test_a_group_tells_whose_mail_it_passed_on():
    headers = {"X-Original-Sender": "igor@example.org", "List-Id": "<sales.parts.example>"}
    sender = "'Игорь Ким' via Продажи <sales@parts.example>"
    client = client_of(sender, headers, to="sales@parts.example")
    assert client is not None
    assert (client.name, client.email) == ("Игорь Ким", "igor@example.org")


def test_lines_of_a_person_s_mail_are_words_and_no_fields():
    client = client_of("Анна <anna@example.org>", plain="Имя: Олег\nНужна фара")
    assert client == Customer(name="Анна", email="anna@example.org")

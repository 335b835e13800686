"""Mails of clients, whichever service hands them over."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhooks.deliveries import NOON, a_delivery, a_source

from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import ClientMessage
from service.adapters.mail.inbound_mail import events_in
from service.adapters.mail.message import Mail, decoded, listed, sender_of
from service.adapters.mail.own_words import own_words
from service.adapters.markup import words_of_codes, words_of_html
from service.leads.lead import Signal

SOURCE = a_source("mailgun")
QUOTED = "Звоните +7 495 123-45-67"


def inbound(sender: str = "Анна <anna@example.ru>", **more: object) -> list[Signal]:
    headers = listed(dict(more.pop("headers", {})).items())
    fields = {"subject": "Фара", "plain": "Есть?", **more}
    words = events_in(Mail(sender, headers=headers, **fields), SOURCE, a_delivery())
    return [word.signal for word in words if isinstance(word, ClientMessage)]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("Анна <Anna@Example.ru>", ("Анна", "anna@example.ru")),
        ("anna@example.ru", (None, "anna@example.ru")),
        ('"Belova, Anna" <anna@example.ru>', ("Belova, Anna", "anna@example.ru")),
        ("=?UTF-8?B?0JDQvdC90LA=?= <anna@example.ru>", ("Анна", "anna@example.ru")),
        ("=?koi8-r?B?4c7OwQ==?= <anna@example.ru>", ("Анна", "anna@example.ru")),
        ("=?UTF-8?Q?boss=40shop.example?= <a@b.ru>", ("boss@shop.example", "a@b.ru")),
        ('"boss@shop.example <boss@shop.example>" <a@b.ru>', None),
        ("(" * 1000 + " <a@b.ru>", (None, "")),
        ("", (None, "")),
    ],
)
def test_a_sender_is_his_name_and_his_address(sent, found):
    assert (sender_of(sent) == found) if found else (sender_of(sent)[1] == "a@b.ru")


@pytest.mark.parametrize(
    "sent", ["=?x?B?0?=", "=?UTF-8?B?***?=", "=?zlib?B?eJw=?=", "=?utf-8?q?=FF"]
)
def test_encoded_words_that_cannot_be_read_do_no_harm(sent):
    assert isinstance(decoded(sent), str)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_mail_holds_it_is_heard_or_left_out(sender, subject, words):
    for signal in inbound(
        sender, subject=subject, plain=words, headers={"Date": words, "X": subject}
    ):
        assert signal.text
        assert len(signal.external_id or "") <= 200


def why(sender: str = "Анна <anna@example.ru>", **more: object) -> IgnoredReason | None:
    """Why no lead comes of a mail."""
    headers = listed(dict(more.pop("headers", {})).items())
    fields = {"subject": "Фара", "plain": "Есть?", **more}
    (event,) = events_in(Mail(sender, headers=headers, **fields), SOURCE, a_delivery())
    return event.reason if isinstance(event, Ignored) else None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, IgnoredReason.ABSENCE_NOTE),
        ({"X-Autoreply": "yes"}, IgnoredReason.ABSENCE_NOTE),
        ({"Auto-Submitted": "auto-generated; owner-email=a@b.ru"}, IgnoredReason.AUTOMATIC_MAIL),
        ({"Return-Path": "<>"}, IgnoredReason.BOUNCE),
        (
            {"Content-Type": 'multipart/report; report-type="disposition-notification"'},
            IgnoredReason.RECEIPT,
        ),
        (
            {"Content-Type": "multipart/report; report-type=delivery-status"},
            IgnoredReason.BOUNCE,
        ),
        ({"X-Spam-Flag": "YES"}, IgnoredReason.SPAM),
        ({"X-Spam-Status": "No, score=-1.0"}, None),
        # how a mail travelled, and what it asks of other machines, says nothing
        ({"Auto-Submitted": "no"}, None),
        ({"Precedence": "bulk"}, None),
        ({"Precedence": "list", "List-Id": "<sales.shop.example>"}, None),
        ({"Precedence": "JUNK", "List-Unsubscribe": "<mailto:a@b.ru>"}, None),
        ({"X-Auto-Response-Suppress": "OOF, AutoReply"}, None),
        ({}, None),
    ],
)
def test_what_machines_send_by_themselves_is_ignored_with_its_reason(headers, reason):
    assert why(headers=headers) is reason


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@example.ru", "Bounce <postmaster@example.ru>"])
def test_what_comes_from_a_mail_server_is_a_bounce(sender):
    assert why(sender) is IgnoredReason.BOUNCE


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("Автоответ: Фара", IgnoredReason.ABSENCE_NOTE),
        ("Re: Автоматический ответ", IgnoredReason.ABSENCE_NOTE),
        ("Я в отпуске до 12 июня", IgnoredReason.ABSENCE_NOTE),
        ("Автовідповідь: Фара", IgnoredReason.ABSENCE_NOTE),
        ("Автоматты жауап: Фара", IgnoredReason.ABSENCE_NOTE),
        ("Out of Office: Фара", IgnoredReason.ABSENCE_NOTE),
        ("Automatic reply: Фара", IgnoredReason.ABSENCE_NOTE),
        ("Прочитано: Фара", IgnoredReason.RECEIPT),
        ("Read: Фара", IgnoredReason.RECEIPT),
        ("Недоставленное сообщение", IgnoredReason.BOUNCE),
        ("Undelivered Mail Returned to Sender", IgnoredReason.BOUNCE),
        ("Автоответчик на Приору", None),
        ("Отпускная цена на фару?", None),
        ("Доставлено не то", None),
        ("Readiness of my order", None),
    ],
)
def test_a_subject_tells_what_no_person_wrote(subject, reason):
    assert why(subject=subject) is reason


def test_a_sending_time_is_believed_for_as_long_as_mail_may_be_on_its_way():
    written = NOON - timedelta(hours=9)
    for sent, expected in (
        ("Wed, 10 Jun 2026 03:00:00 +0300", written),
        ("Wed, 10 Jun 2026 00:00:00 -0000", written),
        ("Mon, 01 Jan 2001 00:00:00 +0000", NOON),
        ("Thu, 11 Jun 2026 00:00:00 +0000", NOON),
        ("Wed, 99 Jun 2026 99:99:99 +9999", NOON),
        ("yesterday", NOON),
    ):
        (signal,) = inbound(headers={"Date": sent})
        assert signal.received_at == expected


def test_a_mail_is_known_by_its_message_id_however_it_is_written():
    ids = {inbound(message_id=sent)[0].external_id for sent in ("<a@b.ru>", "a@b.ru", " <a@b.ru> ")}
    assert ids == {"mail:a@b.ru"}
    (from_header,) = inbound(headers={"Message-ID": "<a@b.ru>"})
    assert from_header.external_id == "mail:a@b.ru"


def test_a_mail_without_an_id_or_with_a_long_one_is_known_by_what_it_says():
    for more in ({}, {"message_id": "<" + "a" * 300 + ">"}):
        one, again, other = (inbound(**more, plain=sent)[0] for sent in ("A", "A", "B"))
        assert one.external_id == again.external_id != other.external_id


def test_a_mail_of_nothing_but_a_picture_says_so():
    assert inbound(subject="", plain="", attachments=2)[0].text == "[attachment]"
    assert inbound(subject=None, plain=None)[0].text == "[mail]"


@pytest.mark.parametrize(
    "quotation",
    [
        f"> {QUOTED}",
        f"On Tue, 9 Jun 2026 at 15:02, Shop <a@shop.example> wrote:\n{QUOTED}",
        f"On Tue, Jun 9, 2026 at 3:02 PM Shop\n<a@shop.example> wrote:\n> {QUOTED}",
        f"вт, 9 июн. 2026 г. в 15:02, Shop <a@shop.example>:\n{QUOTED}",
        f"9 июня 2026 Shop писал(а):\n{QUOTED}",
        f"-----Original Message-----\n{QUOTED}",
        f"-- Исходное сообщение --\n{QUOTED}",
        f"От: Shop\nОтправлено: 9 июня 2026\n{QUOTED}",
        f"From: Shop <a@shop.example>\nSent: Tuesday\n{QUOTED}",
    ],
)
def test_what_a_client_quotes_is_not_his_own(quotation):
    assert own_words(f"Беру обе.\r\n\r\n{quotation}") == "Беру обе."
    (signal,) = inbound(plain=f"Беру обе.\n\n{quotation}")
    assert signal.customer is not None
    assert signal.customer.phone is None


def test_who_answers_below_a_quotation_is_heard_as_well():
    assert own_words("Shop <a@shop.example>:\n> Берёте?\nДа, беру") == (
        "Shop <a@shop.example>:\nДа, беру"
    )


def test_a_forwarded_mail_is_kept_whole():
    forwarded = "Посмотри\n\n---------- Forwarded message ---------\nНужна фара"
    assert own_words(forwarded) == forwarded


def test_html_becomes_lines_of_words():
    html = (
        "<!doctype html><head><title>t</title></head><style>p{color:red}</style>"
        "<!-- <p>hidden</p> --><p>Добрый&nbsp;день!</p><div>Нужна <b>фара</b><br>левая</div>"
        "<script>alert('<p>1</p>')</script>2 &lt; 3"
    )
    assert words_of_html(html) == "Добрый день!\nНужна фара\nлевая\n2 < 3"


@pytest.mark.parametrize(
    "sent", ["<" * 9999, "<script>" * 9999, "<!--" * 9999, "<p" * 9999, "[b" * 9999]
)
def test_markup_that_is_never_closed_ends_with_the_text(sent):
    assert len(words_of_codes(sent)) <= len(sent)

"""Who wrote a mail: its From, or, where that is the shop's own or a program's, whom it names.

A form of the site writes from the shop's address and names the client in Reply-To; a group of
Google's writes in its own name and tells whose mail it passed on. What is the shop's own is known
by every address that the mail was sent to: services pass it on to one of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.adapters.mail.message import Mail, sender_of, senders_of
from service.adapters.normalise import email, name

PROGRAMS = re.compile(
    r"(?:^|[._+-])(?:no-?_?reply|do-?not-?reply|noreply|donotreply|mailer|robot|bot|notify|notifier"
    r"|notifications?|wordpress|www-data|apache|nobody|sendmail|php|forms?|webform|website|site"
    r"|tilda|wpforms|autoreply|daemon)(?:$|[._+-])|^no.?reply|^do.?not.?reply"
)
# where strangers have their mail: there a common domain says nothing
PUBLIC = frozenset(
    {"mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "vk.com", "yandex.ru", "ya.ru"}
    | {"yandex.com", "yandex.kz", "yandex.by", "yandex.ua", "rambler.ru", "lenta.ru", "ro.ru"}
    | {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"}
    | {"yahoo.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "web.de"}
    | {"ukr.net", "i.ua", "meta.ua", "tut.by", "mail.kz", "proton.me", "protonmail.com"}
)
NAMED = ("reply-to", "x-original-from", "x-original-sender", "x-google-original-from")
SENT_TO = ("to", "delivered-to", "x-original-to", "x-forwarded-to", "envelope-to", "resent-to")
BY_PROGRAM = ("auto-generated", "auto-notified")
THROUGH = re.compile(r"\s+(?:via|через|чрез)\s+.{1,100}$", re.IGNORECASE)
QUOTED = re.compile(r"^['\"«]+|['\"»]+$")


@dataclass(frozen=True, slots=True)
class MailWriter:
    """Who wrote a mail; `by_program` when From was a program's or the shop's own.

    The address is None when nobody reads it: then only the mail's words may say whose it is.
    """

    name: str | None
    address: str | None
    by_program: bool = False


def writer_of(
    mail: Mail, own: frozenset[str] = frozenset(), *, is_form: bool = False
) -> MailWriter:
    """The client behind a mail; `own` are addresses and `@domains` of the shop itself.

    What has the fields of a form is by a program, whatever its From, if it names whom to answer.
    """
    called, address = sender_of(mail.sender)
    is_nobodys = _is_nobodys(address, mail, own)
    if not (is_nobodys or is_form or _is_generated(mail)):
        return MailWriter(_plain(called), email(address))
    for other, reply_to in _named(mail):
        if reply_to != address and email(reply_to) and not _is_nobodys(reply_to, mail, own):
            return MailWriter(_plain(other) or _passed_on(called), reply_to, by_program=True)
    if not is_nobodys:
        return MailWriter(_plain(called), email(address))
    return MailWriter(None, None, by_program=True)


def is_program(address: str) -> bool:
    """Whether an address is of a program that nobody reads the mail of."""
    return PROGRAMS.search(address.partition("@")[0]) is not None


def _named(mail: Mail) -> Iterator[tuple[str | None, str]]:
    """Whom a mail names besides its From; several may be to be answered."""
    for header in NAMED:
        yield from senders_of(mail.header(header) or "")


def _is_generated(mail: Mail) -> bool:
    submitted = (mail.header("auto-submitted") or "").partition(";")[0].strip().lower()
    return submitted in BY_PROGRAM


def _is_nobodys(address: str, mail: Mail, own: frozenset[str]) -> bool:
    domain = address.rpartition("@")[2]
    if is_program(address) or {address, f"@{domain}"} & own:
        return True
    given = (mail.to, *(mail.header(header) for header in SENT_TO))
    # a client may write to the shop and to their own people at once: that proves nothing
    return any(_is_all_of_house(address, item) for item in given if item)


def _is_all_of_house(address: str, recipients: str) -> bool:
    """Whether everybody whom a header names is the sender, or of the sender's house."""
    domain, found = address.rpartition("@")[2], [item for _, item in senders_of(recipients)]
    return bool(found) and all(
        item == address or _is_one_house(domain, item.rpartition("@")[2]) for item in found
    )


def _is_one_house(domain: str, other: str) -> bool:
    """Whether one domain is the other or lies below it, and is no service's where many write."""
    if not domain or not other or domain in PUBLIC or other in PUBLIC:
        return False
    return f".{other}".endswith(f".{domain}") or f".{domain}".endswith(f".{other}")


def _passed_on(called: str | None) -> str | None:
    """The name in `Иван via Продажи`; a form's own name is no client's."""
    return _plain(called) if called and THROUGH.search(called) else None


def _plain(called: str | None) -> str | None:
    return name(QUOTED.sub("", THROUGH.sub("", called)).strip()) if called else None

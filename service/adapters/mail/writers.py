"""Finds the writer of a mail: its From, or the person it names when From is a program.

A form of the site writes from the shop's address and names the client in Reply-To. A Google group
writes in its own name and names the original sender. The shop's own addresses include those that
the mail was sent to, because services forward mail to one of their own.
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
# public mail domains: a common domain proves nothing there
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
    """The writer of a mail. `by_program` is true when From was a program or the shop itself.

    The address is None when nobody reads it. Then only the text may name the client.
    """

    name: str | None
    address: str | None
    by_program: bool = False


def writer_of(
    mail: Mail, own: frozenset[str] = frozenset(), *, is_form: bool = False
) -> MailWriter:
    """The client behind a mail; `own` are addresses and `@domains` of the shop itself.

    A mail with the fields of a form counts as a program's, whatever its From, if it names a person
    to answer.
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
    """Whether an address belongs to a program, so that nobody reads its mail."""
    return PROGRAMS.search(address.partition("@")[0]) is not None


def _named(mail: Mail) -> Iterator[tuple[str | None, str]]:
    """The persons that a mail names besides its From; there may be several."""
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
    # a client may write to the shop and to their own colleagues at once: that proves nothing
    return any(_is_all_of_house(address, item) for item in given if item)


def _is_all_of_house(address: str, recipients: str) -> bool:
    """Whether all addresses in a header are the sender's own or in the sender's domain."""
    domain, found = address.rpartition("@")[2], [item for _, item in senders_of(recipients)]
    return bool(found) and all(
        item == address or _is_one_house(domain, item.rpartition("@")[2]) for item in found
    )


def _is_one_house(domain: str, other: str) -> bool:
    """Whether one domain equals the other or lies below it, and neither is a public mail domain."""
    if not domain or not other or domain in PUBLIC or other in PUBLIC:
        return False
    return f".{other}".endswith(f".{domain}") or f".{domain}".endswith(f".{other}")


def _passed_on(called: str | None) -> str | None:
    """The name in `Иван via Продажи`; None for a form's own name."""
    return _plain(called) if called and THROUGH.search(called) else None


def _plain(called: str | None) -> str | None:
    return name(QUOTED.sub("", THROUGH.sub("", called)).strip()) if called else None

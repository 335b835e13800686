"""Recognises mails that no person wrote: bounces, absence notes, receipts, automatic news, spam.

How a mail travelled proves nothing: lists, groups and `Precedence` also bring clients' mails. Forms
of sites set such headers so that no absence note answers them.
"""

import re

from service.adapters.ignored import IgnoredReason
from service.adapters.mail.message import Mail, decoded, sender_of

SERVERS = ("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon")
ABSENCE_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
SPAM_HEADERS = ("x-spam-flag", "x-mailgun-sflag", "x-spam-status", "x-spam")
AGAIN = r"^(?:(?:re|aw|ответ|відповідь|на|fw|fwd)\s*:\s*)*\W*"
# Clients write about their holiday or a parcel that did not come. So where
# common words begin a subject, it must go on as programs' subjects do.
ABSENCE = re.compile(
    AGAIN + r"(?:авто(?:матический\s+)?ответ\b|автоматичес\w+\s+(?:сообщение|уведомление)\b"
    r"|автовідповідь\b|автоматична\s+відповідь\b|автожауап\b|автоматты\s+жауап\b"
    r"|демалыстамын\b|кеңседе\s+жоқпын\b|меня\s+нет\s+(?:на|в)\s+(?:рабочем|месте|офисе)\b"
    r"|(?:нет\s+на\s+(?:рабочем\s+)?месте|(?:я\s+)?(?:сейчас\s+)?в\s+отпуске|отсутствую"
    r"|вне\s+офиса|(?:я\s+)?у\s+відпустці|поза\s+офісом)"
    r"(?=\s*[.!:;()–—\d-]|\s*$|\s+(?:до|с|по|на\s+работе|в\s+офисе|на\s+рабочем|з|від)\b)"
    r"|отсутствие\s+(?:на|в)\s+(?:рабочем|офисе|работе)"
    r"|out\s+of\s+(?:the\s+)?office\b|automatic\s+(?:reply|response)\b|auto[\s-]?(?:reply|response)\b"
    r"|autoreply\b|vacation\s+(?:reply|response|notice)\b|on\s+vacation\b|away\s+from\s+(?:the|my)\b"
    r"|abwesenheit\w*\b|automatische\s+antwort\b|réponse\s+automatique\b"
    r"|respuesta\s+automática\b|autorespuesta\b|automatyczna\s+odpowiedź\b)",
    re.IGNORECASE,
)
BOUNCE = re.compile(
    AGAIN + r"(?:undeliver(?:ed|able)\b|mail\s+delivery\s+(?:failed|subsystem|failure)"
    r"|delivery\s+(?:status\s+notification|failure|has\s+failed)|returned\s+mail\b|failure\s+notice\b"
    r"|не\s*доставлен[оа]?\s*(?::|$)|недоставленное\s+(?:сообщение|письмо)"
    r"|(?:сообщение|письмо)\s+не\s+(?:было\s+)?доставлено"
    r"|не\s+уда(?:лось|[её]тся)\s+доставить(?:\s*:|\s+(?:ваше\s+)?(?:сообщение|письмо|почту))"
    r"|ошибка\s+доставки(?:\s+(?:сообщения|письма|почты|электронной)|\s*(?::|$))"
    r"|повідомлення\s+не\s+доставлено|не\s+вдалося\s+доставити\s+(?:повідомлення|лист)"
    r"|хат\s+жеткізілмеді)",
    re.IGNORECASE,
)
RECEIPT = re.compile(
    r"^(?:(?:read|прочитано|прочтено|delivered|доставлено|relayed|not\s+read|не\s+прочитано"
    r"|gelesen|lu|leído|lido|letto|przeczytano|оқылды)\s*:"
    r"|(?:return\s+receipt|read\s+receipt|уведомление\s+о\s+прочтении)\b)",
    re.IGNORECASE,
)
BY_PRECEDENCE = ("auto_reply", "auto-reply")
NO = re.compile(r"\s*(?:no|false|0)\s*$", re.IGNORECASE)
YES = re.compile(r"\s*(?:yes|true|1)\b", re.IGNORECASE)


def why_automatic(mail: Mail, *, names_a_client: bool) -> IgnoredReason | None:
    """Why a mail is automatic; None for a client's mail.

    A mail that a program sent in a client's name is the client's. `names_a_client` says that there
    is a person to answer: in Reply-To, or in a contact that a form wrote into the mail.
    """
    subject = decoded(mail.subject or "").strip()
    if any(YES.match(mail.header(item) or "") for item in SPAM_HEADERS):
        return IgnoredReason.SPAM
    if _is_receipt(mail, subject):
        return IgnoredReason.RECEIPT
    if _is_bounce(mail, subject, names_a_client=names_a_client):
        return IgnoredReason.BOUNCE
    submitted = (mail.header("auto-submitted") or "no").split(";")[0].strip().lower()
    if submitted == "auto-replied" or _is_marked_absent(mail):
        return IgnoredReason.ABSENCE_NOTE
    if ABSENCE.match(subject) and not names_a_client:  # a form's own subject may look the same
        return IgnoredReason.ABSENCE_NOTE
    return IgnoredReason.AUTOMATIC_MAIL if submitted != "no" and not names_a_client else None


def _is_marked_absent(mail: Mail) -> bool:
    given = (mail.header(item) for item in ABSENCE_HEADERS)
    by_header = any(item is not None and not NO.match(item) for item in given)
    return by_header or (mail.header("precedence") or "").strip().lower() in BY_PRECEDENCE


def _is_bounce(mail: Mail, subject: str, *, names_a_client: bool) -> bool:
    sender = sender_of(mail.sender)[1].partition("@")[0]
    content = (mail.header("content-type") or "").lower()
    if sender in SERVERS or "report-type=delivery-status" in content.replace('"', ""):
        return True
    is_from_nobody = (mail.header("return-path") or "").strip() == "<>"
    return BOUNCE.match(subject) is not None or (is_from_nobody and not names_a_client)


def _is_receipt(mail: Mail, subject: str) -> bool:
    content = (mail.header("content-type") or "").lower().replace('"', "")
    return "report-type=disposition-notification" in content or RECEIPT.match(subject) is not None

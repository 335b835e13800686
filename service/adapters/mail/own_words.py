"""What a client wrote himself in a mail, without what he quotes."""

import re

MAX_WORDS = 100_000
# Gmail breaks the line above a quotation, in Russian it has no verb; Outlook has headers there.
QUOTATION = re.compile(
    r"^(?:On [^\n]{5,200}(?:\n[^\n]{0,200})?wrote:"
    r"|[^\n]{5,200}(?:пишет|писала?|написала?|писал\(а\)|написал\(а\)):"
    r"|[^\n]{5,200}<[^<>\n]{1,100}@[^<>\n]{1,100}>:"
    r"|-{2,20} ?(?:Original Message|Исходное сообщение) ?-{2,20}"
    r"|(?:From|От): [^\n]{1,300}\n(?:Sent|Date|Отправлено|Дата): [^\n]{1,100})[ \t]*$",
    re.MULTILINE,
)


def own_words(raw: str) -> str:
    """The words above a quotation, else all lines that are not quoted, else all that was said."""
    plain = raw[:MAX_WORDS].replace("\r\n", "\n").strip()
    quotation = QUOTATION.search(plain)
    above = _unquoted(plain[: quotation.start()]) if quotation else ""
    return above or _unquoted(plain) or plain


def _unquoted(raw: str) -> str:
    lines = (line for line in raw.split("\n") if not line.lstrip().startswith(">"))
    return "\n".join(lines).strip()

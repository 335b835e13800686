"""Removes markup from texts."""

import html
import re

MAX_MARKUP = 200_000
# An unclosed element ends with the text, so that hostile markup takes linear time at most.
UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head|title|blockquote)\b.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
BREAK = re.compile(r"<(?:br|/?(?:p|div|tr|li|ul|ol|h[1-6]|table))\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
BRACKETS = re.compile(r"\[/?(?:p|b|i|u|s|br|url|img|list|code|quote|\*)(?:=[^\[\]]*)?\]", re.I)
BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u202f]+")
BLANK_LINES = re.compile(r"\n[ \n]*")


def words_of_html(raw: str) -> str:
    """The text of HTML, one line per paragraph, without scripts, heads and quotations."""
    seen = UNSEEN.sub(" ", raw[:MAX_MARKUP])
    plain = html.unescape(TAG.sub("", BREAK.sub("\n", BLANKS.sub(" ", seen))))
    return BLANK_LINES.sub("\n", BLANKS.sub(" ", plain)).strip()


def words_of_codes(raw: str) -> str:
    """The text of a note with `[b]codes[/b]` or HTML, as CRMs store it."""
    return words_of_html(BRACKETS.sub(" ", raw[:MAX_MARKUP]))

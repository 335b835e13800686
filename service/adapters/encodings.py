"""Turns senders' bytes into text, by their declared charset or by what the bytes show.

A wrong character never costs the rest of the text. Half an emoji, NUL or a cut letter is replaced
or left out, and the repair is reported.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

UTF_8, WINDOWS_1251 = "utf-8", "windows-1251"
MARKS_OF_ORDER = ((b"\xef\xbb\xbf", UTF_8), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Charsets that senders use. Some others of Python decode for ever, or are no charsets.
CHARSETS = re.compile(
    r"utf-?(?:7|8|16)|us-ascii|(?:windows-|cp)125[0-8]|cp866|ibm866|koi8-[ru]|iso-8859-[0-9]{1,2}"
    r"|x-mac-cyrillic|mac-?cyrillic|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr)"
    r"|iso-2022-(?:jp|kr)",
    re.IGNORECASE,
)
PYTHONS = {"x-mac-cyrillic": "mac_cyrillic", "mac-cyrillic": "mac_cyrillic"}
CHARSET_PARAMETER = re.compile(r"charset\s*[=-]\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|(?P<nul>u0000)|.)",
    re.DOTALL,
)
HALF_EMOJI, NUL = re.compile(rb"\\u[dD][89a-fA-F]"), b"\\u0000"
IN_QUOTES = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
CONTROL = re.compile(rb"[\x00-\x1f]")
LETTERS_OF_UTF_8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
UTF_16 = (
    ("utf-16-le", re.compile(rb"[\x01-\x7f]\0[^\0]\0")),
    ("utf-16-be", re.compile(rb"\0[\x01-\x7f]\0[^\0]")),
)
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class Mended(StrEnum):
    """A fault in a body that its format forbids, and that was repaired."""

    BYTE_ORDER_MARK = "byte_order_mark"
    LONE_SURROGATE = "lone_surrogate"
    NUL = "nul"
    CONTROL_CHARACTER = "control_character"
    CHARSET = "charset"


@dataclass(frozen=True, slots=True)
class MendedBody:
    """A body in UTF-8, and the repairs that it needed."""

    body: bytes
    mended: frozenset[Mended] = frozenset()


def charset_named(raw: object) -> str | None:
    """Python's name of a charset that senders use; None for others."""
    plain = raw.strip().lower() if isinstance(raw, str) else ""
    return PYTHONS.get(plain, plain) if CHARSETS.fullmatch(plain) else None


def charset_declared(content_type: str | None) -> str | None:
    """The charset of a content type; also reads `charset-utf-8`, as Wazzup24 writes it."""
    found = CHARSET_PARAMETER.search(content_type or "")
    return charset_named(found[1]) if found else None


def charset_of(texts: Iterable[bytes], declared: str | None = None) -> str:
    """The declared charset if it decodes all texts; else UTF-8 if it fits, fully or nearly.

    A text cut within a letter still counts as UTF-8. All else is windows-1251, as on our senders'
    old pages.
    """
    whole = b"\n".join(texts)
    for charset in (declared, UTF_8):
        if charset and _decodes(whole, charset):
            return charset
    letters = sum(len(found) for found in LETTERS_OF_UTF_8.findall(whole))
    return UTF_8 if 2 * letters > len(BEYOND_ASCII.findall(whole)) else WINDOWS_1251


def decode(raw: bytes, charset: str) -> str:
    """The text of bytes; bytes that are invalid in the charset are replaced."""
    try:
        text = raw.decode(charset, "replace")
    except (LookupError, UnicodeError):
        return raw.decode(errors="replace")
    # UTF-7 and UTF-16 can contain halves of emoji
    return text if charset == UTF_8 else text.encode(errors="replace").decode()


def mend_json(body: bytes, declared: str | None = None) -> MendedBody:
    """A JSON text in UTF-8 without a byte order mark, halves of emoji and NUL.

    Half an emoji becomes U+FFFD. NUL is left out.
    """
    body, mended = without_mark(body)
    if not _decodes(body, UTF_8):
        body, found = _as_utf_8(body, declared)
        mended.add(found)
    if HALF_EMOJI.search(body) or NUL in body:
        body, halves, nuls = _without_halves(body)
        mended |= {Mended.LONE_SURROGATE} if halves else set()
        mended |= {Mended.NUL} if nuls else set()
    return MendedBody(body, frozenset(mended))


def without_mark(body: bytes) -> tuple[bytes, set[Mended]]:
    """A body in UTF-8 without its byte order mark, and the repairs that it needed.

    A NUL at the end, as C strings have it, is removed, too. UTF-16 without a mark is detected by
    its NULs, because JSON and forms begin in ASCII.
    """
    plain, mended = body.lstrip(b" \t\r\n"), set[Mended]()
    for charset, beginning in UTF_16:
        if beginning.match(plain):
            plain, mended = decode(plain, charset).encode(errors="replace"), {Mended.CHARSET}
    for mark, charset in MARKS_OF_ORDER:
        if plain.startswith(mark):
            plain = decode(plain.removeprefix(mark), charset).encode(errors="replace")
            mended.add(Mended.BYTE_ORDER_MARK)
    if plain.endswith(b"\0"):
        plain = plain.rstrip(b"\0 \t\r\n")
        mended.add(Mended.NUL)
    return (plain, mended) if mended else (body, mended)


def escape_controls(body: bytes) -> bytes:
    """A JSON text with control characters in its strings escaped; templates often forget it."""
    return IN_QUOTES.sub(
        lambda text: CONTROL.sub(lambda sign: b"\\u%04x" % ord(sign[0]), text[0]), body
    )


def _as_utf_8(body: bytes, declared: str | None) -> tuple[bytes, Mended]:
    """The body in UTF-8. Old Java databases write half an emoji as bytes of its own."""
    try:
        halves = body.decode(UTF_8, "surrogatepass").encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace").encode(), Mended.LONE_SURROGATE
    except UnicodeDecodeError:
        return decode(body, charset_of([body], declared)).encode(), Mended.CHARSET


def _without_halves(body: bytes) -> tuple[bytes, int, int]:
    halves = nuls = 0

    def put_right(escape: re.Match[bytes]) -> bytes:
        nonlocal halves, nuls
        halves, nuls = halves + (escape["half"] is not None), nuls + (escape["nul"] is not None)
        if escape["half"]:
            return b"\\ufffd"
        return b"" if escape["nul"] else escape[0]

    return ESCAPE.sub(put_right, body), halves, nuls


def _decodes(raw: bytes, charset: str) -> bool:
    try:
        raw.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return False
    return True

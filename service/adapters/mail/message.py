"""One mail as the mail services deliver it, and how its headers are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import getaddresses, parseaddr

from service.adapters.mail.own_words import own_words
from service.adapters.markup import words_of_html
from service.adapters.normalise import name

LONGEST_HEADER = 1000
LONGEST_ADDRESS = 500
MAX_BRACKETS = 20
MAX_HEADERS = 200
MAX_ADDRESSES = 20

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. Header names are in lower case, and `sender` is the text of its From.

    `stripped` is the client's text without quotations, where the service finds it. `signature` is
    the text below it.
    """

    sender: str
    subject: str | None
    headers: Headers
    stripped: str | None = None
    signature: str | None = None
    plain: str | None = None
    html: str | None = None
    to: str | None = None
    attachments: int = 0
    message_id: str | None = None

    def header(self, wanted: str) -> str | None:
        """The value of the first header of a name."""
        return next((value for existing, value in self.headers if existing == wanted), None)

    @property
    def words(self) -> str:
        """The client's own words without quotations, also without those that the service missed.

        Empty when they wrote none.
        """
        whole = own_words(self.plain or words_of_html(self.html or ""))
        if not self.stripped:
            return whole
        signed = (self.signature or "").replace("\r\n", "\n")
        parts = (own_words(self.stripped), own_words(signed))
        stripped = "\n".join(part for part in parts if part)
        return min((item for item in (whole, stripped) if item), key=len, default="")


def decoded(raw: str) -> str:
    """A header's text with its encoded words decoded; unchanged where they cannot be decoded."""
    raw = raw[:LONGEST_HEADER]
    try:
        return str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError):
        return raw


def sender_of(raw: str) -> tuple[str | None, str]:
    """The name and the address in a From; the address is empty when there is none."""
    plain = raw.strip()[-LONGEST_ADDRESS:]
    if plain.count("(") > MAX_BRACKETS:  # comments nest, and their parser is recursive
        return None, ""
    called, address = parseaddr(plain)  # before decoding: an encoded word is no address
    return name(decoded(called)), address.lower()


def senders_of(raw: str) -> list[tuple[str | None, str]]:
    """The names and addresses of a header that may have several; the first 20."""
    plain = raw.strip()[:LONGEST_HEADER]
    if plain.count("(") > MAX_BRACKETS:
        return []
    found = [(called, address) for called, address in getaddresses([plain]) if address]
    return [(name(decoded(called)), address.lower()) for called, address in found[:MAX_ADDRESSES]]


def headers_in(raw: str) -> Headers:
    """The headers of a mail from their raw text, unfolded."""
    return listed(HeaderParser().parsestr(raw).items())


def listed(found: Iterable[tuple[object, object]]) -> Headers:
    """Headers by their names in lower case, the first 200 of them."""
    pairs = [(str(existing).lower(), " ".join(str(value).split())) for existing, value in found]
    return tuple(pairs[:MAX_HEADERS])

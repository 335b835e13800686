"""The reader of a page: their session, language and colours."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.flows.operators.sign_in import view_session
from service.pages.catalogue import LANGUAGES, preferred
from service.resources import Resources
from service.storage.sessions import Session

THEMES = ("auto", "light", "dark")
MAX_SECRET = 128


@dataclass(frozen=True, slots=True)
class PageReader:
    """A person at a browser. Without a session nobody is signed in."""

    language: str
    theme: str
    session: Session | None = None
    secret: str = ""

    @property
    def csrf(self) -> str:
        """The token in each form of this session. It does not reveal the cookie."""
        return hmac.digest(self.secret.encode(), b"form", hashlib.sha256).hex()[:32]

    def may(self, scope: str) -> bool:
        """Whether the session has a scope."""
        return self.session is not None and scope in self.session.scopes


@dataclass(frozen=True, slots=True)
class PageCall:
    """One request of a page: its address, its reader and its fields."""

    request: Request
    resources: Resources
    reader: PageReader
    form: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session. The guard refuses readers without one."""
        assert self.reader.session is not None
        return self.reader.session

    @property
    def operator(self) -> str:
        """The operator of the desk. The guard refuses readers without a desk."""
        assert self.session.operator is not None
        return self.session.operator

    @property
    def wants_fragments(self) -> bool:
        """Whether the request comes from our script."""
        return "x-fragment" in self.request.headers

    def text(self, name: str) -> str:
        """A field of the form without outer blanks; empty when it was not sent."""
        return self.form.get(name, [""])[0].strip()

    def query(self, name: str) -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, "").strip()

    def path(self, name: str) -> Any:
        """A part of the address."""
        return self.request.path_params[name]


def cookie_name(request: Request) -> str:
    """The cookie's name. `__Host-nl`, used behind TLS, cannot be set by other hosts."""
    return "__Host-nl" if request.url.scheme == "https" else "nl"


def give_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends; behind TLS, for TLS only."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_cookie(request: Request, response: Response, name: str) -> None:
    """Remove a cookie; behind TLS a browser heeds that only from a cookie for TLS."""
    secure = request.url.scheme == "https"
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


async def reader_of(request: Request, resources: Resources) -> PageReader:
    """The reader of a request. An invalid cookie counts as no session."""
    language = request.cookies.get("lang", "")
    if language not in LANGUAGES:
        language = preferred(request.headers.get("accept-language", ""))
    theme = request.cookies.get("theme", "")
    theme = theme if theme in THEMES else "auto"
    secret = request.cookies.get(cookie_name(request), "")[:MAX_SECRET]
    session = await view_session(resources, secret) if secret else None
    return PageReader(language, theme, session, secret if session else "")

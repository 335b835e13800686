"""Fills templates to make pages in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from service.pages import assets
from service.pages.catalogue import LANGUAGES, counter, translator
from service.pages.links import chat_link
from service.pages.names import NAMES
from service.pages.reader import THEMES, PageCall
from service.slices import in_slices

PARTS = 1000  # pieces of a template: some two milliseconds

MODULES = (
    "page.js",
    "morph.js",
    "live.js",
    "stream.js",
    "keys.js",
    "drafts.js",
    "clock.js",
    "atonce.js",
    "sound.js",
)


@lru_cache
def environment() -> Environment:
    """The templates of the package. Values put into them are escaped."""
    made = Environment(
        loader=PackageLoader("service.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        asset=assets.address_of,
        chat_link=chat_link,
        LANGUAGES=LANGUAGES,
        THEMES=THEMES,
        MODULES=MODULES,
    )
    return made


def text_of(call: PageCall, template: str, /, **context: Any) -> str:
    """A template filled in."""
    return environment().get_template(template).render(_filled(call, context))


def render(call: PageCall, template: str, status: int = 200, /, **context: Any) -> HTMLResponse:
    """A page."""
    return HTMLResponse(text_of(call, template, **context), status)


async def render_long(
    call: PageCall, template: str, status: int = 200, /, **context: Any
) -> HTMLResponse:
    """A page with a long list; others are served while it is filled in."""
    parts = environment().get_template(template).generate(_filled(call, context))
    return HTMLResponse("".join(await in_slices(str, parts, PARTS)), status)


def _filled(call: PageCall, context: Mapping[str, Any]) -> dict[str, Any]:
    language = call.reader.language
    say = translator(language)
    return {
        "reader": call.reader,
        "session": call.reader.session,
        "path": call.request.url.path,
        "_": say,
        "n_": counter(language),
        "called": lambda group, value: say(NAMES[group].get(str(value), str(value))),
        **context,
    }


def highlighted(text: str, places: list[tuple[int, int, str]]) -> Markup:
    """A client's text, escaped, with some places marked."""
    parts, at = [], 0
    for start, end, about in places:
        parts.append(
            Markup("{}<mark title='{}'>{}</mark>").format(text[at:start], about, text[start:end])
        )
        at = end
    return Markup("").join([*parts, Markup("{}").format(text[at:])])

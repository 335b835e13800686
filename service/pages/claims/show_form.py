"""Reads the form for the show team (B15)."""

from contextlib import suppress
from datetime import date

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.show import Show
from service.pages.formats import read_sum
from service.pages.reader import PageCall

MAX_WORDS, MAX_GUESTS, MAX_BUDGET = 500, 100_000, 10**9


def show_of_form(call: PageCall) -> Show:
    """A show from the filled-in fields; raises InvalidRequest for unreadable ones."""
    texts = {name: call.text(f"show_{name}")[:MAX_WORDS] for name in Show.__dataclass_fields__}
    day, guests, budget = None, None, read_sum(texts["budget"])
    with suppress(ValueError):
        day = date.fromisoformat(texts["date"])
    if texts["guests"].isdecimal() and 0 < int(texts["guests"][:9]) <= MAX_GUESTS:
        guests = int(texts["guests"])
    if budget is not None and not 0 < budget < MAX_BUDGET:
        budget = None
    read = {"date": day, "guests": guests, "budget": budget}
    wrong = [name for name, value in read.items() if texts[name] and value is None]
    if wrong:
        reason = "it cannot be read"
        raise InvalidRequest([FieldMistake(f"show.{name}", reason, "") for name in wrong])
    words = {name: texts[name] or None for name in ("place", "occasion", "wishes")}
    return Show(date=day, guests=guests, budget=budget, **words)

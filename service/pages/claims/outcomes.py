"""The outcomes that the desk offers, and their fields. The rules are those of a claim."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.leads.lead import Kind, Lead
from service.leads.settlement import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of an outcome, and the digit that picks it; `reasons` are suggestions."""

    digit: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are shown for it."""
        return self.needs + self.takes


ASKED: Mapping[str, Asked] = {
    "won": Asked("1", ("amount",), ("note",)),
    "callback": Asked("2", ("until",), ("note",)),
    "no_answer": Asked("3", (), ("note",)),
    "awaiting_payment": Asked("4", (), ("amount", "note")),
    "lost": Asked(
        "5",
        ("reason",),
        ("note",),
        (
            "Too expensive",
            "Bought elsewhere",
            "Out of stock",
            "Does not answer",
            "Changed their mind",
        ),
    ),
    "cancelled": Asked("6", ("reason",), ("note",), ("Out of stock", "Changed their mind")),
    "answered": Asked("7", ("note",)),
    "will_think": Asked("8", ("until", "note"), ("offered",)),
    "wholesale": Asked("9", ("buyer", "selection"), ("note",)),
    "wish": Asked("0", ("note",)),
    "spam": Asked("", (), ("note",)),
    "duplicate": Asked("", (), ("note",)),
}
FREQUENT = 5
NO_NOTE = ("spam", "duplicate")


def offered(lead: Lead) -> dict[str, Asked]:
    """The outcomes possible for this lead, the frequent ones first."""
    existing = {item.value for item in Outcome}
    found = {name: asked for name, asked in ASKED.items() if name in existing}
    if lead.signal.paid:
        found.pop("awaiting_payment")
    if lead.ranking.kind in (Kind.CHAT, Kind.SELF_ORDER):
        found = {
            name: asked if name in NO_NOTE or "note" in asked.needs else _with_note(asked)
            for name, asked in found.items()
        }
    return found


def _with_note(asked: Asked) -> Asked:
    """The outcome with a required note, as chats and orders need (A15, A19)."""
    takes = tuple(field for field in asked.takes if field != "note")
    return Asked(asked.digit, (*asked.needs, "note"), takes, asked.reasons)

"""Single keys for actions of the desk, by their position on the keyboard; buttons exist, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The action of a key, and the key's position on a US keyboard."""

    about: str
    code: str


SHORTCUTS: Mapping[str, Shortcut] = {
    "next": Shortcut("Take next", "KeyN"),
    "interrupt": Shortcut("Take the call", "KeyI"),
    "note": Shortcut("To the note", "KeyE"),
    "call": Shortcut("Call the client", "KeyC"),
    "open": Shortcut("Open the chat", "KeyO"),
    "transfer": Shortcut("Hand over", "KeyT"),
    "park": Shortcut("Put off to a time", "KeyP"),
    "release": Shortcut("Give back", "KeyR"),
    "decline": Shortcut("Decline", "KeyD"),
    "split": Shortcut("Split", "KeyS"),
    "client": Shortcut("Add phone or name", "KeyA"),
    "line": Shortcut("To the line", "KeyL"),
    "history": Shortcut("To the history", "KeyH"),
    "pause": Shortcut("Break, or back", "KeyB"),
    "stay": Shortcut("I am still here", "KeyY"),
    "undo": Shortcut("Undo", "KeyU"),
}
CODES = tuple(f"Key{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# The letter on the key in the Russian layout.
CYRILLIC = dict(zip("QWERTYUIOPASDFGHJKLZXCVBNM", "йцукенгшщзфывапролдячсмить", strict=True))


def keys_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """The key of each action: the person's own, else the default."""
    own = settings.get("keys") or {}
    return {
        action: own[action] if own.get(action) in CODES else shortcut.code
        for action, shortcut in SHORTCUTS.items()
    }


def collisions(keys: Mapping[str, str]) -> tuple[str, str] | None:
    """Two actions with the same key, or one action twice when its key is no letter."""
    seen: dict[str, str] = {}
    for action, code in keys.items():
        if code not in CODES:
            return action, action
        if code in seen:
            return seen[code], action
        seen[code] = action
    return None


def label_of(code: str, language: str) -> str:
    """The label beside an action: `N`, in Russian `N т`."""
    letter = code.removeprefix("Key")
    cyrillic = CYRILLIC.get(letter, "")
    return f"{letter} {cyrillic}" if language == "ru" and cyrillic else letter

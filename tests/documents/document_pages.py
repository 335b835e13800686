"""The documents as tests read them: pages, fenced blocks, and the commands in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEREDOC = re.compile(r"<<-?'?(\w+)'?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line on which it begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Step:
    """A command of a page, and the answer that the page shows for it; empty for none."""

    command: str
    line: int
    shown: str = ""


def pages() -> list[Path]:
    """The documents that are held to the rules of this folder."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return top + sorted((ROOT / "docs").rglob("*.md"))


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    for fence in FENCE.finditer(text):
        yield Block(fence[1], fence[2], text.count("\n", 0, fence.start()) + 1)


def steps(page: Path) -> list[Step]:
    """The commands of a page's `sh` blocks; the answer shown is the block that follows."""
    found: list[Step] = []
    for block in blocks(page):
        if block.language == "sh":
            found += [Step(command, block.line) for command in commands(block.text)]
        elif block.language in ("json", "text") and found:
            last = found.pop()
            found.append(Step(last.command, last.line, last.shown + block.text))
    return found


def commands(script: str) -> Iterator[str]:
    """The complete commands of a script: lines that go on, quotes and heredocs stay together."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if _is_complete(gathered):
            if gathered.strip() and not gathered.lstrip().startswith("#"):
                yield gathered.strip()
            gathered = ""
    assert not gathered.strip(), f"a command without an end: {gathered}"


def _is_complete(text: str) -> bool:
    if heredoc := HEREDOC.search(text):
        return re.search(rf"^{heredoc[1]}$", text, re.MULTILINE) is not None
    bare = re.sub(r"(?<=\s)#.*", "", text)
    without_pairs = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", "", bare)
    return not re.search(r"['\"]", without_pairs) and not text.endswith("\\\n")

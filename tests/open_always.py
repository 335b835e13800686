"""The shipped policy as most tests use it: open around the clock, and with numbers that stay.

What it ships is tuned by simulation, and changes; what tests compute by hand does not. So its
index, guarantee and rush are left out, and kinds are lifted by waiting, as a shop may want it.
Which of two examples goes first is true with the tuned numbers only: such examples go, too.
"""

import re
from functools import cache

from service.policies.reading import default_text

TUNED = re.compile(r"^(?:index|guarantee|rush):.*?(?=^[^\s#])", re.MULTILINE | re.DOTALL)
ORDERED_EXAMPLE = re.compile(r"^- \{before: .*\n", re.MULTILINE)
SCORE = re.compile(r"^score: .*$", re.MULTILINE)
KINDS = {
    "chat": "[{after_minutes: 5, stage: 620, rule: A6}]",
    "offline": "[{after_minutes: 120, stage: 590, rule: A2},"
    " {after_minutes: 480, stage: 650, rule: A2}]",
    "registration": "[{before_closing_minutes: 120, stage: 450, rule: A18}]",
}


@cache
def open_always() -> str:
    """The text of auto_parts with these changes; all else stays as it is written."""
    before, hours, rest = default_text().partition("\nhours:\n")
    assert hours, "auto_parts names its hours"
    lines = rest.split("\n")
    after = next(number for number, line in enumerate(lines) if not line.startswith("  "))
    return _with_steady_numbers(before + "\n# hours:\n" + "\n".join(lines[after:]))


def _with_steady_numbers(text: str) -> str:
    text = SCORE.sub("score: {c0: 0.1, c1: 100000}", ORDERED_EXAMPLE.sub("", TUNED.sub("", text)))
    for kind, escalations in KINDS.items():
        pattern = re.compile(rf"^(  {kind}:\s*{{[^}}]*)}}", re.MULTILINE)
        text, count = pattern.subn(rf"\g<1>,\n     escalations: {escalations}}}", text)
        assert count == 1, kind
    return re.sub(r"^(  task: .*), late_minutes: [0-9]+}", r"\1}", text, flags=re.MULTILINE)

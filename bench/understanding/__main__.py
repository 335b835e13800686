"""How well texts are understood: `.venv/bin/python -m bench.understanding [FOLDER] [--misses]`.

Prints, by family, how many labels are met: order of pairs, intent, goods, sum, car, hurry and the
rest; then what is taken for what. Judges the corpus of the tests, or the JSON cases of a folder.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from bench.understanding.corpus import read_corpus
from bench.understanding.judging import Verdict, judge
from bench.understanding.outside import judge_outside

WIDTH = 50


def tally(verdicts: Iterable[Verdict], name: str) -> str:
    """One line: right of all, in per cent, by label."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for verdict in verdicts:
        every[verdict.label] += 1
        right[verdict.label] += verdict.right
    figures = "  ".join(f"{label} {right[label]}/{every[label]}" for label in sorted(every))
    share = 100 * sum(right.values()) / max(1, sum(every.values()))
    return f"{name[:WIDTH]:<{WIDTH}} {share:5.1f} %  {figures}"


def confusion(verdicts: Sequence[Verdict]) -> list[str]:
    """What was taken for what, most often first."""
    wrong = Counter(
        (verdict.case.family, verdict.label, str(verdict.expected), str(verdict.found))
        for verdict in verdicts
        if not verdict.right
    )
    return [
        f"{count:>3} × {family}: {label} {expected} read as {found}"
        for (family, label, expected, found), count in wrong.most_common()
    ]


def miss(verdict: Verdict) -> str:
    """A label that was not met, with its text."""
    text = " | ".join(
        (*verdict.case.messages, *([verdict.case.after] if verdict.case.after else []))
    )
    return f"  {verdict.label}: {verdict.expected} read as {verdict.found}: {text}"


@click.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--misses", is_flag=True, help="Print every text that was read otherwise.")
def main(folder: Path | None, misses: bool) -> None:
    """Print the table."""
    if folder is not None and any(folder.glob("*.json")):
        verdicts = judge_outside(folder)
    else:
        cases = read_corpus() if folder is None else read_corpus(folder)
        verdicts = [verdict for case in cases for verdict in judge(case)]
    for family in dict.fromkeys(verdict.case.family for verdict in verdicts):
        click.echo(tally((each for each in verdicts if each.case.family == family), family))
    click.echo(tally(verdicts, "all"))
    click.echo("\n".join(confusion(verdicts)))
    if misses:
        click.echo("\n".join(miss(verdict) for verdict in verdicts if not verdict.right))


if __name__ == "__main__":
    main()

"""What reading a text costs: `.venv/bin/python -m bench.reading`.

Microseconds for a message and for long texts, how many times the splitting into words that is, and
how the time grows when a text is doubled: a factor near 2 is linear. Reads the
vocabulary of the default policy, or of a file named behind it.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter_ns, process_time

from bench.understanding.corpus import read_corpus
from service.policies.reading import read_policy
from service.text.lexicon import Lexicon
from service.text.recognition import Recognised, recognise
from service.text.tokens import tokens_of

REGION = "RU"
DEFAULT = Path(__file__).parents[1] / "service" / "policies" / "auto_parts.yaml"
ROUNDS = 7
LENGTH = 8_000

MESSAGES = {
    "message": "Добрый день, нужны тормозные колодки на солярис 2015 года, машина на подъёмнике",
    "message, price": "посчитайте стойки в круг на приору и 2 опоры, бюджет до 40 тысяч рублей",
    "message, phone": "колодки на камри, перезвоните 8 912 345-67-89, JTDBR32E720123456",
}
LONG = {
    "prose": "Добрый день, подскажите по стойкам и 2 шт опор на приору, хочу взять завтра. ",
    "one word": "а",
    "pads": "колодки",
    "pads, pads": "колодки ",
    "begun phrases": "не к не к спех ",
    "amounts": "2 шт 4 ",
    "digits": "7",
    "lone digits": "1 ",
    "groups": "000 ",
    "phones": "8 912 345 67 8 ",
    "brackets": "((((8 ",
    "money": "бюджет до до до до до до ",
    "VIN": "XTA21099033434343 ",
    "body numbers": "NZE121-301234 ",
    "negations": "не колодки ",
    "suppositions": "если вернуть ",
    "Latin words": "abc ",
    "unknown words": "абвгдежз ",
    "orders": "заказ 12345 где ",
    "hours": "завтра к 12 ",
    "emoji": "🔥\u200d\u200b",
    "marks": "и\u0306\u0301\u0300",
}


def microseconds(work: Callable[[str], object], text: str) -> float:
    """The fastest of some rounds, each long enough for the clock."""
    times = max(1, 20_000 // max(1, len(text)))
    best = float("inf")
    for _ in range(ROUNDS):
        started = perf_counter_ns()
        for _ in range(times):
            work(text)
        best = min(best, (perf_counter_ns() - started) / times / 1_000)
    return best


def median_of(work: Callable[[str], object], messages: Sequence[str]) -> float:
    """The median of many messages, each the second time that it is read."""
    times = []
    for text in messages:
        work(text)
        started = perf_counter_ns()
        work(text)
        times.append((perf_counter_ns() - started) / 1_000)
    return median(times)


def recognised(text: str) -> Recognised:
    """What is recognised in a message of the shop's region."""
    return recognise(text, REGION, None)


def show(name: str, text: str, lexicon: Lexicon, *, doubled: bool) -> None:
    """Print one line of the table."""
    reads, recognises = microseconds(lexicon.read, text), microseconds(recognised, text)
    both = reads + recognises
    line = f"{name:<16}{len(text):>8}{reads:>10.1f}{recognises:>12.1f}{both:>10.1f}"
    line += f"{both / microseconds(tokens_of, text):>10.1f}"
    if doubled:
        twice = text + text
        growth = microseconds(lexicon.read, twice) / reads
        line += f"{growth:>10.2f}{microseconds(recognised, twice) / recognises:>10.2f}"
    print(line)


def compiling(text: str) -> float:
    """Seconds of processor for reading a policy in a process that has read none."""
    started = process_time()
    read_policy(text)
    return process_time() - started


def main() -> None:
    """Print the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    text = path.read_text("utf-8")
    seconds, policy = compiling(text), read_policy(text)
    lexicon = policy.lexicon
    phrases = sum(len(entry.phrases) for entry in lexicon.entries)
    print(f"{len(lexicon.entries)} signals, {phrases} phrases: compiled in {seconds:.2f} s")
    messages = [message for case in read_corpus() for message in case.messages]
    medians = [
        median(microseconds(work, text) for text in messages) for work in (lexicon.read, recognised)
    ]
    print("median over the corpus, µs: read {:.1f}, recognise {:.1f}".format(*medians))
    print(f"microseconds, the fastest of {ROUNDS} rounds; growth when doubled")
    print(
        f"{'':<16}{'signs':>8}{'read':>10}{'recognise':>12}{'both':>10}{'× words':>10}"
        f"{'read×':>10}{'rec.×':>10}"
    )
    for name, text in MESSAGES.items():
        show(name, text, lexicon, doubled=False)
    for name, part in LONG.items():
        show(name, (part * LENGTH)[:LENGTH], lexicon, doubled=True)


if __name__ == "__main__":
    main()

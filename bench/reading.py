"""What reading a text and compiling a policy cost: `.venv/bin/python -m bench.reading`.

Microseconds of processor for a message and for long texts, how many times the splitting into words
that is, and how the time grows when a text is doubled: a factor near 2 is linear. Policies are
compiled in processes of their own, one with 1,000 entries among them. Takes a minute; each figure
is printed when it is there. Reads the vocabulary of the default policy, or of a file named behind.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time_ns

import yaml

from bench.understanding.corpus import read_corpus
from service.policies.reading import read_policy
from service.text.dictionary import analyser
from service.text.lexicon import Lexicon
from service.text.phrases import words_of
from service.text.recognition import Recognised, recognise
from service.text.tokens import tokens_of
from service.text.word_forms import keyed

REGION = "RU"
DEFAULT = Path(__file__).parents[1] / "service" / "policies" / "auto_parts.yaml"
ROUNDS = 5
USUAL = range(9, 16)  # words
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
    "sums": "₽за 5 ",
    "complaints": "брак ",
    "not any more": "больше не нужны ",
}
ENTRIES, NEW_WORDS, PAIRS = 1_000, 11, 5  # words and pairs of words of an entry, as those shipped
BEGINNINGS = ("ка", "ко", "ма", "на", "об", "па", "по", "про", "ра", "са", "со", "ста", "то")
COMPILING = """
import sys
from time import process_time
from service.policies.reading import read_policy
text = sys.stdin.read()
started = process_time()
policy = read_policy(text)
print(process_time() - started, len(policy.lexicon.entries))
"""


def microseconds(work: Callable[[str], object], text: str) -> float:
    """The fastest of some rounds, each long enough for the clock."""
    return _fastest(work, text, max(1, 5_000 // max(1, len(text))))


def medians(work: Callable[[str], object], messages: Sequence[str]) -> float:
    """The median of many messages that were read before."""
    for text in messages:
        work(text)
    return median(_fastest(work, text, 1) for text in messages)


def _fastest(work: Callable[[str], object], text: str, times: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time_ns()
        for _ in range(times):
            work(text)
        best = min(best, (process_time_ns() - started) / times / 1_000)
    return best


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
    print(line, flush=True)


def compiling(text: str) -> tuple[float, int]:
    """Seconds of processor for a policy in a process that has read none, and its entries."""
    found = [
        subprocess.check_output([sys.executable, "-c", COMPILING], input=text.encode())
        for _ in range(ROUNDS)
    ]
    seconds, entries = zip(*map(bytes.split, found), strict=True)
    return median(map(float, seconds)), int(entries[0])


def larger(text: str) -> str:
    """The policy with entries of other words up to ENTRIES."""
    policy = yaml.safe_load(text)
    nouns = _nouns(
        {
            keyed(word, entry.get("form"))[0]
            for entry in policy["lexicon"]
            for phrase in entry["phrases"]
            for word in words_of(str(phrase))
        }
    )
    while len(policy["lexicon"]) < ENTRIES:
        words = list(islice(nouns, NEW_WORDS))
        pairs = [f"{words[place]} {words[place + 1]}" for place in range(PAIRS)]
        entry = {"phrases": words + pairs, "bill": 1000, "urgency": 0.5, "rule": "A6"}
        policy["lexicon"].append({"signal": f"more_{len(policy['lexicon'])}"} | entry)
    return str(yaml.safe_dump(policy, allow_unicode=True, sort_keys=False))


def _nouns(known: set[str]) -> Iterator[str]:
    """Nouns of the dictionary that share no form with what is known."""
    for beginning in BEGINNINGS:
        for word, tag, _, _, place in analyser().dictionary.iter_known_words(beginning):
            key = keyed(word)[0]
            is_plain = word.isalpha() and "ё" not in word
            if place == 0 and tag.POS == "NOUN" and is_plain and key not in known:
                known.add(key)
                yield word


def main() -> None:
    """Print the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    text = path.read_text("utf-8")
    for written in (text, larger(text)):
        seconds, entries = compiling(written)
        print(f"{entries} signals compiled in {seconds:.2f} s", flush=True)
    lexicon = read_policy(text).lexicon
    messages = [message for case in read_corpus() for message in case.messages]
    usual = [message for message in messages if len(message.split()) in USUAL]
    for name, some in (("the corpus", messages), ("nine to fifteen words", usual)):
        both = medians(lexicon.read, some), medians(recognised, some)
        print("median over {}, µs: read {:.1f}, recognise {:.1f}".format(name, *both), flush=True)
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

"""An explanation and a decision in sentences for people, the same in every language.

The sentences use only the JSON of the explanation and the decision, and the steps. So they can be
made again from stored data. They hold nothing of the client: no name, phone or text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from service.explaining import sentences_english, sentences_russian
from service.explaining.language import Language
from service.leads.lead import EVERYBODY, Step
from service.ranking.decision import Decision, ServedVia
from service.ranking.rank import unpack
from service.rules.policy import Mode

LanguageName = Literal["en", "ru"]
LANGUAGES: Mapping[LanguageName, Language] = {"en": sentences_english, "ru": sentences_russian}

MAX_STEPS = 3
MANY = re.compile(", ")
NO_RATE = ", no rate for "

# For each part of the explanation: the sources as ranking writes them, and their sentences.
SOURCES: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = {
    "stage": (
        (re.compile(r"kind (?P<kinds>\w+)"), "stage kind"),
        (re.compile(r"campaign birthday"), "stage birthday"),
        (re.compile(r"campaign new_year"), "stage new_year"),
        (re.compile(r"campaign other"), "stage other"),
        (re.compile(r"promised callback is due"), "stage callback"),
        (re.compile(r"visitor is done"), "stage visit_over"),
        (re.compile(r"another try after no answer"), "stage no_answer"),
        (re.compile(r"payment is asked for"), "stage payment"),
        (re.compile(r"wholesale client is checked"), "stage wholesale_check"),
        (re.compile(r"put aside until now"), "stage later"),
        (re.compile(r"day that the head set"), "stage archive"),
        (re.compile(r"talk is over"), "stage talked"),
        (re.compile(r"no client"), "stage no_client"),
        (re.compile(r"missed call"), "stage missed"),
        (re.compile(r"visitor left"), "stage left"),
        (re.compile(r"after (?P<waited>\S+) minutes"), "stage after"),
        (re.compile(r"before_cutoff (?P<at_most>\S+) minutes"), "stage before_cutoff"),
        (re.compile(r"before_closing (?P<at_most>\S+) minutes"), "stage before_closing"),
    ),
    "chance": (
        (re.compile(r"kind (?P<kinds>\w+)"), "usual"),
        (re.compile(r"intent (?P<intent>\w+)"), "chance intent"),
        (re.compile(r"(?P<won>\d+) of (?P<all>\d+) won so far"), "chance observed"),
        (re.compile(r"text (?P<signals>\S+) ×(?P<factor>\S+)"), "chance text"),
        (re.compile(r"VIN ×(?P<factor>\S+)"), "chance vin"),
        (re.compile(r"client bought_before ×(?P<factor>\S+)"), "chance bought"),
        (re.compile(r"client vip ×(?P<factor>\S+)"), "chance vip"),
        (re.compile(r"client blocked ×(?P<factor>\S+)"), "chance blocked"),
        (re.compile(r"unpaid for (?P<days>\d+) days"), "chance unpaid"),
        (re.compile(r"paid order"), "chance paid"),
        (re.compile(r"refusal of a running order"), "refusal"),
    ),
    "budget": (
        (re.compile(r"stated"), "stated"),
        (re.compile(r"items"), "budget items"),
        (re.compile(r"at most (?P<times>\S+) usual bills"), "budget limited"),
        (re.compile(r"running order"), "budget running"),
        (re.compile(r"converted"), "budget converted"),
        (re.compile(r"price in the text"), "budget price"),
        (re.compile(r"guessed price in the text"), "budget guess"),
        (re.compile(r"text without goods"), "budget unnamed"),
        (re.compile(r"text (?P<signals>.+)"), "budget text"),
        (re.compile(r"usual bill of (?P<kinds>\w+)"), "budget usual"),
    ),
    "urgency": (
        (re.compile(r"stated"), "stated"),
        (re.compile(r"needed_by"), "urgency needed_by"),
        (re.compile(r"refusal of a running order"), "refusal"),
        (re.compile(r"date in the text"), "urgency dated"),
        (re.compile(r"text (?P<signals>.+)"), "urgency text"),
        (re.compile(r"kind (?P<kinds>\w+)"), "usual"),
    ),
}


def sentences(
    explanation: Mapping[str, Any],
    steps: Sequence[Step],
    decision: Decision | None,
    language: LanguageName,
) -> list[str]:
    """Why a lead stands where it stands, what time will change, and why it was served.

    All languages have the same content in the same order. Times are in the zones of the steps.
    `decision` is None for a lead that nobody has taken.
    """
    tongue = LANGUAGES[language]
    return [
        *_place(explanation, tongue),
        *_future(explanation, steps, tongue),
        *_service(explanation, decision, tongue),
    ]


def _place(reported: Mapping[str, Any], tongue: Language) -> Iterator[str]:
    say, currency = tongue.SAY, reported.get("currency")
    kind, intent = tongue.KIND[reported["kind"]], tongue.INTENT[reported["intent"]]
    yield say["kind"].format(kind=kind, intent=intent) + _vote(reported, tongue)
    yield say["stage"].format(stage=reported["stage"]["value"], **_found(reported, "stage", tongue))
    chance, bill = reported["chance"]["value"], float(reported["budget"]["value"])
    yield say["chance"].format(value=tongue.percent(chance), **_found(reported, "chance", tongue))
    sum_of_money = tongue.money(bill, currency)
    yield say["budget"].format(value=sum_of_money, **_found(reported, "budget", tongue))
    urgency = tongue.number(reported["urgency"]["value"], 2)
    yield say["urgency"].format(value=urgency, **_found(reported, "urgency", tongue))
    cost = tongue.money(reported["cost_per_minute"], currency)
    yield say["wait"].format(time=tongue.about(reported["patience_minutes"]), cost=cost)
    yield from _index(reported, tongue)
    score = tongue.number(reported["score"], 2)
    yield say["score"].format(score=score, version=reported["policy_version"])
    ties = reported["ties"]
    yield say[f"ties {ties['value']}"].format(rules=_rules(ties["rule"], tongue))
    if reported["lane"] != EVERYBODY:
        yield say["lane"].format(lane=reported["lane"])


def _vote(reported: Mapping[str, Any], tongue: Language) -> str:
    """The sentence that the intent is a guess, when no signal names it."""
    vote = (reported.get("text") or {}).get("vote")
    if vote is None:
        return ""
    return " " + tongue.SAY["vote"].format(share=tongue.percent(vote["certainty"]))


def _index(reported: Mapping[str, Any], tongue: Language) -> Iterator[str]:
    """The factors between the cost of waiting and the score, if the policy sets any."""
    index, say = reported.get("index"), tongue.SAY
    if reported.get("mode") == Mode.RUSH:
        yield say["rush"]
    if index is None:
        return
    work, weight, share = (
        index[name] for name in ("work_minutes", "weight_of_patience", "share_still_there")
    )
    if work != 1:
        yield say["work"].format(time=tongue.about(work))
    if weight != 1:
        yield say["weight"].format(weight=tongue.number(weight, 2))
    if share != 1:
        yield say["share"].format(share=tongue.percent(share))


def _found(reported: Mapping[str, Any], part: str, tongue: Language) -> dict[str, str]:
    source = reported[part]["source"]
    # only a chance has several sources; elsewhere a comma separates signals
    sources = MANY.split(source) if part == "chance" else [source]
    named = _named(reported, tongue)
    reasons = [_reason(part, item, tongue, named) for item in sources]
    if part == "budget" and NO_RATE in source:
        found, _, currency = source.partition(NO_RATE)
        no_rate = tongue.SAY["no rate"].format(currency=currency)
        reasons = [_reason(part, found, tongue, named), no_rate]
    reason = "; ".join(reasons)
    return {"reason": reason, "rules": _rules(reported[part]["rule"], tongue)}


def _named(reported: Mapping[str, Any], tongue: Language) -> Mapping[str, str]:
    """The name of each signal of the text in a language."""
    names = (reported.get("text") or {}).get("names") or {}
    return {signal: given[tongue.NAME] for signal, given in names.items() if tongue.NAME in given}


def _reason(
    part: str, source: str, tongue: Language, named: Mapping[str, str] | None = None
) -> str:
    """The sentence of a source; an unknown source is repeated unchanged."""
    for pattern, name in SOURCES[part]:
        if found := pattern.fullmatch(source):
            words = {
                key: _signals(given, named or {}) if key == "signals" else _word(key, given, tongue)
                for key, given in found.groupdict().items()
            }
            return tongue.SAY[name].format(**words)
    return source


def _signals(given: str, named: Mapping[str, str]) -> str:
    """The names of signals such as `brake_pads ×4, rims`; a signal without a name stays."""
    parts = [signal.partition(" ") for signal in MANY.split(given)]
    return ", ".join(f"{named.get(key, key)}{space}{count}" for key, space, count in parts)


def _word(key: str, given: str, tongue: Language) -> str:
    if key == "kinds":
        return tongue.KINDS.get(given, given)
    if key == "intent":
        return tongue.INTENT.get(given, given)
    if key == "waited":
        return tongue.minutes_waited(float(given))
    if key == "at_most":
        return tongue.at_most(float(given))
    return tongue.number(float(given), 3) if key in ("factor", "won", "all") else given


def _rules(rules: str, tongue: Language) -> str:
    return tongue.SAY["rules" if MANY.search(rules) else "rule"].format(rules=rules)


def _future(reported: Mapping[str, Any], steps: Sequence[Step], tongue: Language) -> Iterator[str]:
    if not steps:
        yield tongue.SAY["no steps"]
    stage, score = int(reported["stage"]["value"]), float(reported["score"])
    for step in steps[:MAX_STEPS]:
        yield tongue.SAY["step"].format(
            at=tongue.moment(step.at),
            stage=step.stage,
            score=tongue.number(float(step.score), 2),
            **_cause(reported, step, (stage, score), tongue),
        )
        stage, score = step.stage, float(step.score)
    if len(steps) > MAX_STEPS:
        yield tongue.SAY["more steps"].format(changes=tongue.changes(len(steps) - MAX_STEPS))


def _cause(
    reported: Mapping[str, Any], step: Step, before: tuple[int, float], tongue: Language
) -> dict[str, str]:
    """Why a step comes. Its stored source explains the stage, which may be unchanged."""
    stage, score = before
    rules = _rules(step.rule, tongue)
    if step.stage < stage:
        return {"reason": tongue.SAY["step over"], "rules": rules}
    if step.stage == stage and float(step.score) != score:
        if float(step.score) < score:
            return {"reason": tongue.SAY["step leaving"], "rules": _rules("A6", tongue)}
        rules = _rules(reported["urgency"]["rule"], tongue)
        return {"reason": tongue.SAY["step nearing"], "rules": rules}
    return {"reason": _reason("stage", step.source, tongue), "rules": rules}


def _service(
    reported: Mapping[str, Any], decision: Mapping[str, Any] | None, tongue: Language
) -> Iterator[str]:
    if decision is None:
        yield tongue.SAY["not served"]
        return
    way, second = decision["way"], decision.get("second")
    stage, score = decision.get("stage"), decision.get("score")
    yield tongue.SAY.get(f"served {way}", tongue.SAY["served"]).format(
        way=way,
        stage=reported["stage"]["value"] if stage is None else stage,
        score=tongue.number(reported["score"] if score is None else score, 2),
    )
    if guarantee := decision.get("guarantee"):
        yield tongue.SAY["guarantee"].format(every=guarantee["every"], count=guarantee["count"])
    if second is not None:
        yield _second(second, tongue)
    elif way in (ServedVia.LINE, ServedVia.STORAGE):
        yield tongue.SAY[f"no second {way}"]
    for item in decision.get("not_eligible") or ():
        yield _not_eligible(item, tongue)


def _second(second: Mapping[str, Any], tongue: Language) -> str:
    behind_by, by = second["behind_by"] or "once", second["by"]
    side = "" if behind_by in ("turn", "once") else " lower" if by >= 0 else " higher"
    return tongue.SAY[f"second {behind_by}{side}"].format(
        lead=second["lead_id"],
        stage=second["stage"],
        score=tongue.number(second["score"], 2),
        by=tongue.number(abs(by), 2),
        rules=_rules(second["rule"], tongue),
    )


def _not_eligible(item: Mapping[str, Any], tongue: Language) -> str:
    stage, score = unpack(item["rank"])
    return tongue.SAY["kept out"].format(
        lead=item["lead_id"],
        lane=item["lane"],
        stage=stage,
        score=tongue.number(float(score), 2),
        rules=_rules(item["rule"], tongue),
    )

"""An explanation and a decision in sentences for people: the same in every language.

What is said comes from the explanation's and the decision's JSON and from the steps alone, so it
can be said again of what was stored. Nothing of it is the client's own: no name, phone or text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from service.explaining import sentences_english, sentences_russian
from service.explaining.language import Language
from service.leads.lead import EVERYBODY, Step
from service.ranking.decision import Decision, Way
from service.ranking.rank import unpack

LanguageName = Literal["en", "ru"]
LANGUAGES: Mapping[LanguageName, Language] = {"en": sentences_english, "ru": sentences_russian}

MOST_STEPS = 3
MANY = re.compile(", ")

# Sources as ranking writes them, and what is said of them: by the part of the explanation.
SOURCES: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = {
    "stage": (
        (re.compile(r"kind (?P<kinds>\w+)"), "stage kind"),
        (re.compile(r"campaign birthday"), "stage birthday"),
        (re.compile(r"campaign new_year"), "stage new_year"),
        (re.compile(r"campaign other"), "stage other"),
        (re.compile(r"promised callback is due"), "stage callback"),
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
    ),
    "budget": (
        (re.compile(r"stated"), "stated"),
        (re.compile(r"items"), "budget items"),
        (re.compile(r"price in the text"), "budget price"),
        (re.compile(r"text (?P<signals>.+)"), "budget text"),
        (re.compile(r"usual bill of (?P<kinds>\w+)"), "budget usual"),
    ),
    "urgency": (
        (re.compile(r"stated"), "stated"),
        (re.compile(r"needed_by"), "urgency needed_by"),
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

    Each language says the same in the same order. Times are said in the zones of the steps;
    `decision` is None for a lead that nobody has taken.
    """
    tongue = LANGUAGES[language]
    return [
        *_place(explanation, tongue),
        *_future(explanation, steps, tongue),
        *_service(explanation, decision, tongue),
    ]


def _place(told: Mapping[str, Any], tongue: Language) -> Iterator[str]:
    say, currency = tongue.SAY, told.get("currency")
    kind, intent = tongue.KIND[told["kind"]], tongue.INTENT[told["intent"]]
    yield say["kind"].format(kind=kind, intent=intent)
    yield say["stage"].format(stage=told["stage"]["value"], **_found(told, "stage", tongue))
    chance, bill = told["chance"]["value"], float(told["budget"]["value"])
    yield say["chance"].format(value=tongue.percent(chance), **_found(told, "chance", tongue))
    sum_of_money = tongue.money(bill, currency)
    yield say["budget"].format(value=sum_of_money, **_found(told, "budget", tongue))
    urgency = tongue.number(told["urgency"]["value"], 2)
    yield say["urgency"].format(value=urgency, **_found(told, "urgency", tongue))
    cost = tongue.money(told["cost_per_minute"], currency)
    yield say["wait"].format(time=tongue.about(told["patience_minutes"]), cost=cost)
    score = tongue.number(told["score"], 2)
    yield say["score"].format(score=score, version=told["policy_version"])
    ties = told["ties"]
    yield say[f"ties {ties['value']}"].format(rules=_rules(ties["rule"], tongue))
    if told["lane"] != EVERYBODY:
        yield say["lane"].format(lane=told["lane"])


def _found(told: Mapping[str, Any], part: str, tongue: Language) -> dict[str, str]:
    source = told[part]["source"]
    # only a chance is made of several; elsewhere a comma is between signals
    sources = MANY.split(source) if part == "chance" else [source]
    reason = "; ".join(_reason(part, one, tongue) for one in sources)
    return {"reason": reason, "rules": _rules(told[part]["rule"], tongue)}


def _reason(part: str, source: str, tongue: Language) -> str:
    """What a source means; one that is not known here is repeated as it stands."""
    for pattern, name in SOURCES[part]:
        if found := pattern.fullmatch(source):
            words = {key: _word(key, said, tongue) for key, said in found.groupdict().items()}
            return tongue.SAY[name].format(**words)
    return source


def _word(key: str, said: str, tongue: Language) -> str:
    if key == "kinds":
        return tongue.KINDS.get(said, said)
    if key == "intent":
        return tongue.INTENT.get(said, said)
    if key == "waited":
        return tongue.minutes_waited(float(said))
    if key == "at_most":
        return tongue.at_most(float(said))
    return tongue.number(float(said), 3) if key in ("factor", "won", "all") else said


def _rules(rules: str, tongue: Language) -> str:
    return tongue.SAY["rules" if MANY.search(rules) else "rule"].format(rules=rules)


def _future(told: Mapping[str, Any], steps: Sequence[Step], tongue: Language) -> Iterator[str]:
    if not steps:
        yield tongue.SAY["no steps"]
    stage, score = int(told["stage"]["value"]), float(told["score"])
    for step in steps[:MOST_STEPS]:
        yield tongue.SAY["step"].format(
            at=tongue.moment(step.at),
            stage=step.stage,
            score=tongue.number(float(step.score), 2),
            **_cause(told, step, (stage, score), tongue),
        )
        stage, score = step.stage, float(step.score)
    if len(steps) > MOST_STEPS:
        yield tongue.SAY["more steps"].format(changes=tongue.changes(len(steps) - MOST_STEPS))


def _cause(
    told: Mapping[str, Any], step: Step, before: tuple[int, float], tongue: Language
) -> dict[str, str]:
    """Why a step comes; its own source is that of the stage, which may be the same as before."""
    stage, score = before
    rules = _rules(step.rule, tongue)
    if step.stage < stage:
        return {"reason": tongue.SAY["step over"], "rules": rules}
    if step.stage == stage and float(step.score) != score:
        rules = _rules(told["urgency"]["rule"], tongue)
        return {"reason": tongue.SAY["step nearing"], "rules": rules}
    return {"reason": _reason("stage", step.source, tongue), "rules": rules}


def _service(
    told: Mapping[str, Any], decision: Mapping[str, Any] | None, tongue: Language
) -> Iterator[str]:
    if decision is None:
        yield tongue.SAY["not served"]
        return
    way, second = decision["way"], decision.get("second")
    stage, score = decision.get("stage"), decision.get("score")
    yield tongue.SAY.get(f"served {way}", tongue.SAY["served"]).format(
        way=way,
        stage=told["stage"]["value"] if stage is None else stage,
        score=tongue.number(told["score"] if score is None else score, 2),
    )
    if second is not None:
        yield _second(second, tongue)
    elif way in (Way.LINE, Way.STORAGE):
        yield tongue.SAY[f"no second {way}"]
    for one in decision.get("kept_out") or ():
        yield _kept_out(one, tongue)


def _second(second: Mapping[str, Any], tongue: Language) -> str:
    lacked, by = second["lacked"], second["by"]
    side = "" if lacked == "turn" else " lower" if by >= 0 else " higher"
    return tongue.SAY[f"second {lacked}{side}"].format(
        lead=second["lead_id"],
        stage=second["stage"],
        score=tongue.number(second["score"], 2),
        by=tongue.number(abs(by), 2),
        rules=_rules(second["rule"], tongue),
    )


def _kept_out(one: Mapping[str, Any], tongue: Language) -> str:
    stage, score = unpack(one["rank"])
    return tongue.SAY["kept out"].format(
        lead=one["lead_id"],
        lane=one["lane"],
        stage=stage,
        score=tongue.number(float(score), 2),
        rules=_rules(one["rule"], tongue),
    )

"""The default policy as it is said, with one part or another replaced; and every wrong one."""

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from open_always import open_always

from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.reading import policy_of
from service.policies.yaml_text import read_yaml

LEFT_OUT = object()
SAID = {**read_yaml(open_always()), "lexicon": [], "examples": []}
"""What the default policy says, without its words, which are many."""

PADS = {"signal": "pads", "phrases": ["тормозные колодки"], "urgency": 0.9, "rule": "A5"}
FULL = {
    **SAID,
    "callback": {**SAID["callback"], "farthest_days": 366},
    "hours": {
        "weekly": {"mon-fri": "09:00-19:00", "sat": ["10:00-14:00", "15:00-18:00"]},
        "holidays": {"country": "RU", "hours": "closed"},
        "exceptions": {"2026-12-31": "09:00-15:00"},
    },
    "cutoff": {"at": "12:00", "days": "mon-fri", "handling_minutes": 6, "rule": "A15"},
    "targets": {
        **{"live_seconds": 15, "late": 0, "late_share": 0.1, "waiting": 15, "longest_minutes": 60},
        **{"cost_per_minute": 5000, "free": 1, "served_per_hour": 3, "conversion": 0.3},
        **{"first_answer_median_minutes": 2, "first_answer_90_percent_minutes": 5},
    },
    "lexicon": [
        {
            **{**PADS, "urgency_at_most": 0.95, "bill": 5000, "intent": "sale"},
            **{"chance_factor": 1.1, "skill": "brakes", "max_pieces": 12},
        }
    ],
}
"""A policy that says everything that can be said."""


def said_with(path: str, value: object, sent: Mapping[str, Any] = FULL) -> dict[str, Any]:
    """What a policy says with another value at one place, such as `kinds.chat.chance`."""
    changed: Any = deepcopy(dict(sent))
    *parts, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = changed
    for part in parts:
        place = place[part]
    if value is LEFT_OUT:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return changed


def with_room_for(path: str) -> dict[str, Any]:
    """A policy in which a number may take any value within its own bounds."""
    if path == "returns.missed_call":
        kinds = {name: {**kind, "escalations": []} for name, kind in FULL["kinds"].items()}
        return {**FULL, "kinds": kinds}
    return {**FULL, "score": {"c0": 1e-6, "c1": 1e12}}


def mistakes_in(sent: Any) -> list[FieldMistake]:
    with pytest.raises(InvalidRequest) as refused:
        policy_of(sent, 1)
    return refused.value.mistakes


def no_numbers(least: float, limit: float) -> list[object]:
    """What is no number within bounds."""
    below, above = math.nextafter(least, -math.inf), math.nextafter(limit, math.inf)
    return [below, above, "0.5", True, False, [0.5], {}, math.nan, math.inf, -math.inf, 10**400]


# Numbers of a policy with their bounds; a bound that is itself too little is the next after it.
LEAST = math.ulp(0.0)
SHARES = [
    *("kinds.chat.chance", "kinds.chat.urgency", "lexicon.0.urgency", "lexicon.0.urgency_at_most"),
    *("intents.sale", "intents.order_question", "intents.return", "intents.complaint"),
    "intents.other",
    *(f"text.votes.{intent}" for intent in ("order_question", "return", "complaint", "other")),
]
FOLLOW_UP_DAYS = [
    *("follow_ups.awaiting_payment_days", "follow_ups.wholesale_check_days"),
    *("follow_ups.order_in_work_days", "follow_ups.extension_asked_days"),
]
NUMBERS = {
    "kinds.chat.late_minutes": (LEAST, 525_600),
    "callback.late_minutes": (LEAST, 525_600),
    "held_late_minutes": (LEAST, 525_600),
    "declined_again_minutes": (LEAST, 525_600),
    "call_tasks.move_days": (LEAST, 3660),
    "kinds.chat.owner_minutes": (0, 525_600),
    "ownership.recent_contact_days": (0, 366),
    **dict.fromkeys(SHARES, (0, 1)),
    "kinds.chat.unnamed_bill": (0, 1e9),
    **dict.fromkeys(["kinds.chat.usual_bill", "lexicon.0.bill", "text.most_bill"], (0, 1e9)),
    "kinds.chat.escalations.0.after_minutes": (LEAST, 525_600),
    "kinds.self_order.escalations.0.before_cutoff_minutes": (LEAST, 525_600),
    "kinds.registration.escalations.0.before_closing_minutes": (LEAST, 525_600),
    "callback.default_minutes": (LEAST, 525_600),
    "callback.farthest_days": (LEAST, 3660),
    **dict.fromkeys(FOLLOW_UP_DAYS, (LEAST, 3660)),
    "no_answer_retry_minutes.0": (LEAST, 525_600),
    "cutoff.handling_minutes": (LEAST, 480),
    "patience.longest_minutes": (2, 525_600),
    "patience.by_day.0.hours": (LEAST, 8_760),
    "patience.by_day.0.left": (0, 1),
    "score.c0": (1e-6, 1e6),
    "score.c1": (1e-3, 1e12),
    "vin.chance_factor": (0, 10),
    "lexicon.0.chance_factor": (0, 10),
    "learning.prior_weight": (1, 1e6),
    "lease_seconds": (5, 86_400),
    "owner_share": (0, 1),
    "stated_budget_times": (1, 1e6),
    **dict.fromkeys(("client.bought_before", "client.vip", "client.blocked"), (0, 10)),
    **dict.fromkeys(("client.unpaid_day", "client.refusal_urgency"), (0, 1)),
    "follow_ups.cashless_payment_days": (LEAST, 3660),
    "live_minutes.phone": (LEAST, 525_600),
    "live_minutes.office": (LEAST, 525_600),
    "talk_minutes": (LEAST, 525_600),
    "wrap_up_minutes": (0, 60),
    "reply_minutes": (math.nextafter(1, 2), 1440),
    "late_again_minutes": (LEAST, 525_600),
    "targets.live_seconds": (LEAST, 86_400),
    "targets.longest_minutes": (LEAST, 525_600),
    "targets.first_answer_median_minutes": (LEAST, 525_600),
    "targets.first_answer_90_percent_minutes": (LEAST, 525_600),
    "targets.served_per_hour": (LEAST, 1_000_000),
    "targets.cost_per_minute": (0, 1e9),
    "targets.late_share": (0, 1),
    "targets.conversion": (0, 1),
}
RETURNS = ("promised_callback", "missed_call", "visit_over", "payment", "wholesale_check")
WHOLE_NUMBERS = {
    "kinds.chat.stage": (0, 900),
    "kinds.chat.escalations.0.stage": (0, 900),
    **{f"returns.{cause}": (0, 900) for cause in RETURNS},
    "text.most_quantity": (1, 1000),
    "lexicon.0.max_pieces": (1, 1000),
    "other_stage": (0, 900),
    "ownership.most_open_tasks": (0, 1_000_000),
    "ownership.stage_of_campaign.birthday": (0, 900),
    "ownership.stage_of_campaign.new_year": (0, 900),
    "follow_ups.archive_after_years": (1, 100),
    **dict.fromkeys(("targets.late", "targets.waiting", "targets.free"), (0, 1_000_000)),
}
MAPPINGS = [
    *("kinds", "kinds.chat", "channels", "callback", "intents", "patience", "score", "vin"),
    *("learning", "text", "lexicon.0", "kinds.chat.escalations.0", "follow_ups"),
]
MAY_BE_LEFT_OUT = [
    *("callback.farthest_days", "follow_ups", "follow_ups.archive_after_years", *FOLLOW_UP_DAYS),
    *("region", "hours", "vin", "learning", "learning.prior_weight", "text", "text.most_bill"),
    *("text.most_quantity", "lexicon", "no_answer_retry_minutes", "kinds.chat.escalations"),
    *("cutoff.days", "cutoff.handling_minutes", "cutoff.rule", "hours.holidays"),
    *("hours.exceptions", "lexicon.0.urgency", "lexicon.0.urgency_at_most", "lexicon.0.bill"),
    *("live_minutes", "live_minutes.office", "talk_minutes", "wrap_up_minutes", "reply_minutes"),
    *("client", "client.bought_before", "client.refusal_urgency"),
    *("late_again_minutes", "returns", "returns.payment", "returns.later", "owner_share"),
    *("stated_budget_times", "targets", "targets.late", "targets.conversion"),
    *("lexicon.0.intent", "lexicon.0.chance_factor", "lexicon.0.skill"),
]
NEEDED = [
    *("currency", "time_zone", "kinds", "channels", "callback", "intents", "patience", "score"),
    *("lease_seconds", "kinds.office", "kinds.task", "kinds.chat.chance", "kinds.chat.urgency"),
    *("kinds.chat.usual_bill", "kinds.chat.stage", "kinds.chat.ties"),
    *("callback.default_minutes", "intents.sale", "intents.order_question", "intents.return"),
    *("intents.complaint", "patience.longest_minutes", "score.c0", "score.c1", "cutoff.at"),
    *("kinds.chat.escalations.0.stage", "kinds.chat.escalations.0.rule", "learning.enabled"),
    *("vin.chance_factor", "lexicon.0.signal", "lexicon.0.phrases", "lexicon.0.rule"),
]
OTHERS = {
    "currency": ["rub", "RUBL", "", 5, None],
    "time_zone": ["", "x" * 65, 3, None],
    "region": ["ru", "RUS", None],
    "kinds.chat.ties": ["random", "NEWEST", None, True, ["newest"]],
    "kinds.chat.escalations": [{}, "often", None, [5] * 11],
    "kinds.chat.escalations.0.rule": ["a6", "rule 6", "", 6, None],
    "channels.vk": ["letters", "CHAT", None, 5, ["chat"]],
    "returns.later": ["Kind", "", None, True, -1, 901, 5.5],
    "cutoff.at": [720, None, ["12:00"]],
    "cutoff.days": [5, None, ["mon"]],
    "learning.enabled": [1, 0, "true", None],
    "no_answer_retry_minutes": [30, "30", None, {"0": 30}, [1] * 21],
    "lexicon": [None, {}, "words", [PADS] * 2001],
    "lexicon.0.signal": ["", "Pads", "brake pads", "x" * 65, 5, None],
    "lexicon.0.phrases": [[], None, "pads", ["pads"] * 401],
    "lexicon.0.phrases.0": ["", "x" * 101, 5, None],
    "lexicon.0.intent": ["buy", "", 5],
    "lexicon.0.skill": ["", "Head of sales", 5],
    "hours.holidays.country": [None, 7],
}

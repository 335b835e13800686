"""An explanation in English."""

from collections.abc import Mapping
from datetime import datetime

from service.explaining.language import grouped, in_fitting_unit, is_tiny

NAME = "en"
KIND: Mapping[str, str] = {
    "office": "a visitor in the office",
    "phone": "a phone call",
    "chat": "a chat",
    "self_order": "an order that the client placed alone",
    "offline": "a request that was left",
    "registration": "a registration without an order",
    "task": "a call task",
}
KINDS: Mapping[str, str] = {
    "office": "visitors in the office",
    "phone": "phone calls",
    "chat": "chats",
    "self_order": "orders that clients placed alone",
    "offline": "requests that were left",
    "registration": "registrations without an order",
    "task": "call tasks",
}
INTENT: Mapping[str, str] = {
    "sale": "the client wants to buy",
    "order_question": "the client asks about an order",
    "return": "the client wants to return something",
    "complaint": "the client complains",
    "other": "it seems to be no client",
}
SAY: Mapping[str, str] = {
    "kind": "This is {kind}; {intent}.",
    "vote": "No signal of the lexicon says so: the words together do, {share} sure.",
    "stage": "It stands on stage {stage}: {reason} ({rules}).",
    "chance": "The chance of an order is {value}: {reason} ({rules}).",
    "budget": "The order may be worth {value}: {reason} ({rules}).",
    "urgency": "The urgency is {value} of 1: {reason} ({rules}).",
    "wait": "Such a client waits about {time}; a minute of waiting costs {cost}.",
    "rush": "The numbers of a rush were in force: more work waits than operators can do soon.",
    "work": "Such a lead takes about {time} of work; the score compares money for each of them.",
    "weight": "Patience counts with a weight of {weight}, where 1 is in full.",
    "share": "After so long a silence {share} of such clients are still there, and count.",
    "score": "The score is {score} of 100, by version {version} of the policy.",
    "ties newest": "Of equals, the newest goes first ({rules}).",
    "ties oldest": "Of equals, the oldest goes first ({rules}).",
    "lane": "It waits in the lane {lane}.",
    "stage kind": "the stage of {kinds}",
    "stage birthday": "the stage of calls for a birthday",
    "stage new_year": "the stage of calls before New Year",
    "stage other": "the stage of other call tasks",
    "stage callback": "the promised callback is due",
    "stage visit_over": "the visitor is done, and the call that they cut short is due",
    "stage no_answer": "the client did not answer and is called again",
    "stage payment": "the order waits for its payment",
    "stage wholesale_check": "the wholesale client is checked after the registration",
    "stage later": "it was put aside until now",
    "stage archive": "it is the day that the head set for the call",
    "stage talked": "the talk is over, and what follows from it is not done yet",
    "stage missed": "nobody took the call",
    "stage no_client": "it seems to be no client",
    "stage left": "the visitor has left",
    "stage after": "the client has waited {waited} of working time",
    "stage before_cutoff": "the supplier's cut-off is at most {at_most} away",
    "stage before_closing": "closing time is at most {at_most} away",
    "stated": "stated with the request",
    "usual": "usual for {kinds}",
    "chance intent": "corrected because {intent}",
    "chance observed": "{won} of {all} so far ended in an order",
    "chance text": "the words of “{signals}” multiply it by {factor}",
    "chance vin": "a known car multiplies it by {factor}",
    "chance bought": "the client has bought before, which multiplies it by {factor}",
    "chance vip": "the client is a VIP, which multiplies it by {factor}",
    "chance blocked": "the client is blocked, which multiplies it by {factor}",
    "chance unpaid": "the order has not been paid for whole days, so far {days}",
    "chance paid": "the order is paid and only has to be started",
    "refusal": "the client gives up an order that is in work",
    "budget running": "the sum of the order in work",
    "budget items": "the sum of the chosen goods",
    "budget limited": "the sender's word counts as {times} usual bills at most",
    "budget converted": "converted by the rates of the policy",
    "no rate": "the policy has no rate for {currency}, so what was stated does not count",
    "budget price": "the price in the message",
    "budget guess": "what seems to be a price in the message",
    "budget unnamed": "no goods were recognised in the message",
    "budget text": "the message speaks of {signals}",
    "budget usual": "the usual bill of {kinds}",
    "urgency needed_by": "the client named a time by which it is needed",
    "urgency dated": "the message names a day",
    "urgency text": "the message speaks of {signals}",
    "no steps": "Time alone will not change its place.",
    "step": "From {at}: stage {stage}, score {score}; {reason} ({rules}).",
    "step leaving": "such clients leave without a word as time goes by",
    "step nearing": "the time by which it is needed comes nearer",
    "step over": "what lifted it is over",
    "more steps": "Then {changes}.",
    "not served": "Nobody has taken it yet.",
    "served line": "It was served because nobody whom this operator may take stood higher than"
    " stage {stage}, score {score}.",
    "served storage": "The line did not answer; the database served it because nobody whom this"
    " operator may take stood higher than stage {stage}, score {score}.",
    "served asked_for": "The operator asked for it past the order; it stood on stage {stage},"
    " score {score}.",
    "served": "It was served ({way}) on stage {stage}, score {score}.",
    "no second line": "Nobody stood second in this queue.",
    "no second storage": "Who stood second was not noted.",
    "guarantee": "It was late the longest: of {every} leads at least one is such, and this is"
    " number {count} since the last.",
    "second once": "First stood lead {lead}: stage {stage}, score {score}; it is next ({rules}).",
    "second stage lower": "Second was lead {lead}: its stage {stage} is lower by {by} ({rules}).",
    "second stage higher": "Lead {lead} stood higher: its stage {stage} is higher by {by}"
    " ({rules}).",
    "second score lower": "Second was lead {lead}: its score {score} is lower by {by} ({rules}).",
    "second score higher": "Lead {lead} stood higher: its score {score} is higher by {by}"
    " ({rules}).",
    "second turn": "Second was lead {lead}: equal in stage and score, its turn comes later"
    " ({rules}).",
    "kept out": "Lead {lead} (stage {stage}, score {score}) was kept out: it waits in the lane"
    " {lane} ({rules}).",
    "rule": "rule {rules}",
    "rules": "rules {rules}",
}


def number(value: float, decimals: int) -> str:
    """As `12,345.6`."""
    if is_tiny(value, decimals):
        return f"less than {grouped(10.0**-decimals, decimals)}"
    return grouped(value, decimals)


def percent(share: float) -> str:
    """As `45.5%`."""
    return f"{number(100 * share, 1)}%"


def money(value: float, currency: str | None) -> str:
    """As `5,000 RUB` or `895.50 RUB`."""
    text = number(value, 2) if is_tiny(value, 2) else f"{value:,.2f}".removesuffix(".00")
    return f"{text} {currency}" if currency else text


def moment(at: datetime) -> str:
    """As `2026-06-10 12:05 MSK`."""
    return f"{at:%Y-%m-%d %H:%M %Z}"


def minutes_waited(minutes: float) -> str:
    """As `5 minutes`."""
    return _counted(grouped(minutes, 1), "minute")


at_most = minutes_waited


def about(minutes: float) -> str:
    """As `2.5 minutes`, `1 hour`, `7 days`."""
    return _counted(*in_fitting_unit(minutes))


def changes(count: int) -> str:
    """As `2 more changes follow`."""
    return f"{count} more change{' follows' if count == 1 else 's follow'}"


def _counted(shown: str, unit: str) -> str:
    return f"{shown} {unit if shown == '1' else unit + 's'}"

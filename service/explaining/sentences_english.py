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
    "vote": "No signal of the lexicon says so. It is guessed from all words, {share} sure.",
    "stage": "It stands on stage {stage}: {reason} ({rules}).",
    "chance": "The chance of an order is {value}: {reason} ({rules}).",
    "budget": "The order may be worth {value}: {reason} ({rules}).",
    "urgency": "The urgency is {value} of 1: {reason} ({rules}).",
    "wait": "Such a client waits about {time}; a minute of waiting costs {cost}.",
    "rush": "The policy's rush was in force: there is more work than operators can do soon.",
    "work": "Such a lead takes about {time} of work; the score compares the money for that time.",
    "weight": "Patience counts with a weight of {weight}, where 1 is in full.",
    "share": "After so long a silence {share} of such clients are still there; the score"
    " counts them.",
    "score": "The score is {score} of 100, by version {version} of the policy.",
    "ties newest": "Among equals, the newest goes first ({rules}).",
    "ties oldest": "Among equals, the oldest goes first ({rules}).",
    "lane": "It waits in the lane {lane}.",
    "stage kind": "the stage of {kinds}",
    "stage birthday": "the stage of calls for a birthday",
    "stage new_year": "the stage of calls before New Year",
    "stage other": "the stage of other call tasks",
    "stage callback": "the promised callback is due",
    "stage visit_over": "the visitor has been served, and the interrupted call is due",
    "stage no_answer": "the client did not answer and is called again",
    "stage payment": "the order waits for its payment",
    "stage wholesale_check": "the wholesale client is checked after the registration",
    "stage later": "it was parked until now",
    "stage archive": "the day that the head of sales set for the call has come",
    "stage talked": "the talk is over, but the matter is not finished",
    "stage missed": "nobody answered the call",
    "stage no_client": "it seems to be no client",
    "stage left": "the visitor has left",
    "stage after": "the client has waited {waited} of working time",
    "stage before_cutoff": "the supplier's cut-off is at most {at_most} away",
    "stage before_closing": "closing time is at most {at_most} away",
    "stated": "stated with the request",
    "usual": "usual for {kinds}",
    "chance intent": "corrected because {intent}",
    "chance observed": "{won} of {all} so far ended in an order",
    "chance text": "the words “{signals}” multiply it by {factor}",
    "chance vin": "a known car multiplies it by {factor}",
    "chance bought": "the client has bought before, which multiplies it by {factor}",
    "chance vip": "the client is a VIP, which multiplies it by {factor}",
    "chance blocked": "the client is blocked, which multiplies it by {factor}",
    "chance unpaid": "the order has not been paid for whole days, so far {days}",
    "chance paid": "the order is paid and only has to be started",
    "refusal": "the client refuses an order in work",
    "budget running": "the sum of the order in work",
    "budget items": "the sum of the chosen goods",
    "budget limited": "a sum from the sender counts as {times} usual bills at most",
    "budget converted": "converted by the rates of the policy",
    "no rate": "the policy has no rate for {currency}, so the stated sum does not count",
    "budget price": "the price in the message",
    "budget guess": "what seems to be a price in the message",
    "budget unnamed": "no goods were recognised in the message",
    "budget text": "the message speaks of {signals}",
    "budget usual": "the usual bill of {kinds}",
    "urgency needed_by": "the client named a deadline",
    "urgency dated": "the message names a day",
    "urgency text": "the message speaks of {signals}",
    "no steps": "Time alone will not change its place.",
    "step": "From {at}: stage {stage}, score {score}; {reason} ({rules}).",
    "step leaving": "with time, such clients leave without a word",
    "step nearing": "the client's deadline comes nearer",
    "step over": "the reason for its higher stage has passed",
    "more steps": "Then {changes}.",
    "not served": "Nobody has taken it yet.",
    "served line": "It was served because no lead that this operator may take stood higher: stage"
    " {stage}, score {score}.",
    "served storage": "The line did not answer. The database served it because no lead that this"
    " operator may take stood higher: stage {stage}, score {score}.",
    "served asked_for": "The operator chose it out of order; it stood on stage {stage}, score"
    " {score}.",
    "served": "It was served ({way}) on stage {stage}, score {score}.",
    "no second line": "There was no second lead in this queue.",
    "no second storage": "The second lead was not recorded.",
    "guarantee": "It had been late the longest: one in {every} claims takes such a lead, and"
    " this was claim {count} since the last one.",
    "second once": "Lead {lead} was first: stage {stage}, score {score}; it is next ({rules}).",
    "second stage lower": "Second was lead {lead}: its stage {stage} is lower by {by} ({rules}).",
    "second stage higher": "Lead {lead} stood higher: its stage {stage} is higher by {by}"
    " ({rules}).",
    "second score lower": "Second was lead {lead}: its score {score} is lower by {by} ({rules}).",
    "second score higher": "Lead {lead} stood higher: its score {score} is higher by {by}"
    " ({rules}).",
    "second turn": "Second was lead {lead}: stage and score are equal, but its turn comes later"
    " ({rules}).",
    "kept out": "Lead {lead} (stage {stage}, score {score}) was not available: it waits in the"
    " lane {lane} ({rules}).",
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

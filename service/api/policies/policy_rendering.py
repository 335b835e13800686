"""Policies and previews as JSON, in the shapes of `policy_answers.py`."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from service.explaining.sentences import LanguageName
from service.flows.policies.preview_policy import Preview
from service.policies.document import policy_schema
from service.policies.examples import Miss
from service.policies.yaml_text import read_yaml
from service.ranking.comparison import Comparison, KindTotals, Move, Spot
from service.ranking.rank import unpack
from service.storage.policies.policies import Version

REMEMBERED = 8


def version_row(version: Version) -> dict[str, Any]:
    """A version without its text."""
    return {name: getattr(version, name) for name in ("queue", "version", "author", "at", "note")}


async def policy(version: Version) -> dict[str, Any]:
    """A version with its document, which is read in a thread: it takes a third of a second."""
    document = await asyncio.to_thread(_document, version.text)
    return {**version_row(version), "policy": orjson.Fragment(document)}


@lru_cache(REMEMBERED)
def _document(text: str) -> bytes:
    return orjson.dumps(read_yaml(text))


@lru_cache
def schema(language: LanguageName) -> bytes:
    """The JSON Schema of a policy; to make it takes a tenth of a second."""
    return orjson.dumps(policy_schema(language))


def examples(misses: Sequence[Miss]) -> list[dict[str, Any]]:
    """The examples that failed."""
    return [{"field": miss.field, "reason": miss.reason, "why": list(miss.why)} for miss in misses]


def preview(made: Preview) -> dict[str, Any]:
    """A preview."""
    found = made.comparison
    return {
        "queue": made.queue,
        "at": made.at,
        "policy_version": made.policy_version,
        "complete": made.complete,
        "leads": found.leads,
        "moved": found.moved,
        **_costs(found),
        **_losses(found),
        "operators": made.operators,
        "mode": made.mode,
        "other_mode": None if made.other_mode is None else _other(made.other_mode),
        "first_before": found.first_before,
        "first_after": found.first_after,
        "top": [{**_move(item), "why": _why(made, item)} for item in found.greatest],
        "by_kind": [_totals(item) for item in found.by_kind],
    }


def _losses(of: Comparison) -> dict[str, str]:
    return {
        "likely_lost_before": f"{of.likely_lost_before:.2f}",
        "likely_lost_after": f"{of.likely_lost_after:.2f}",
    }


def _other(of: Comparison) -> dict[str, Any]:
    """The same line in the other mode."""
    first = {"first_before": of.first_before, "first_after": of.first_after}
    return {"leads": of.leads, "moved": of.moved, **_losses(of), **first}


def _move(move: Move) -> dict[str, Any]:
    shift = move.shift
    return {
        "lead_id": shift.lead_id,
        "kind": shift.before.kind,
        "place_before": move.place_before,
        "place_after": move.place_after,
        **_ranking(shift.before, "before"),
        **_ranking(shift.after, "after"),
    }


def _ranking(spot: Spot, when: str) -> dict[str, Any]:
    stage, score = unpack(spot.rank)
    return {f"stage_{when}": stage, f"score_{when}": float(score)}


def _why(made: Preview, move: Move) -> list[dict[str, Any]]:
    found = made.reasons.get(move.shift.lead_id, ())
    return [{"what": item.what, "before": item.before, "after": item.after} for item in found]


def _totals(kind_totals: KindTotals) -> dict[str, Any]:
    names = ("kind_before", "kind_after", "leads", "moved_up", "moved_down")
    return {**{name: getattr(kind_totals, name) for name in names}, **_costs(kind_totals)}


def _costs(of: KindTotals | Comparison) -> dict[str, str]:
    return {
        "cost_per_minute_before": f"{of.cost_per_minute_before:.2f}",
        "cost_per_minute_after": f"{of.cost_per_minute_after:.2f}",
    }

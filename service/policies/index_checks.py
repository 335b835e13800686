"""Checks that index, guarantee and rush fit each other, which their shape cannot express."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.leads.errors import FieldMistake
from service.leads.lead import Kind

Spec = Mapping[str, Any]
LIVE = (Kind.OFFICE, Kind.PHONE)


def check_index(spec: Spec) -> list[FieldMistake]:
    """Every mistake of these three parts that shows only in the whole policy."""
    rush = _part(spec, "rush")
    return [
        *_minutes(_part(spec, "index"), "index"),
        *_stays(_part(spec, "index"), "index"),
        *_minutes(_part(rush, "index"), "rush.index"),
        *_stays(_part(rush, "index"), "rush.index"),
        *(_rush(spec, rush) if isinstance(spec.get("rush"), dict) else ()),
    ]


def _minutes(index: Spec, path: str) -> Iterator[FieldMistake]:
    named = _part(index, "minutes")
    for kind in Kind:
        if named and kind not in named:
            remedy = "Name all kinds, or none."
            yield FieldMistake(f"{path}.minutes.{kind}", "Field required", remedy)


def _stays(index: Spec, path: str) -> Iterator[FieldMistake]:
    for kind, stays in _part(index, "stays").items():
        steps = stays if isinstance(stays, list) else []
        for name, rising in (("after", True), ("share", False)):
            values = [_part(step).get(name) for step in steps]
            numbers = [value for value in values if isinstance(value, int | float)]
            ordered = sorted(set(numbers), reverse=not rising)
            if len(numbers) == len(values) and numbers != ordered:
                reason = f"`{name}` does not {'rise' if rising else 'fall'} from step to step"
                remedy = "Send the earliest step first, each share smaller than the one before."
                yield FieldMistake(f"{path}.stays.{kind}", reason, remedy)


def _rush(spec: Spec, rush: Spec) -> Iterator[FieldMistake]:
    if not _part(_part(spec, "index"), "minutes"):
        reason = "a rush needs minutes of work, and the policy has none"
        yield FieldMistake("rush", reason, "Add `index.minutes`, or remove `rush`.")
    begins, ends = rush.get("begins_minutes", 20), rush.get("ends_minutes", 10)
    if _is_number(begins) and _is_number(ends) and ends >= begins:
        yield FieldMistake("rush.ends_minutes", "it is not below begins_minutes", "Send fewer.")
    least, whose = _least_stage(spec)
    for kind, part in _part(rush, "kinds").items():
        stage = _part(part).get("stage")
        if isinstance(stage, int) and least is not None and stage >= least:
            reason = f"stage {stage} is not below {least}, the stage of {whose}"
            yield FieldMistake(f"rush.kinds.{kind}.stage", reason, f"Send less than {least}.")


def _least_stage(spec: Spec) -> tuple[int | None, str]:
    """The lowest of the stages that also hold in a rush, and what has it."""
    kinds = _part(spec, "kinds")
    found = [
        *((_part(_part(kinds, kind)).get("stage"), f"live {kind}") for kind in LIVE),
        (_part(spec, "callback").get("stage"), "callbacks"),
        *_cutoff_stages(kinds),
    ]
    return min(
        ((stage, whose) for stage, whose in found if isinstance(stage, int)), default=(None, "")
    )


def _cutoff_stages(kinds: Spec) -> Iterator[tuple[object, str]]:
    for kind, part in kinds.items():
        escalations = _part(part).get("escalations")
        for escalation in escalations if isinstance(escalations, list) else []:
            if "before_cutoff_minutes" in _part(escalation):
                yield _part(escalation).get("stage"), f"{kind} before the cut-off"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _part(spec: object, name: str | None = None) -> Spec:
    value = spec if name is None else _part(spec).get(name)
    return value if isinstance(value, dict) else {}

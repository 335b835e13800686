"""Index, guarantee and rush as a policy says them: what cannot be is refused, all at once."""

import pytest
from ranking_builders import DEFAULT_SAID, said_with

from service.leads.errors import InvalidRequest
from service.leads.lead import Kind
from service.policies.reading import policy_of
from service.rules.policy import Mode, Stay, WorkMinutes

MINUTES = {kind.value: {"each": 4.0} for kind in Kind}
STAYS = [{"after": 0.5, "share": 0.7}, {"after": 1.0, "share": 0.4}]
PLAIN = {name: part for name, part in DEFAULT_SAID.items() if name not in ("index", "rush")}


def policy(**parts):
    return policy_of(said_with(PLAIN, parts), 1)


def refused(**parts):
    with pytest.raises(InvalidRequest) as found:
        policy(**parts)
    return {mistake.field: mistake for mistake in found.value.mistakes}


def test_what_is_left_out_is_neutral():
    found = policy(guarantee=None).index
    assert (found.weight, found.minutes, found.patience, found.stays) == (1.0, {}, {}, {})


def test_everything_can_be_named():
    found = policy(
        index={
            "weight": 0.6, "minutes": MINUTES, "patience": {"chat": 12}, "stays": {"chat": STAYS},
        },
        guarantee={"every": 10},
        rush={"kinds": {"chat": {"stage": 450}, "offline": {"stage": 450, "ties": "newest"}},
              "index": {"weight": 0.3}},
    )  # fmt: skip
    assert found.index.minutes[Kind.CHAT] == WorkMinutes(4.0)
    assert found.index.stays[Kind.CHAT] == (Stay(0.5, 0.7), Stay(1.0, 0.4))
    assert found.guarantee_every == 10
    rush = found.in_mode(Mode.RUSH)
    assert (rush.mode, rush.index.weight) == (Mode.RUSH, 0.3)
    assert rush.index.minutes == found.index.minutes
    assert rush.kinds[Kind.CHAT].stage == 450
    assert rush.kinds[Kind.PHONE] == found.kinds[Kind.PHONE]
    assert rush.kinds[Kind.CHAT].late_minutes == found.kinds[Kind.CHAT].late_minutes
    assert found.in_mode(Mode.CALM) is found


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"index": {"weight": 1.1}}, "index.weight"),
        ({"index": {"weight": -0.1}}, "index.weight"),
        ({"index": {"minutes": {"chat": {"each": 4.0}}}}, "index.minutes.office"),
        ({"index": {"minutes": {**MINUTES, "chat": {"each": 0}}}}, "index.minutes.chat.each"),
        (
            {"index": {"minutes": {**MINUTES, "chat": {"each": 1, "per_part": -1}}}},
            "index.minutes.chat.per_part",
        ),
        ({"index": {"patience": {"chat": 0}}}, "index.patience.chat"),
        ({"index": {"patience": {"pigeon": 5}}}, "index.patience.pigeon"),
        ({"index": {"stays": {"chat": []}}}, "index.stays.chat"),
        ({"index": {"stays": {"chat": [*STAYS, *STAYS]}}}, "index.stays.chat"),
        ({"index": {"stays": {"chat": STAYS[::-1]}}}, "index.stays.chat"),
        ({"index": {"stays": {"chat": [{"after": 1, "share": 0.04}]}}}, "index.stays.chat.0.share"),
        ({"index": {"stays": {"chat": [{"after": 0, "share": 0.5}]}}}, "index.stays.chat.0.after"),
        ({"index": {"colour": 1}}, "index.colour"),
        ({"guarantee": {"every": 0}}, "guarantee.every"),
        ({"guarantee": {"every": 1}}, "guarantee.every"),
        ({"guarantee": {"every": 2.5}}, "guarantee.every"),
        ({"guarantee": {}}, "guarantee.every"),
        ({"rush": {}}, "rush"),
        ({"index": {"minutes": MINUTES}, "rush": {"ends_minutes": 20}}, "rush.ends_minutes"),
        ({"index": {"minutes": MINUTES}, "rush": {"begins_minutes": 9}}, "rush.ends_minutes"),
        (
            {"index": {"minutes": MINUTES}, "rush": {"kinds": {"chat": {"stage": 640}}}},
            "rush.kinds.chat.stage",
        ),
        (
            {"index": {"minutes": MINUTES}, "rush": {"kinds": {"phone": {"stage": 100}}}},
            "rush.kinds.phone",
        ),
        (
            {"index": {"minutes": MINUTES}, "rush": {"kinds": {"chat": {"late_minutes": 5}}}},
            "rush.kinds.chat.late_minutes",
        ),
        (
            {"index": {"minutes": MINUTES}, "rush": {"index": {"stays": {"chat": STAYS[::-1]}}}},
            "rush.index.stays.chat",
        ),
        (
            {"index": {"minutes": MINUTES}, "rush": {"index": {"minutes": {"chat": {"each": 1}}}}},
            "rush.index.minutes.task",
        ),
        ({"index": {"minutes": MINUTES}, "rush": {"score": {}}}, "rush.score"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(parts, field):
    found = refused(**parts)
    assert field in found, list(found)
    assert found[field].remedy


def test_all_mistakes_are_named_at_once():
    found = refused(
        index={"weight": 2, "stays": {"chat": STAYS[::-1]}}, guarantee={"every": 0}, rush={}
    )
    assert set(found) == {"index.weight", "index.stays.chat", "guarantee.every", "rush"}


def test_an_escalation_may_be_above_the_callback_s_stage():
    found = policy(
        kinds={"chat": {"escalations": [{"after_minutes": 5, "stage": 760, "rule": "A6"}]}}
    )
    assert found.kinds[Kind.CHAT].escalations[0].stage == 760

"""From channel to kind to stage (rules A2, A8, A11)."""

import pytest
from builders import NOON
from ranking_builders import DEFAULT, a_situation

from service.leads.lead import Channel, Kind
from service.ranking.rank import rank_lead

CALLBACK = 750
STAGES = {
    "office": 900,
    "phone": 800,
    "chat": 600,
    "self_order": 500,
    "offline": 400,
    "registration": 300,
    "task": 200,
}
CHANNELS = {
    "walk_in": "office",
    "phone": "phone",
    "site_chat": "chat",
    "whatsapp": "chat",
    "vk": "chat",
    "telegram": "chat",
    "viber": "chat",
    "facebook": "chat",
    "skype": "chat",
    "max": "chat",
    "site_order": "self_order",
    "vin_request": "offline",
    "email": "offline",
    "landing_form": "offline",
    "registration": "registration",
    "crm_task": "task",
}


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_brings_its_kind_and_a_live_lead_the_stage_of_it(channel: Channel) -> None:
    ranking = rank_lead(a_situation(channel=channel, live=True), DEFAULT, NOON)
    assert ranking.kind == CHANNELS[channel]
    assert ranking.stage == STAGES[ranking.kind]
    assert ranking.explanation["stage"] == {
        "value": ranking.stage,
        "source": f"kind {ranking.kind}",
        "rule": "A2",
    }


@pytest.mark.parametrize("channel", sorted(set(Channel) - {Channel.WALK_IN, Channel.PHONE}))
def test_who_was_never_there_keeps_the_stage_of_his_kind(channel: Channel) -> None:
    ranking = rank_lead(a_situation(channel=channel, live=False), DEFAULT, NOON)
    assert ranking.stage == STAGES[CHANNELS[channel]]


@pytest.mark.parametrize(
    ("channel", "why", "rule"), [("phone", "missed call", "A8"), ("walk_in", "visitor left", "A7")]
)
def test_who_was_there_and_is_gone_is_called_back(channel: str, why: str, rule: str) -> None:
    ranking = rank_lead(a_situation(channel=Channel(channel), live=False), DEFAULT, NOON)
    assert ranking.stage == CALLBACK
    assert ranking.explanation["stage"] == {"value": CALLBACK, "source": why, "rule": rule}


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("channel", Channel)
def test_a_promised_callback_that_is_due_has_one_stage_for_all(
    channel: Channel, live: bool
) -> None:
    ranking = rank_lead(a_situation(channel=channel, live=live, callback_due=True), DEFAULT, NOON)
    assert ranking.stage == CALLBACK
    assert ranking.kind == CHANNELS[channel]
    assert ranking.explanation["stage"] == {
        "value": CALLBACK,
        "source": "promised callback is due",
        "rule": "A11",
    }


@pytest.mark.parametrize("kind", Kind)
def test_a_stated_kind_goes_before_that_of_any_channel(kind: Kind) -> None:
    situations = [a_situation(channel=channel, kind=kind, live=True) for channel in Channel]
    found = {
        (item.kind, item.stage) for item in (rank_lead(sent, DEFAULT, NOON) for sent in situations)
    }
    assert found == {(kind, STAGES[kind])}


@pytest.mark.parametrize(("kind", "why"), [("phone", "missed call"), ("office", "visitor left")])
def test_a_stated_kind_decides_who_is_called_back(kind: str, why: str) -> None:
    situation = a_situation(channel=Channel.EMAIL, kind=Kind(kind), live=False)
    ranking = rank_lead(situation, DEFAULT, NOON)
    assert ranking.stage == CALLBACK
    assert ranking.explanation["stage"]["source"] == why

"""Policies that understand clients alike share what was understood, and no others do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from simulation_builders import MONDAY, a_client, a_scenario

from service.leads.lead import Channel, Kind, Signal
from service.policies.reading import Shipped, default_text, read_policy, shipped_text
from service.rules.need import understand, understands_alike
from service.simulation.orders.ranking_inputs import ranking_input_of
from service.simulation.orders.understanding import Understanding, understandings_of
from service.simulation.shop.lead import SimulatedLead
from service.simulation.simulate import World
from service.text.dates import NamedDays

DEFAULT = read_policy(default_text())
OTHERS = {
    "region": replace(DEFAULT, region="KZ"),
    "currency": replace(DEFAULT, currency="KZT"),
    "channels": replace(DEFAULT, channels={**DEFAULT.channels, Channel.VK: Kind.OFFLINE}),
    "bills": replace(
        DEFAULT,
        kinds={**DEFAULT.kinds, Kind.CHAT: replace(DEFAULT.kinds[Kind.CHAT], usual_bill=1.0)},
    ),
    "hours": replace(DEFAULT, hours=World(a_scenario()).hours),
    "named days": replace(DEFAULT, named_days=NamedDays({("масленица",): (2, 20)})),
    "lexicon": replace(DEFAULT, lexicon=read_policy(shipped_text(Shipped.EMPTY)).lexicon),
}


def a_chat(**truth):
    text = "Здравствуйте, нужны колодки до 15000, срочно"
    signal = Signal("main", Channel.WHATSAPP, MONDAY + timedelta(minutes=700), text=text)
    client = a_client(3, 700.0, channel=Channel.WHATSAPP, kind=Kind.CHAT, signal=signal, **truth)
    return SimulatedLead(client, client.live, client.arrives)


@pytest.mark.parametrize("asked", OTHERS)
def test_who_understands_otherwise_shares_nothing(asked):
    assert not understands_alike(DEFAULT, OTHERS[asked])
    assert not understands_alike(OTHERS[asked], DEFAULT)


def test_who_only_ranks_otherwise_shares_everything():
    ranked = replace(DEFAULT, guarantee_every=3, greatest_cost=7.0, owner_share=0.9)
    assert understands_alike(DEFAULT, ranked)
    first, other, third = understandings_of(
        [DEFAULT, OTHERS["region"], ranked], World(a_scenario()).calendar
    )
    assert first is third is not other


def test_a_lead_is_understood_again_when_its_client_says_more():
    calendar = World(a_scenario()).calendar
    understanding = Understanding(DEFAULT, calendar)
    again = Signal("main", Channel.WHATSAPP, MONDAY + timedelta(minutes=710), text="Вы здесь?")
    lead = a_chat(again_at=710.0, again=again)
    first = understanding.need_of(lead)
    assert first == understand(ranking_input_of(lead, calendar), DEFAULT)
    assert understanding.need_of(lead) is first
    lead.asked_again, lead.asked_at = True, 710.0
    second = understanding.need_of(lead)
    assert second.signal.text == "Вы здесь?"
    lead.callback_due, lead.promised_at = True, 750.0
    assert understanding.need_of(lead).situation.callback_due
    understanding.forget()
    assert understanding.need_of(lead) is not second

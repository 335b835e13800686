"""What happens to single clients: callbacks, tries, interruptions, the guarantee."""

from datetime import timedelta

from simulation_builders import MONDAY, NumberOrder, a_client, live_through

from service.leads.lead import Channel, Kind, Signal
from service.simulation.orders.plain import first_come
from service.simulation.shop.client import NEVER, CutoffLoss
from service.simulation.shop.lead import Placing, SimulatedPlace


def chat(number, arrives, **truth):
    return a_client(
        number, arrives, channel=Channel.WHATSAPP, kind=Kind.CHAT, **{"silent": True, **truth}
    )


def test_who_hangs_up_can_be_called_back_and_is_worth_less_then():
    first = a_client(0, 1.0, hangs_up=500.0, gone=500.0, minutes=10.0)
    missed = a_client(1, 2.0, hangs_up=3.0, gone=60.0, comes_back=True, worth_back=0.9)
    late = a_client(2, 2.5, hangs_up=3.0, gone=5.0, comes_back=True, worth_back=0.9)
    shop = live_through([first, missed, late], NumberOrder(first_come), 1, 1)
    _, called, lost = shop.leads
    assert called.begun == 11.0
    assert missed.money_at(called.begun) == 0.9 * missed.worth
    assert lost.begun == NEVER
    assert lost.first_try < NEVER  # they stood in the line, and were tried


def test_who_leaves_silently_costs_a_try():
    gone, next_one = chat(0, 1.0, gone=1.5), chat(1, 2.0)
    busy = chat(2, 0.5, minutes=2.0)
    shop = live_through([busy, gone, next_one], NumberOrder(first_come), 1, 1)
    leads = {lead.client.number: lead for lead in shop.leads}
    assert leads[0].begun == NEVER
    assert leads[1].begun == 2.5 + 1.5


class Retrying(NumberOrder):
    retries = (timedelta(minutes=30), timedelta(minutes=60))


def test_who_does_not_answer_is_tried_again_and_given_up_at_last():
    never = chat(0, 0.0, no_answer=1.0)
    shop = live_through([never], Retrying(first_come), 1, 1)
    assert [claim.at for claim in shop.claims] == [0.0, 31.5, 93.0]
    assert shop.leads[0].over


def test_a_busy_operator_takes_a_call_on_top_and_goes_on_afterwards():
    writing, call = (
        chat(0, 0.0, minutes=30.0),
        a_client(1, 10.0, gone=11.0, hangs_up=11.0, on_top=True),
    )
    waiting = chat(2, 11.0)
    shop = live_through([writing, call, waiting], NumberOrder(first_come), 1, 1)
    assert [lead.begun for lead in shop.leads] == [0.0, 10.0, 35.0]  # a minute to find back


def test_a_call_is_not_taken_on_top_of_a_call():
    first, second = (
        a_client(n, n * 1.0, gone=n + 2.0, hangs_up=n + 2.0, on_top=True) for n in (0, 1)
    )
    shop = live_through([first, second], NumberOrder(first_come), 1, 1)
    assert [lead.begun for lead in shop.leads] == [0.0, NEVER]


def test_who_writes_again_has_a_later_last_word():
    again = Signal("main", Channel.WHATSAPP, MONDAY, text="?")
    busy, patient = chat(0, 0.0, minutes=9.0), chat(1, 1.0, again_at=4.0, again=again)
    shop = live_through([busy, patient], NumberOrder(lambda lead: lead.asked_at), 1, 1)
    assert shop.leads[1].asked_at == 4.0
    assert shop.leads[1].asked_again


def test_a_cut_off_costs_more_the_more_of_them_passed():
    order = chat(0, 0.0, cutoff=CutoffLoss((10.0, 20.0), (0.15, 0.4)))
    money = [order.money_at(at) / order.worth for at in (5.0, 10.0, 15.0, 25.0)]
    assert money == [1.0, 1.0, 0.85, 0.6]


class Guaranteed(NumberOrder):
    guaranteed_every = 3

    def placing(self, lead, at):
        place = SimulatedPlace(
            "everybody", self._rank(lead), protected=lead.client.kind is Kind.PHONE
        )
        late_at = lead.client.arrives + 5
        return Placing(place, late_at=late_at)


def test_every_third_claim_takes_the_longest_late():
    clients = [chat(number, number * 0.1, minutes=10.0) for number in range(9)]
    shop = live_through(clients, Guaranteed(lambda lead: lead.client.number), 1, 1)
    assert [claim.client for claim in shop.claims] == [0, 8, 1, 7, 6, 2, 5, 4, 3]


def test_a_due_guarantee_waits_while_the_head_is_protected():
    chats = [chat(number, number * 0.1, minutes=10.0) for number in range(4)]
    call = a_client(9, 15.0, gone=99.0, hangs_up=99.0, minutes=10.0)
    shop = live_through([*chats, call], Guaranteed(lambda lead: lead.client.number), 1, 1)
    assert [claim.client for claim in shop.claims] == [0, 3, 9, 1, 2]

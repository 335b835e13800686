"""The ranking input of a simulated lead."""

from dataclasses import replace

from service.leads.lead import ParkedFor, RankingInput
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.lead import SimulatedLead


def ranking_input_of(lead: SimulatedLead, calendar: Calendar) -> RankingInput:
    """The client's words and later events, without the truth behind them."""
    client = lead.client
    signal = client.again if lead.asked_again and client.again is not None else client.signal
    if signal.live and not lead.live:
        signal = replace(signal, live=False)
    promised = lead.promised_at
    return RankingInput(
        signal,
        asked_at=calendar.moment(lead.asked_at),
        callback_due=lead.callback_due,
        routing=client.routing,
        promised_at=None if promised is None else calendar.moment(promised),
        parked_for=ParkedFor.NO_ANSWER if lead.callback_due else None,
    )

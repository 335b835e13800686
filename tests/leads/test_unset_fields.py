"""What holds when nothing is said of it."""

from datetime import UTC, datetime

from service.leads.lead import Channel, Signal
from service.leads.operator import Operator


def test_a_signal_that_says_no_more_is_unpaid_and_of_somebody_absent() -> None:
    signal = Signal("main", Channel.EMAIL, datetime(2026, 6, 10, tzinfo=UTC))
    assert (signal.live, signal.paid, signal.intent) == (False, False, None)
    assert (signal.kind, signal.budget, signal.urgency, signal.needed_by) == (None,) * 4
    assert signal.items == ()


def test_an_operator_holds_one_lead_at_once_and_needs_no_skill() -> None:
    operator = Operator("anna", ("main",))
    assert operator.capacity == 1
    assert operator.skills == frozenset()

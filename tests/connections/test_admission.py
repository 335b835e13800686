"""Unproven requests of one address: so many a second, and no more."""

from service.connections.admission import Admission


class Timer:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_has_its_rate_and_no_more() -> None:
    admission = Admission(20, Timer())
    assert [admission.spend("203.0.113.5") for _ in range(25)] == [True] * 20 + [False] * 5


def test_time_gives_back_what_was_spent() -> None:
    timer = Timer()
    admission = Admission(20, timer)
    while admission.spend("203.0.113.5"):
        pass
    timer.now += 0.5
    assert sum(admission.spend("203.0.113.5") for _ in range(30)) == 10


def test_addresses_do_not_spend_for_each_other() -> None:
    admission = Admission(1, Timer())
    assert admission.spend("203.0.113.5")
    assert not admission.spend("203.0.113.5")
    assert admission.spend("203.0.113.6")


def test_a_rate_below_one_still_admits_the_first() -> None:
    assert Admission(0.1, Timer()).spend("203.0.113.5")

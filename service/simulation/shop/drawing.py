"""Draws the clients of a week, the same for every order in a comparison."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from math import gamma
from random import Random
from statistics import fmean

from service.leads.lead import Channel, Item, Signal
from service.leads.routing import UNROUTED, Routing
from service.simulation.scenarios.document import (
    DAYS_OF_WEEK,
    HOURS_OF_DAY,
    CutoffLossPart,
    Scenario,
    ServicePart,
    SourcePart,
)
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER, CutoffLoss, SimulatedClient
from service.simulation.shop.words import Wish, Wishes, spread

HOUR, DAY = 60.0, 1440.0
SAMPLES = 2000  # how many wishes give the mean minutes of work
TRIES = 8
GREATEST_CHANCE = 0.99
QUESTION = 0.5  # A10: the share of the chance when the client asks about an order
FREE_POSITIONS = 2  # A12: one or two parts are looked up during the call
LIVE = (Channel.PHONE, Channel.WALK_IN)
ONE = Decimal(1)
AGAIN = "Вы здесь?"
A_VIN = "XTA210990Y2766389"


class Drawing:
    """Draws weeks of a scenario; `owners` are the names of its operators."""

    def __init__(self, scenario: Scenario, calendar: Calendar, owners: Sequence[str]) -> None:
        self._scenario, self._calendar, self._owners = scenario, calendar, owners
        self._wishes = Wishes(scenario.words)
        self._hourly = {
            name: list(accumulate(source.hourly)) for name, source in scenario.sources.items()
        }

    @cached_property
    def mean_minutes(self) -> float:
        """The mean minutes of work per client, from a sample that is always the same."""
        draws, sources = Random("minutes of work"), self._scenario.sources.values()
        counts = [len(self._wishes.draw(draws).prices) for _ in range(SAMPLES)]
        each = (item.share * fmean(_minutes(item.service, n) for n in counts) for item in sources)
        return sum(each)

    def week(
        self, leads_a_day: float, seed: str, measured: tuple[float, float]
    ) -> list[SimulatedClient]:
        """The clients of a week in order of arrival.

        Those who come between the two given times are measured.
        """
        draws, found = Random(seed), []
        scenario = self._scenario
        days = int(self._calendar.minutes // DAY)
        for day in range(days):
            busy = scenario.weekdays[day % DAYS_OF_WEEK] * spread(scenario.day_cv, draws)
            for name, source in scenario.sources.items():
                mean = leads_a_day * source.share * busy
                found += [(at, name) for at in self._arrivals(name, day, mean, draws)]
        found.sort()
        begins, ends = measured
        return [
            replace(client, measured=begins <= client.arrives < ends)
            for client in (
                self._client(number, at, scenario.sources[name], draws)
                for number, (at, name) in enumerate(found)
            )
        ]

    def _arrivals(self, name: str, day: int, mean: float, draws: Random) -> Iterator[float]:
        """Poisson arrivals of a day, spread over its hours by the source's weights."""
        weights = self._hourly[name]
        for _ in range(_poisson(mean, draws)):
            hour = min(bisect(weights, draws.random() * weights[-1]), HOURS_OF_DAY - 1)
            yield day * DAY + (hour + draws.random()) * HOUR

    def _client(self, number: int, at: float, source: SourcePart, draws: Random) -> SimulatedClient:
        wish = self._wishes.draw(draws)
        chance = source.chance * wish.chance * spread(source.chance_cv, draws)
        question = draws.random() < source.questions
        stays = source.patience.minutes * (wish.need if source.patience.by_need else 1.0)
        stayed = _weibull(stays, source.patience.shape, draws)
        live = source.says == "nothing" and source.channel in LIVE
        leaves = at + stayed if live else self._calendar.worn_after(at, stayed)
        back, gone = self._callback(source, wish, leaves, draws) if live else (False, leaves)
        again_at = self._again_at(source, at, gone, draws)
        signal = self._signal(source, wish, at, live, draws)
        return SimulatedClient(
            number=number,
            kind=source.kind,
            arrives=at,
            signal=signal,
            routing=self._routing(source, draws),
            chance=min(GREATEST_CHANCE, chance) * (QUESTION if question else 1.0),
            bill=wish.bill,
            minutes=_minutes(source.service, len(wish.prices)) * spread(source.service.cv, draws),
            gone=gone,
            silent=draws.random() < source.patience.silent,
            stays_minutes=stays,
            answers=tuple(draws.random() for _ in range(TRIES)),
            no_answer=source.answer.no_answer,
            gone_says=source.answer.gone_says,
            hangs_up=leaves if live else NEVER,
            comes_back=back,
            back_share=0.0 if source.callback is None else source.callback.share,
            back_minutes=1.0 if source.callback is None else source.callback.minutes * wish.need,
            worth_back=1.0 if source.callback is None else source.callback.worth,
            cutoff=None if source.cutoff is None else self._cutoff(source.cutoff, at),
            again_at=again_at,
            again=None if again_at == NEVER else _written_again(signal),
            on_top=draws.random() < self._scenario.on_top.share,
        )

    def _callback(
        self, source: SourcePart, wish: Wish, leaves: float, draws: Random
    ) -> tuple[bool, float]:
        """Whether a client who hung up stays in the line, and until when a call reaches them."""
        found, patience = draws.random(), draws.expovariate(1.0)
        if source.callback is None:
            return False, leaves
        if found >= source.callback.share:
            return True, leaves
        minutes = patience * source.callback.minutes * wish.need
        return True, self._calendar.worn_after(leaves, minutes)

    def _again_at(self, source: SourcePart, at: float, gone: float, draws: Random) -> float:
        """When a client writes again, if they are still there."""
        writes, after = draws.random(), draws.expovariate(1.0)
        if source.again is None or writes >= source.again.share:
            return NEVER
        again_at = at + after * source.again.minutes
        return again_at if again_at < gone else NEVER

    def _signal(
        self, source: SourcePart, wish: Wish, at: float, live: bool, draws: Random
    ) -> Signal:
        has_vin = draws.random() < source.vin
        items = tuple(Item(name, ONE, Decimal(f"{price:.2f}")) for name, price in wish.prices)
        return Signal(
            queue="main",
            channel=source.channel,
            received_at=self._calendar.moment(at),
            live=live,
            text=wish.text if source.says == "text" else None,
            items=items if source.says == "items" else (),
            vin=A_VIN if has_vin else None,
        )

    def _routing(self, source: SourcePart, draws: Random) -> Routing:
        has_owner, place, demand = draws.random(), draws.random(), draws.random()
        owner = None
        if has_owner < source.owners and self._owners:
            owner = self._owners[int(place * len(self._owners))]
        skills: frozenset[str] = frozenset()
        for skill, share in source.skills.items():
            if demand < share:
                skills = frozenset({skill})
                break
            demand -= share
        if owner is None and not skills:
            return UNROUTED
        rules = ("A9" if owner else "", "B4" if skills else "")
        return Routing(owner=owner, owner_rule=rules[0], skills=skills, skills_rule=rules[1])

    def _cutoff(self, part: CutoffLossPart, at: float) -> CutoffLoss:
        """The first cut-offs of open days after an order came."""
        hour, _, minute = part.at.partition(":")
        of_day = int(hour) * HOUR + int(minute)
        days = range(int(at // DAY), int(self._calendar.minutes // DAY) + 1)
        moments = [day * DAY + of_day for day in days if day * DAY + of_day > at]
        held = [when for when in moments if self._calendar.is_open(when - 1)]
        losses = tuple(part.losses[: len(held)])
        return CutoffLoss(tuple(held[: len(losses)]), losses)


def _minutes(part: ServicePart, positions: int) -> float:
    """The mean minutes of work for a number of positions (A12)."""
    return part.each + part.per_part * max(0, positions - FREE_POSITIONS)


def _weibull(mean: float, shape: float, draws: Random) -> float:
    return draws.weibullvariate(mean / gamma(1 + 1 / shape), shape)


def _poisson(mean: float, draws: Random) -> int:
    """A Poisson number, by the times between arrivals."""
    count, left = 0, mean - draws.expovariate(1.0)
    while left > 0:
        count += 1
        left -= draws.expovariate(1.0)
    return count


def _written_again(signal: Signal) -> Signal:
    return replace(signal, text=f"{signal.text or ''} {AGAIN}".strip())

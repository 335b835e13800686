"""A simulated client: what it says, and the truth that no ranking sees."""

from dataclasses import dataclass

from service.leads.lead import Kind, Signal
from service.leads.routing import Routing

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class CutoffLoss:
    """The cut-offs after an order came, and the share of its money that each of them costs."""

    moments: tuple[float, ...]
    losses: tuple[float, ...]

    def left(self, at: float) -> float:
        """The share of the money that is left when the order is begun at a moment."""
        passed = [loss for when, loss in zip(self.moments, self.losses, strict=True) if when < at]
        return 1.0 - max(passed, default=0.0)


@dataclass(frozen=True, slots=True)
class SimulatedClient:
    """One client, drawn once and the same under every order; times are minutes of the week.

    A live client is there until `hangs_up`. Whoever is served before `gone` buys with `chance`
    for `bill`: in full while live, for `worth_back` of it later. A `silent` one leaves a lead in
    the line. `stays_minutes` is the mean patience of such a client, `back_minutes` that of whoever
    hung up and is of the `back_share` that can be had by a call; `answers` are numbers 0…1 that
    decide tries one by one.
    """

    number: int
    kind: Kind
    arrives: float
    signal: Signal
    routing: Routing
    chance: float
    bill: float
    minutes: float
    gone: float
    silent: bool
    stays_minutes: float
    answers: tuple[float, ...]
    no_answer: float
    gone_says: float
    hangs_up: float = NEVER
    comes_back: bool = False
    back_share: float = 0.0
    back_minutes: float = 1.0
    worth_back: float = 1.0
    cutoff: CutoffLoss | None = None
    again_at: float = NEVER
    again: Signal | None = None
    on_top: bool = False
    measured: bool = True

    @property
    def live(self) -> bool:
        """Whether somebody is on the line or in the office when it comes."""
        return self.signal.live

    @property
    def seen_until(self) -> float:
        """Until when it stands in the line if nobody serves it, as far as its own doing goes."""
        if self.live and not self.comes_back:
            return self.hangs_up
        return NEVER if self.live or self.silent else self.gone

    @property
    def worth(self) -> float:
        """The money that is to be won."""
        return self.chance * self.bill

    def money_at(self, at: float) -> float:
        """What is won when work begins at a moment; nothing once the client is gone."""
        if at > self.gone:
            return 0.0
        share = self.worth_back if at > self.hangs_up else 1.0
        return self.worth * share * (1.0 if self.cutoff is None else self.cutoff.left(at))

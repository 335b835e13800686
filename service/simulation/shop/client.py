"""A simulated client: their words, and the truth that no ranking knows."""

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
        """The share of the money that is left when work begins at a given time."""
        passed = [loss for when, loss in zip(self.moments, self.losses, strict=True) if when < at]
        return 1.0 - max(passed, default=0.0)


@dataclass(frozen=True, slots=True)
class SimulatedClient:
    """One client, drawn once and the same under every order. Times are minutes of the week.

    A live client is there until `hangs_up`. A client served before `gone` buys for `bill` with the
    probability `chance`: in full while live, for the share `worth_back` later. A `silent` client
    leaves a lead in the line. `stays_minutes` is the mean patience of such a client. `back_share`
    is the share of clients who hung up and can be reached by a call, and `back_minutes` is their
    mean patience. `answers` are numbers 0…1 that decide each try.
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
        """Whether the client is on the line or in the office on arrival."""
        return self.signal.live

    @property
    def seen_until(self) -> float:
        """How long the lead stays in the line if nobody serves it, as far as the client decides."""
        if self.live and not self.comes_back:
            return self.hangs_up
        return NEVER if self.live or self.silent else self.gone

    @property
    def worth(self) -> float:
        """The expected money."""
        return self.chance * self.bill

    def money_at(self, at: float) -> float:
        """The money won when work begins at a given time; nothing once the client is gone."""
        if at > self.gone:
            return 0.0
        share = self.worth_back if at > self.hangs_up else 1.0
        return self.worth * share * (1.0 if self.cutoff is None else self.cutoff.left(at))

"""The clock of the tests."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)  # noon in Moscow


class DrivenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, **duration: float) -> None:
        self.moment += timedelta(**duration)

"""The supplier's next cut-off: weekends, holidays, vacations, clocks put on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ranking_builders import a_policy, moscow

from service.ranking.timeline import next_cutoff

SHOP = {"weekly": {"mon-fri": "09:00-19:00"}}
WITH_HOLIDAYS = {**SHOP, "holidays": {"country": "RU"}}
VACATION = {**SHOP, "exceptions": {f"2026-07-{day:02}": "closed" for day in range(1, 32)}}


@pytest.mark.parametrize(
    ("parts", "now", "following"),
    [
        pytest.param({}, "2026-06-10 11:59:59", "2026-06-10 12:00", id="today"),
        pytest.param({}, "2026-06-10 12:00", "2026-06-11 12:00", id="over for today"),
        pytest.param(
            {"cutoff": {"days": "mon-fri"}}, "2026-06-05 13:00", "2026-06-08 12:00", id="named days"
        ),
        pytest.param({"hours": SHOP}, "2026-06-05 13:00", "2026-06-08 12:00", id="weekend"),
        pytest.param(
            {"hours": WITH_HOLIDAYS}, "2026-06-11 13:00", "2026-06-15 12:00", id="holiday"
        ),
        pytest.param({"hours": VACATION}, "2026-06-30 13:00", "2026-08-03 12:00", id="vacation"),
        pytest.param(
            {"cutoff": {"at": "24:00"}}, "2026-06-10 12:00", "2026-06-11 00:00", id="24:00"
        ),
    ],
)
def test_the_next_cutoff_is_on_a_day_that_has_it(
    parts: dict[str, Any], now: str, following: str
) -> None:
    assert next_cutoff(a_policy(**parts), moscow(now)) == moscow(following)


def test_a_cutoff_keeps_its_local_time_when_clocks_change() -> None:
    policy = a_policy(time_zone="Europe/Berlin")
    saturday = datetime(2026, 3, 28, tzinfo=UTC)
    assert next_cutoff(policy, saturday) == saturday + timedelta(hours=11)
    assert next_cutoff(policy, saturday + timedelta(days=1)) == saturday + timedelta(hours=34)

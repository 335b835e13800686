"""Counting in plain numbers, and handing them over to prometheus-client."""

from collections.abc import Iterator

import prometheus_client
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.metrics import family
from service.metrics.exposition import exposition
from service.metrics.family import (
    FAMILIES,
    MAX_SERIES,
    OTHER,
    CountedFamily,
    MeasuredFamily,
    ProcessGauge,
    ReadGauge,
)

Shown = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def families_of_the_test() -> Iterator[None]:
    """Families that a test declares are forgotten after it."""
    before = [*FAMILIES]
    yield
    for added in FAMILIES[len(before) :]:
        for name in ("_counter", "_histogram", "_gauge"):
            if (own := getattr(added, name, None)) is not None:
                family.REGISTRY.unregister(own)
    FAMILIES[:] = before


def shown(read: object = None) -> Shown:
    family.flush_all()
    text = exposition(read or {}).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
    }


def test_counts_add_up_over_flushes() -> None:
    eaten = CountedFamily("apples_total", "apples eaten", ("who",))
    eaten.add("anna")
    assert shown()["nextlead_apples_total", (("who", "anna"),)] == 1
    eaten.add("anna", by=2)
    eaten.add("boris")
    assert shown()["nextlead_apples_total", (("who", "anna"),)] == 3
    assert shown()["nextlead_apples_total", (("who", "boris"),)] == 1


def test_a_count_without_labels() -> None:
    fallen = CountedFamily("falls_total", "falls")
    assert shown()["nextlead_falls_total", ()] == 0
    fallen.add(by=5)
    assert shown()["nextlead_falls_total", ()] == 5


@pytest.mark.parametrize("value", [0.5, 1, 1.5, 2, 3])
def test_a_value_falls_where_prometheus_own_histogram_puts_it(value: float) -> None:
    own = MeasuredFamily("weight", "weights", (1, 2), ("of",))
    theirs = prometheus_client.Histogram("theirs", "weights", buckets=(1, 2), registry=None)
    own.observe(value, "apple")
    theirs.observe(value)
    family.flush_all()
    found = {key: number for key, number in shown().items() if key[0].startswith("nextlead_weight")}
    (metric,) = theirs.collect()
    for sample in metric.samples:
        if not sample.name.endswith("_created"):
            name = sample.name.replace("theirs", "nextlead_weight")
            labels = tuple(sorted({**sample.labels, "of": "apple"}.items()))
            assert found[name, labels] == sample.value


def test_observations_add_up_over_flushes() -> None:
    own = MeasuredFamily("length", "lengths", (1, 2))
    own.observe(0.5)
    shown()
    own.observe(1.5)
    own.observe(9)
    found = shown()
    assert found["nextlead_length_count", ()] == 3
    assert found["nextlead_length_sum", ()] == 11
    assert found["nextlead_length_bucket", (("le", "1.0"),)] == 1
    assert found["nextlead_length_bucket", (("le", "2.0"),)] == 2


def test_labels_without_bound_become_other() -> None:
    seen = CountedFamily("visits_total", "visits", ("who",))
    sizes = MeasuredFamily("size", "sizes", (1,), ("of",))
    for number in range(MAX_SERIES + 50):
        seen.add(f"guest {number}")
        sizes.observe(1, f"thing {number}")
    found = shown()
    visits = [key for key in found if key[0] == "nextlead_visits_total"]
    assert len(visits) == MAX_SERIES + 1
    assert found["nextlead_visits_total", (("who", OTHER),)] == 50
    assert found["nextlead_size_count", (("of", OTHER),)] == 50


def test_gauges_of_a_process_and_those_that_are_read() -> None:
    rooms = ProcessGauge("rooms", "rooms", ("floor",))
    height = ReadGauge("height", "how high", ("of",))
    rooms.set(3, "first")
    found = shown({height: {("tower",): 40.0}})
    assert found["nextlead_rooms", (("floor", "first"),)] == 3
    assert found["nextlead_height", (("of", "tower"),)] == 40


def test_a_family_without_a_series_has_its_type() -> None:
    CountedFamily("never_total", "never", ("who",))
    MeasuredFamily("no_size", "never", (1,), ("of",))
    ReadGauge("nowhere", "never", ("of",))
    text = exposition({}).decode()
    assert "# TYPE nextlead_never_total counter\n" in text
    assert "# TYPE nextlead_no_size histogram\n" in text
    assert "# TYPE nextlead_nowhere gauge\n" in text
    assert "# HELP nextlead_nowhere never\n" in text

"""Families of figures: counted as plain numbers, and passed to prometheus-client from time to time.

Its own counters take microseconds each, because several processes share them through files. So a
hot call counts in a dict here. `flush` adds the sums once a second and before each scrape.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

import prometheus_client
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

PREFIX = "nextlead_"
MAX_SERIES = 1000
OTHER = "other"

REGISTRY = CollectorRegistry(auto_describe=False)
Labels = tuple[str, ...]


class FigureFamily:
    """A name, its meaning and its labels; each set of label values is a series."""

    kind = "gauge"

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        """`name` without the prefix."""
        self.name, self.meaning, self.labels = PREFIX + name, meaning, tuple(labels)
        FAMILIES.append(self)

    def empty(self) -> Metric:
        """The family without a series: name, type and meaning."""
        return Metric(self.name.removesuffix("_total"), self.meaning, self.kind)

    def flush(self) -> None:
        """Pass on what was counted since the last flush; a gauge has nothing to pass on."""

    def bounded(self, labels: Labels, number: int) -> Labels:
        """The labels, or `other` for each label once there are too many series."""
        return labels if number < MAX_SERIES else (OTHER,) * len(labels)


FAMILIES: list[FigureFamily] = []

prometheus_client.disable_created_metrics()


class CountedFamily(FigureFamily):
    """How often something happened."""

    kind = "counter"

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, meaning, labels)
        self._counter = prometheus_client.Counter(self.name, meaning, labels, registry=REGISTRY)
        self._pending: dict[Labels, float] = {}

    def add(self, *labels: str, by: float = 1) -> None:
        """Count once more, or `by` more."""
        pending = self._pending
        if labels not in pending:
            labels = self.bounded(labels, len(pending))
            pending.setdefault(labels, 0)
        pending[labels] += by

    def flush(self) -> None:
        """Pass on what was counted since the last flush."""
        for labels, count in self._pending.items():
            if count:
                child = self._counter.labels(*labels) if labels else self._counter
                child.inc(count)
                self._pending[labels] = 0


class _SummedHistogram(prometheus_client.Histogram):
    """A histogram that takes many observations at once."""

    def add_counts(self, counts: Sequence[int], total: float) -> None:
        """Add observations: how many fell into each bucket, and their sum."""
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self._sum.inc(total)


class MeasuredFamily(FigureFamily):
    """The sizes of something, as counts per bucket."""

    kind = "histogram"

    def __init__(
        self, name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> None:
        """`buckets` are upper bounds in rising order."""
        super().__init__(name, meaning, labels)
        self._bounds = tuple(buckets)
        self._histogram = _SummedHistogram(
            self.name, meaning, labels, registry=REGISTRY, buckets=self._bounds
        )
        self._pending: dict[Labels, tuple[list[int], list[float]]] = {}

    def observe(self, value: float, *labels: str) -> None:
        """Count one observation."""
        pending = self._pending.get(labels) or self._new(labels)
        counts, total = pending
        counts[bisect_left(self._bounds, value)] += 1
        total[0] += value

    def flush(self) -> None:
        """Pass on what was observed since the last flush."""
        for labels, (counts, total) in self._pending.items():
            if any(counts):
                child = self._histogram.labels(*labels) if labels else self._histogram
                child.add_counts(counts, total[0])
                counts[:], total[0] = [0] * len(counts), 0.0

    def _new(self, labels: Labels) -> tuple[list[int], list[float]]:
        labels = self.bounded(labels, len(self._pending))
        fresh = ([0] * (len(self._bounds) + 1), [0.0])
        return self._pending.setdefault(labels, fresh)


class ProcessGauge(FigureFamily):
    """A value of each living process; a scrape shows the sum, or by another `mode` the greatest."""

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        mode: Literal["livesum", "livemax"] = "livesum",
    ) -> None:
        super().__init__(name, meaning, labels)
        self._gauge = prometheus_client.Gauge(
            self.name, meaning, labels, registry=REGISTRY, multiprocess_mode=mode
        )

    def set(self, value: float, *labels: str) -> None:
        """Set this process's value."""
        (self._gauge.labels(*labels) if labels else self._gauge).set(value)


class ReadGauge(FigureFamily):
    """A value that the process which answers a scrape reads once for it."""


def flush_all() -> None:
    """Flush all families."""
    for family in FAMILIES:
        family.flush()

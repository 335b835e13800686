"""From runs of the bench to ratios, lines and pictures."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.figures import Row, cost_by_depth, ratio
from bench.load import Answers
from bench.pictures_of_runs import draw
from bench.plan import QUICK, Part, Plan, PlanImpossible, parts_of, read_numbers
from bench.report import as_lines
from bench.runs import ProcessorTime, Run
from bench.targets import targets
from bench.works import Work

SERVED = Row(Work.SERVING, 1000, 32)


def a_run(contender: str, rate: int, number: int = 1, row: Row = SERVED, cost: float = 1.0) -> Run:
    answers = Answers(rate, 1.0, 5.0, 20.0, 0)
    taken = ProcessorTime(cost, 0.0, 0.0)
    place = (row.work, row.depth, row.connections)
    return Run(number, *place, contender, answers, taken, row.depth, row.depth, None)


def in_rounds(*pairs: tuple[int, int], row: Row = SERVED) -> list[Run]:
    """Rates of the service and of the floor, round by round."""
    return [
        run
        for number, (ours, theirs) in enumerate(pairs)
        for run in (a_run("service", ours, number, row), a_run("floor", theirs, number, row))
    ]


def test_a_ratio_is_the_median_of_those_within_a_round() -> None:
    """A round on a busier machine slows both; medians of the rates would mix rounds."""
    runs = in_rounds((100, 200), (1000, 1000), (30, 15))
    assert ratio(runs, SERVED, "service", "floor") == 1.0


def test_what_does_not_count_is_in_no_ratio() -> None:
    runs = in_rounds((100, 200), (100, 50), (100, 50))
    spoilt = [replace(runs[2], fault="no lead moved"), *runs[:2], runs[3]]
    assert ratio(spoilt, SERVED, "service", "floor") == 0.5
    assert ratio(spoilt[:1], SERVED, "service", "floor") is None


def test_the_quick_bench_says_name_ratio_target_and_nothing_else() -> None:
    runs = [
        run
        for work in QUICK.parts[0].works
        for run in in_rounds((90, 100), row=Row(work, 1000, 32))
        if work is not Work.POLLING
    ]
    runs += [replace(run, fault="x") for run in in_rounds((9, 1), row=Row(Work.POLLING, 1000, 32))]
    assert as_lines(runs).splitlines() == [
        "leads-in 0.90 1.2",
        "leads-joined 0.90 0.7",
        "polls 0.00 2",
        "leads-served 0.90 1.35",
        "leads-settled 0.90 1.35",
    ]


def test_over_more_connections_the_aim_is_the_target() -> None:
    for connections, wanted in ((32, 1.35), (128, 1.5)):
        runs = in_rounds((150, 100), row=Row(Work.SERVING, 1000, connections))
        (target,) = targets(runs)
        assert (target.target, target.ratio, target.reached) == (wanted, 1.5, True)


def test_a_cost_that_grew_with_the_depth_is_below_one() -> None:
    deep = Row(Work.SERVING, 100_000, 32)
    runs = [a_run("service", 100), a_run("service", 100, row=deep, cost=1.25)]
    assert cost_by_depth(runs, deep, 1000, "service") == pytest.approx(0.8)
    (target,) = targets(runs)
    assert target.reached


def words_of(picture: Path) -> str:
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text("utf-8")))


def test_the_pictures_show_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # without Chromium
    deep = Row(Work.SERVING, 100_000, 32)
    runs = [*in_rounds((100, 50)), *in_rounds((80, 50), row=deep)]
    ladder, depth = draw(runs, tmp_path)
    words = words_of(ladder)
    assert re.search(
        r"leads served, 1 000 waiting, 32 connections service 2\.00 floor 1\.00", words
    )
    assert "leads served, 100 000: service 1.25" in words_of(depth)
    assert [file.name for file in draw(in_rounds((1, 1)), tmp_path)] == ["ladder.svg"]


def test_what_the_servers_cannot_take_is_refused() -> None:
    for sent in ("", "32,", "0", "-5", "many"):
        with pytest.raises(PlanImpossible):
            read_numbers(sent)
    parts = parts_of((1000, 100_000), (32, 128), ("SKIP LOCKED",))
    Plan(parts, 5, 1, 1, 9.5).check()
    with pytest.raises(PlanImpossible):
        Plan(parts, 5, 1, 3, 9.5).check()


def test_each_depth_has_whom_its_parts_name() -> None:
    plan = Plan(parts_of((5000,), (32, 128), ("BullMQ",)), 5, 1, 1, 9.5)
    assert plan.depths == (1000, 5000)
    assert plan.contenders(1000) == ("floor", "service", "tuned floor", "harder floor")
    assert plan.contenders(5000) == ("floor", "service", "BullMQ")
    assert plan.parts[-1] == Part(5000, 32, ("floor", "service", "BullMQ"), plan.parts[-1].works)

"""Outcomes and labels of equal age, or none."""

import math

import pytest

from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.measures.words import Metric, Stand
from tests.decisions.change.made import NEW, OLD, Line, compared, of

PEOPLE = tuple(f"r{i}" for i in range(10))
WAITED = (Metric.BAD_IF_APPROVED, Metric.OUTCOME_LOG_ODDS, Metric.LABELLED_ERROR_RATE)


def decided(model: str, day: int | None, bad: int, known: int = 20, **more: object) -> list[Line]:
    """Each person approves 20, whose outcome is known of some, and rejects 2, one of which is bad."""
    line = {"model": model, "day": day, **more}
    return [
        Line(n=n, person=person, did=did, outcome=outcome, correct=correct, **line)  # type: ignore[arg-type]
        for person in PEOPLE
        for n, did, outcome, correct in (
            (bad, "approve", "bad", 0), (known - bad, "approve", "good", 1), (20 - known, "approve", None, None),
            (1, "reject", "bad", 0), (1, "reject", "good", 1),
        )
        if n
    ]  # fmt: skip


def test_only_decisions_old_enough_count_on_both_sides() -> None:
    lines = decided(OLD, 0, 2) + decided(NEW, 10, 4) + decided(NEW, 24, 0)

    comparison = compared(lines)

    part = comparison.maturity
    assert (part.days, part.until, part.n_before, part.n_after) == (14, "2026-05-11", 220, 220)
    found = of(comparison, Metric.BAD_IF_APPROVED)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.k, found.before.n) == (20, 200)
    assert (found.after.k, found.after.n) == (40, 200)
    labels = of(comparison, Metric.LABELLED_ERROR_RATE)
    assert labels.crude.value == pytest.approx(20 / 220)


def test_a_side_that_is_too_young_is_refused() -> None:
    comparison = compared(decided(OLD, 0, 2) + decided(NEW, 20, 4))

    for metric in (*WAITED, Metric.ERROR_ESCAPE_RATE):
        found = of(comparison, metric)
        assert found.crude.stand is Stand.REFUSED
        assert found.before is None
        assert found.crude.reason == "after: no decision is 14 days older than the log's last day, so none was made by 2026-05-07"  # fmt: skip
    assert of(comparison, Metric.OVERRIDE_RATE).crude.stand is Stand.MEASURED


def test_no_maturity_asked_counts_every_day() -> None:
    comparison = compared(
        decided(OLD, 0, 2) + decided(NEW, 20, 4), rules=ComparisonRules(maturity_days=0)
    )

    assert of(comparison, Metric.BAD_IF_APPROVED).crude.value == pytest.approx(0.1)


def test_sides_whose_outcomes_are_not_known_alike_are_refused() -> None:
    lines = decided(OLD, 0, 2) + decided(NEW, 1, 2, known=18) + decided(NEW, 24, 0)

    found = of(compared(lines), Metric.BAD_IF_APPROVED)

    assert found.crude.stand is Stand.REFUSED
    assert "100 % of approved decisions say how they turned out before and 90 % after" in found.crude.reason  # fmt: skip


def test_decisions_without_a_day_are_not_known_to_be_old_enough() -> None:
    lines = decided(OLD, 0, 2) + decided(NEW, 1, 2) + decided(NEW, 20, 0)
    undated = decided(OLD, None, 20)

    with_undated, without = (of(compared(some), Metric.BAD_IF_APPROVED) for some in (lines + undated, lines))  # fmt: skip

    assert with_undated == without


def test_the_change_of_odds_is_worked_by_hand() -> None:
    lines = decided(OLD, 0, 2) + decided(NEW, 1, 4) + decided(NEW, 24, 0)

    found = of(compared(lines), Metric.OUTCOME_LOG_ODDS)

    # Overridden 10 bad, 10 good on both sides; approved 20 of 200 bad, then 40 of 200; half a row added.
    before = math.log(10.5 * 180.5 / (10.5 * 20.5))
    after = math.log(10.5 * 160.5 / (10.5 * 40.5))
    assert found.before is not None
    assert found.before.value == pytest.approx(before)
    assert found.crude.value == pytest.approx(after - before)
    assert "by cluster" in found.crude.method
    assert found.reason == (
        "what was overridden never ran, so its outcome is a judgement; "
        "the limits of each side are as if decisions were independent"
    )
    assert found.split.stand is Stand.REFUSED


def test_an_error_escape_rate_needs_weights_on_both_sides() -> None:
    def alone(model: str, day: int, probability: int | None) -> list[Line]:
        return [
            Line(n=n, model=model, day=day, lane="auto", did=did, person=person, correct=correct, probability=probability)
            for n, did, person, correct in ((900, None, None, None), (90, "approve", "r1", 1), (10, "reject", "r2", 0))
        ]  # fmt: skip

    late = [Line(model=NEW, day=20)]

    known = of(compared(alone(OLD, 0, 100) + alone(NEW, 1, 100) + late), Metric.ERROR_ESCAPE_RATE)
    unknown = of(compared(alone(OLD, 0, 100) + alone(NEW, 1, None) + late), Metric.ERROR_ESCAPE_RATE)  # fmt: skip

    assert known.before is not None
    assert known.before.value == pytest.approx(0.1)
    assert known.crude.value == pytest.approx(0.0)
    assert known.crude.low is not None
    assert known.crude.low < -0.05
    assert unknown.crude.stand is Stand.REFUSED
    assert unknown.crude.reason.startswith("after: ")
    assert "review_probability" in unknown.crude.reason

"""On logs whose truth is known, intervals hold the truth as often as they promise.

Rows are counted by SQL here, not by hitl: many small logs at once. That hitl counts the same is shown once.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.stats.interval import Interval
from hitl.stats.ratio import clustered_rate, plain_rate
from hitl.stats.ratio_change import rate_change
from hitl.stats.standardised import Period, mix_shift
from hitl.stats.stratified import corrected_for_detection, stratified_rate
from tests.decisions.log_truth import truth_of
from tests.decisions.logs import (
    BIASED,
    CREEP,
    MIX_SHIFT,
    SPIKE,
    TYPES,
    WEEKEND,
    Truth,
    rows_sql,
    write_log,
)

pytestmark = pytest.mark.validity

Counted = NDArray[np.int64]
LOGS, ROWS, PEOPLE = 400, 5_000, 30
UNEVEN = 0.4
"""Standard deviation of the logarithm of how often people override."""


def most_misses(promised: float, runs: int) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def counted(truth: Truth, *keys: str, logs: int = LOGS) -> Iterator[tuple[Counted, Counted]]:
    """Yield overridden and acted rows of each log, by the keys (numbers from 0) and by person.

    The logs are one with all their people, of whom each block of PEOPLE makes a log: people are drawn alone.
    """
    whole = replace(truth, rows=logs * ROWS, reviewers=logs * PEOPLE, reviewer_sd=UNEVEN, seed=logs)
    person = "CAST(SUBSTR(reviewer_id, 2) AS INTEGER)"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(
            f"""SELECT {", ".join((*keys, person))}, COUNT(*) FILTER (human_action IN ('modify', 'reject')), COUNT(*)
            FROM ({rows_sql(whole)}) WHERE human_action <> 'timeout' GROUP BY ALL"""  # noqa: S608
        ).fetchnumpy()
    *at, k, n = (np.asarray(values, dtype=np.int64) for values in found.values())
    shape = (*(int(place.max()) + 1 for place in at[:-1]), logs * PEOPLE)
    laid = [np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)]
    for table, values in zip(laid, (k, n), strict=True):
        table[tuple(at)] = values
    for log in range(logs):
        block = slice(log * PEOPLE, (log + 1) * PEOPLE)
        yield laid[0][..., block], laid[1][..., block]


def misses(intervals: Iterator[Interval], truth: float) -> int:
    return sum(not interval.low <= truth <= interval.high for interval in intervals)


def changes(truth: Truth, period: str, first: int = 0, second: int = 1) -> Iterator[Interval]:
    """Yield the change of the override rate between two periods, numbered by SQL over `at`."""
    for k, n in counted(truth, period):
        yield rate_change((k[first], n[first]), (k[second], n[second])).interval


IS_NEW = "CAST(resolved_model LIKE '%18' AS INTEGER)"
WEEK = (
    "CAST(FLOOR((EPOCH(\"at\") - EPOCH(TIMESTAMPTZ '2026-05-01 00:00:00+00')) / 604800) AS INTEGER)"
)
IS_WEEKEND = 'CAST(DAYOFWEEK("at") IN (0, 6) AS INTEGER)'


def test_the_size_of_a_spike_lies_in_its_interval() -> None:
    truth = truth_of(SPIKE)
    size = truth.after.override - truth.before.override

    assert size == pytest.approx(0.08)
    assert misses(changes(SPIKE, IS_NEW), size) <= most_misses(0.05, LOGS)


def test_where_nothing_changed_no_more_changes_are_seen_than_promised() -> None:
    assert misses(changes(Truth(), IS_NEW), 0.0) <= most_misses(0.05, LOGS)


def test_what_a_creep_adds_from_the_first_week_to_the_last_lies_in_its_interval() -> None:
    days = truth_of(CREEP).days
    first, last = (
        np.mean([days[day].override for day in range(start, start + 7)]) for start in (0, 21)
    )

    assert last - first == pytest.approx(0.06 * 21 / 28)
    assert misses(changes(CREEP, WEEK, 0, 3), float(last - first)) <= most_misses(0.05, LOGS)


def test_the_weekend_lies_in_its_interval() -> None:
    # Three times 4 % on Saturdays and Sundays, 4 % on other days.
    assert misses(changes(WEEKEND, IS_WEEKEND), 0.08) <= most_misses(0.05, LOGS)


def test_people_who_differ_need_an_interval_that_knows_it() -> None:
    truth = replace(Truth(), override=0.2, override_after=0.2)
    ids = [(k.sum(axis=0), n.sum(axis=0)) for k, n in counted(truth, "0")]
    alone = (plain_rate(int(k.sum()), int(n.sum())).interval for k, n in ids)
    together = [clustered_rate(k, n) for k, n in ids]

    assert misses((rate.interval for rate in together), 0.2) <= most_misses(0.05, LOGS)
    assert misses(alone, 0.2) > most_misses(0.05, LOGS)
    # Variance between people over that within, for about 2,000 reviews of 30 people.
    between = 0.04 * (np.exp(UNEVEN**2) - 1) / (0.2 * 0.8)
    size = np.mean([n.sum() for _, n in ids]) / PEOPLE
    effect = np.mean([rate.design_effect for rate in together])
    assert effect == pytest.approx(1 + (size - 1) * between, rel=0.15)


def test_a_change_of_mix_is_no_change_of_rates() -> None:
    names = ", ".join(f"'{one.name}'" for one in TYPES)
    kind = f"LIST_POSITION([{names}], action_type) - 1"
    found = []
    for k, n in counted(MIX_SHIFT, IS_NEW, kind):
        found.append(mix_shift(Period(k[0], n[0]), Period(k[1], n[1])))
    truth = truth_of(MIX_SHIFT)
    crude = truth.after.override - truth.before.override
    within = [one.within_part for one in found if one.within_part is not None]

    assert len(within) == LOGS
    assert misses(iter(within), 0.0) <= most_misses(0.05, LOGS)
    assert misses((one.crude for one in found), crude) <= most_misses(0.05, LOGS)
    assert misses((one.crude for one in found), 0.0) > 0.9 * LOGS
    assert np.mean([one.mix_part for one in found]) == pytest.approx(crude, rel=0.1)


def labels_of(truth: Truth, seed: int) -> list[tuple[int, ...]]:
    """Return for sent and for lone decisions (planted ones left out): all, labelled, marked as wrong; then planted ones seen and caught."""
    rows = rows_sql(replace(truth, rows=20_000, seed=seed))
    real = "seeded_error IS NOT TRUE"
    with duckdb.connect() as connection:
        return connection.execute(
            f"""SELECT COUNT(*) FILTER ({real}), COUNT(correct) FILTER ({real}), COUNT(*) FILTER ({real} AND NOT correct),
            COUNT(*) FILTER (seeded_error AND human_action <> 'timeout'),
            COUNT(*) FILTER (seeded_error AND human_action NOT IN ('timeout', 'approve'))
            FROM ({rows}) GROUP BY lane = 'queue' ORDER BY lane = 'queue'"""  # noqa: S608
        ).fetchall()


def one_stratum(row: tuple[int, ...]) -> tuple[Counted, Counted, Counted]:
    return np.array([row[0]]), np.array([row[1]]), np.array([row[2]])


def test_errors_that_escape_are_bounded_from_audits_and_seeded_errors() -> None:
    truth = replace(Truth(), audit=0.2, error=0.05, detection=0.6, seeded=0.05)
    escape, missed, naive = truth_of(truth).whole.escape, 0, 0
    for seed in range(60):
        alone, sent = labels_of(truth, seed)
        found = stratified_rate(*one_stratum(alone)).interval
        assert found is not None
        caught, seeded = alone[4] + sent[4], alone[3] + sent[3]
        interval = corrected_for_detection(found, caught, seeded).interval
        assert interval is not None
        assert interval.confidence == pytest.approx(0.9)
        missed += not interval.low <= escape <= interval.high
        naive += not found.low <= escape <= found.high

    assert missed <= most_misses(0.1, 60)
    assert naive > most_misses(0.1, 60)


def test_labels_of_what_was_sent_say_too_much_of_what_was_not() -> None:
    truth = truth_of(BIASED).whole
    alone, sent = labels_of(BIASED, seed=1)
    shown = plain_rate(sent[2], sent[1]).interval

    assert alone[1] == 0
    assert stratified_rate(*one_stratum(alone)).interval is None
    assert shown.low < truth.labelled_error < shown.high
    assert not shown.low <= truth.escape <= shown.high


def test_hitl_counts_what_is_counted_here(tmp_path: Path) -> None:
    truth = replace(SPIKE, rows=ROWS, reviewers=PEOPLE, reviewer_sd=UNEVEN, seed=1)
    with open_log(
        [str(write_log(tmp_path / "log.parquet", truth))], datetime(2026, 11, 1, tzinfo=UTC)
    ) as log:
        people = count_log(log).reviewers
    acted = people.where(human_action=("approve", "modify", "reject", "escalate"))
    k, n = next(counted(SPIKE, IS_NEW, logs=1))

    for number, model in enumerate(("acme/model-2026-05-01", "acme/model-2026-05-18")):
        of_model = acted.where(resolved_model=model)
        found = of_model.where(human_action=("modify", "reject")).rate("reviewer_id", of_model)
        assert {
            f"r{person}": (k[number, person], n[number, person]) for person in range(PEOPLE)
        } == found


# Cases drawn for judges as in a court: at random, whatever the case; judges differ in leniency and in how many they get.
JUDGES, CASES, RUNS = 60, 4_000, 1_000
Draw = Callable[[np.random.Generator], NDArray[np.float64]]


def lenient_and_strict(rng: np.random.Generator) -> NDArray[np.float64]:
    """Release rates of judges: 0.65 on average, from about 0.45 to 0.85."""
    return rng.beta(13.0, 7.0, JUDGES)


def rarely_strict(rng: np.random.Generator) -> NDArray[np.float64]:
    """Rare overrides, 4 % on average, some people far above."""
    return rng.beta(0.8, 19.2, JUDGES)


def alike(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.full(JUDGES, 0.3)


def court(rng: np.random.Generator, rates: NDArray[np.float64]) -> tuple[Counted, Counted]:
    shares = rng.gamma(2.0, size=JUDGES)
    n = rng.multinomial(CASES, shares / shares.sum())
    return rng.binomial(n, rates), n


@pytest.mark.parametrize(
    ("judges", "truth"), [(lenient_and_strict, 0.65), (rarely_strict, 0.04), (alike, 0.3)]
)
def test_the_rate_of_a_court_lies_in_its_interval(judges: Draw, truth: float) -> None:
    rng = np.random.default_rng(65)
    found = (clustered_rate(*court(rng, judges(rng))).interval for _ in range(RUNS))

    assert misses(found, truth) <= most_misses(0.05, RUNS)


@pytest.mark.parametrize("step", [0.0, 0.05])
def test_the_change_of_a_court_lies_in_its_interval(step: float) -> None:
    rng = np.random.default_rng(66)

    def found() -> Iterator[Interval]:
        for _ in range(RUNS):
            rates = lenient_and_strict(rng)
            before, after = court(rng, rates), court(rng, np.minimum(rates + step, 1.0))
            yield rate_change(before, after).interval

    # No judge of these lies so high that the step would be cut.
    assert misses(found(), step) <= most_misses(0.05, RUNS)


def test_a_court_taken_for_independent_cases_misses_far_too_often() -> None:
    rng = np.random.default_rng(67)
    sums = (court(rng, lenient_and_strict(rng)) for _ in range(RUNS))
    found = (plain_rate(int(k.sum()), int(n.sum())).interval for k, n in sums)

    assert misses(found, 0.65) > 0.3 * RUNS

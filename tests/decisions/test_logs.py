"""The generator keeps its word: what `truth_of` says is what the rows show."""

from dataclasses import replace
from functools import cache
from math import sqrt

import duckdb
import numpy as np
import pytest

from tests.decisions.log_truth import truth_of
from tests.decisions.logs import (
    BIASED,
    BLIND,
    CREEP,
    MIX_SHIFT,
    SPIKE,
    STAMPERS,
    TYPES,
    WEEKEND,
    Confidence,
    Labels,
    Step,
    Truth,
    rows_sql,
)

ROWS = 60_000
_LANES = (Step(0.9, "auto", 0.1, 0.3), Step(0.5, "audit"), Step(0.3, "queue"), Step(0, "escalate"))
EVERYTHING = replace(
    Truth(), override_after=0.1, creep=0.02, weekend=1.5, reviewer_spread=0.5, error=0.05, error_after=0.12,
    detection=0.7, acts_on_errors=True, seeded=0.03, satisfaction=0.8, right_types=True, passes_on=0.05,
    rubber_stampers=0.1, mix=(0.4, 0.3, 0.2, 0.1), mix_after=(0.1, 0.2, 0.3, 0.4), confidence_power=0.3,
    types=(*TYPES[:3], replace(TYPES[3], factor=2.0, steps=_LANES)), hours=(1.0, *(0.5,) * 7, *(4.0,) * 10, *(1.0,) * 6),
)  # fmt: skip
TRUTHS = {
    "plain": Truth(),
    "spike": SPIKE,
    "creep": CREEP,
    "weekend": WEEKEND,
    "biased": BIASED,
    "blind": BLIND,
    "mix": MIX_SHIFT,
    "stampers": STAMPERS,
    "everything": EVERYTHING,
    "all labels": replace(EVERYTHING, labels=Labels.ALL),
}
_SEEN = "human_action <> 'timeout' AND seeded_error IS NOT TRUE"
_ALONE = "lane IN ('auto', 'audit') AND seeded_error IS NOT TRUE"


@cache
def _base(name: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    truth = replace(TRUTHS[name], rows=ROWS)
    connection.execute(f"CREATE TABLE log AS {rows_sql(truth)}")
    return connection


def shown(name: str, what: str, among: str) -> tuple[float, int]:
    sql = f"SELECT AVG(CASE WHEN {what} THEN 1.0 ELSE 0 END), COUNT(*) FROM log WHERE {among}"  # noqa: S608
    share, n = _base(name).execute(sql).fetchall()[0]
    return float(share), int(n)


def is_near(found: tuple[float, int], rate: float) -> bool:
    """Within five standard errors."""
    share, n = found
    return abs(share - rate) < 5 * sqrt(rate * (1 - rate) / n) + 1e-3


@pytest.mark.parametrize("name", TRUTHS)
@pytest.mark.parametrize(("period", "when"), [
    ("whole", "TRUE"), ("before", "resolved_model LIKE '%01'"), ("after", "resolved_model LIKE '%18'"),
])  # fmt: skip
def test_what_people_do_is_what_the_truth_says(name: str, period: str, when: str) -> None:
    part = getattr(truth_of(TRUTHS[name]), period)

    overridden = shown(name, "human_action IN ('modify', 'reject')", f"{_SEEN} AND {when}")
    passed = shown(name, "human_action = 'escalate'", f"{_SEEN} AND {when}")
    assert is_near(overridden, part.override)
    assert is_near(passed, part.passed_on)
    sent = "lane IN ('queue', 'escalate') AND seeded_error IS NOT TRUE"
    assert is_near(shown(name, sent, when), part.sent * (1 - TRUTHS[name].seeded))


@pytest.mark.parametrize("name", TRUTHS)
def test_labels_are_as_right_as_the_truth_says(name: str) -> None:
    labelled = shown(name, "NOT correct", "correct IS NOT NULL AND seeded_error IS NOT TRUE")

    assert is_near(labelled, truth_of(TRUTHS[name]).whole.labelled_error)


@pytest.mark.parametrize("name", ["plain", "everything"])
def test_labels_weighted_by_their_chance_show_the_escape_rate(name: str) -> None:
    base = replace(TRUTHS[name], detection=1.0, rubber_stampers=0.0, seeded=0.0, rows=ROWS)
    sql = f"""SELECT SUM(CASE WHEN NOT correct THEN 1 / review_probability END), SUM(1 / review_probability), COUNT(*)
        FROM ({rows_sql(base)}) WHERE {_ALONE} AND correct IS NOT NULL"""  # noqa: S608
    with duckdb.connect() as connection:
        wrong, all_of_them, n = connection.execute(sql).fetchall()[0]

    assert wrong / all_of_them == pytest.approx(truth_of(base).whole.escape, abs=5 * sqrt(0.1 / n))


def test_nothing_is_labelled_but_what_was_sent() -> None:
    assert shown("biased", "lane = 'queue'", "correct IS NOT NULL")[0] == 1
    assert shown("biased", "correct IS NULL", "lane IN ('auto', 'audit')")[0] == 1


@pytest.mark.parametrize("name", ["blind", "everything"])
def test_planted_errors_are_caught_as_often_as_errors_are_seen(name: str) -> None:
    truth = truth_of(TRUTHS[name])

    caught = shown(name, "human_action <> 'approve'", "seeded_error AND human_action <> 'timeout'")
    assert is_near(caught, truth.detection)
    assert is_near(shown(name, "seeded_error", "human_action IS NOT NULL"), TRUTHS[name].seeded)
    assert shown(name, "correct OR outcome IS NOT NULL", "seeded_error")[0] == 0


@pytest.mark.parametrize("name", ["plain", "stampers", "everything"])
def test_review_times_have_the_stated_mean_logarithm(name: str) -> None:
    sql = "SELECT AVG(LN(review_seconds)), STDDEV(LN(review_seconds)), COUNT(*) FROM log WHERE review_seconds > 0"
    mean, sd, n = _base(name).execute(sql).fetchall()[0]

    assert mean == pytest.approx(truth_of(TRUTHS[name]).mean_log_seconds, abs=5 * sd / sqrt(n))


def test_satisfaction_and_recall_are_what_the_truth_says() -> None:
    truth = truth_of(EVERYTHING)
    mean = _base("everything").execute(f"SELECT AVG(satisfaction) FROM log WHERE {_SEEN}")  # noqa: S608

    assert mean.fetchall()[0][0] == pytest.approx(truth.satisfaction, abs=0.01)
    for one in EVERYTHING.types:
        right = f"right_action_type = '{one.name}' AND seeded_error IS NOT TRUE"
        assert is_near(shown("everything", f"action_type = '{one.name}'", right), truth.recall[one.name])  # fmt: skip


@pytest.mark.parametrize("confidence", Confidence)
def test_confidence_is_as_far_from_the_truth_as_stated(confidence: Confidence) -> None:
    truth = replace(Truth(), confidence=confidence, labels=Labels.ALL, rows=ROWS)
    sql = f"""SELECT SUM(ABS(said - got) * n) / SUM(n) FROM (SELECT AVG(confidence) AS said, AVG(correct::INT) AS got,
        COUNT(*) AS n FROM ({rows_sql(truth)}) GROUP BY FLOOR(confidence * 20))"""  # noqa: S608
    with duckdb.connect() as connection:
        found = connection.execute(sql).fetchall()[0][0]

    assert found == pytest.approx(truth_of(truth).calibration_error, abs=0.01)


def test_a_crude_change_is_mix_alone() -> None:
    truth = truth_of(MIX_SHIFT)

    assert truth.before.override == pytest.approx(0.04 * (0.2 * 2.5 + 0.8 * 0.5))
    assert truth.after.override == pytest.approx(0.04 * (0.8 * 2.5 + 0.2 * 0.5))
    for one in MIX_SHIFT.types:
        what, among = (
            "human_action IN ('modify', 'reject')",
            f"{_SEEN} AND action_type = '{one.name}'",
        )
        for model in ("01", "18"):
            found = shown("mix", what, f"{among} AND resolved_model LIKE '%{model}'")
            assert is_near(found, truth.by_type[one.name].override)


def test_stampers_are_fast_and_one_person_passes_on_far_more() -> None:
    fast = shown(
        "stampers", "review_seconds < 2 AND human_action = 'approve'", "reviewer_id IN ('r0', 'r4')"
    )
    slow = shown("stampers", "review_seconds < 2", "reviewer_id = 'r5'")

    assert (fast[0], slow[0]) == (1, 0)
    assert is_near(shown("stampers", "human_action = 'escalate'", "reviewer_id = 'r19'"), 0.5)
    assert is_near(shown("stampers", "human_action = 'escalate'", "reviewer_id = 'r9'"), 0.02)


def test_decisions_arrive_by_the_hour() -> None:
    total = sum(EVERYTHING.hours)
    for hour in (0, 3, 9, 23):
        assert is_near(shown("everything", f'EXTRACT(hour FROM "at") = {hour}', "TRUE"), EVERYTHING.hours[hour] / total)  # fmt: skip


def test_people_differ_by_the_stated_spread() -> None:
    truth = replace(Truth(), override=0.2, override_after=0.2, reviewers=400, reviewer_sd=0.5, rows=200_000)  # fmt: skip
    sql = f"""SELECT AVG((human_action IN ('modify', 'reject'))::INT) AS rate, COUNT(*) FROM ({rows_sql(truth)})
        WHERE human_action <> 'timeout' GROUP BY reviewer_id"""  # noqa: S608
    with duckdb.connect() as connection:
        rates, n = (
            np.array(values) for values in zip(*connection.execute(sql).fetchall(), strict=True)
        )

    within = np.mean(rates * (1 - rates) / n)
    assert np.mean(rates) == pytest.approx(0.2, abs=5 * np.std(rates) / 20)
    assert sqrt(np.var(rates) - within) == pytest.approx(0.2 * sqrt(np.exp(0.25) - 1), rel=0.2)


def test_a_fault_that_nobody_asked_for_is_in_no_log() -> None:
    for column in ("satisfaction", "seeded_error", "right_action_type", "prompt_version"):
        assert shown("plain", f"{column} IS NULL", "TRUE")[0] == 1

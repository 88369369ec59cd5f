import csv
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.decisions.counts import Counts, a_table
from hitl.decisions.grid import WIDTH, time_edges
from hitl.decisions.mapping import LogColumns
from hitl.decisions.reduce import count_log, duplicate_ids, reduce_log
from hitl.decisions.source import open_log
from hitl.errors import DocumentError
from tests.decisions.logs import CREEP, NEW, OLD, REVIEWERS, SPIKE, WEEKEND, Truth, write_log

AT = datetime(2026, 11, 1, tzinfo=UTC)
FIELDS = ("decision_id", "at", "resolved_model", "action_type", "lane", "human_action", "confidence",
          "review_seconds", "wait_seconds", "correct", "reviewer_id", "cost_usd")  # fmt: skip
Row = tuple[str, ...]

ROWS = st.tuples(
    st.integers(0, 3 * 86_400 - 1).map(
        lambda s: (datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=s)).isoformat()
    ),
    st.sampled_from(["a-1", "a-2", ""]),
    st.sampled_from(["restart", "=1+1", "<b>", ""]),
    st.sampled_from(["auto", "queue", "escalate", ""]),
    st.sampled_from(["approve", "reject", "timeout", ""]),
    st.integers(0, 100).map(lambda n: f"{n / 100:.2f}") | st.just(""),
    st.integers(0, 10_000_000).map(lambda ms: f"{ms / 1000:.3f}") | st.just(""),
    st.integers(0, 10_000_000).map(lambda ms: f"{ms / 1000:.3f}"),
    st.sampled_from(["true", "false", ""]),
    st.sampled_from(["r1", "r2", ""]),
    st.sampled_from(["0.000001", "0.25", ""]),
)


def counted(rows: list[Row], files: int = 1) -> Counts:
    with TemporaryDirectory() as folder:
        for number in range(files):
            with (Path(folder) / f"{number}.csv").open("w", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(FIELDS)
                writer.writerows(rows[number::files])
        with open_log([f"{folder}/*.csv"], AT) as log:
            return count_log(log)


def named(rows: list[Row]) -> list[Row]:
    return [(f"d{number}", *row) for number, row in enumerate(rows)]


def lines(counts: Counts) -> list[Counter[str]]:
    tables = (counts.cells, counts.review, counts.wait, counts.reviewers)
    return [Counter({str({k: v for k, v in line.items() if k != "n"}): int(line["n"] or 0) for line in table.lines()}) for table in tables]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=30), st.randoms(), st.integers(1, 4))
def test_the_order_of_rows_and_the_split_into_files_change_nothing(
    rows: list[Row], chance: random.Random, files: int
) -> None:
    given_rows = named(rows)
    shuffled = given_rows[:]
    chance.shuffle(shuffled)

    assert lines(counted(shuffled, files)) == lines(counted(given_rows))


@settings(max_examples=15, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=20), ROWS)
def test_one_more_row_adds_one_to_exactly_the_cells_that_it_has(rows: list[Row], more: Row) -> None:
    before, after, alone = (
        counted(named(rows)),
        counted(named([*rows, more])),
        counted([("one", *more)]),
    )

    keys = (
        "day",
        "resolved_model",
        "action_type",
        "lane",
        "human_action",
        "confidence_bin",
        "correct",
    )
    for attribute in ("cells", "review", "wait", "reviewers"):
        tables = [getattr(counts, attribute) for counts in (before, after, alone)]
        shared = [key for key in keys if key in tables[0].keys]
        old, new, one = (
            Counter({tuple(line[key] for key in shared): int(line["n"] or 0) for line in table.by(*shared).lines()})
            for table in tables
        )  # fmt: skip
        assert new == old + one
        assert one.total() == (0 if attribute == "reviewers" and not more[9] else 1)


@pytest.mark.parametrize("share", range(101))
def test_a_confidence_written_in_hundredths_lies_in_its_own_bin(share: int) -> None:
    row = ("2026-05-01T00:00:00Z", "", "", "", "", f"{share / 100:.2f}", "", "1", "", "", "")

    assert counted(named([row])).cells.keys["confidence_bin"].tolist() == [share]


def test_sums_are_whole_numbers_of_small_units() -> None:
    row = ("2026-05-01T00:00:00Z", "m", "a", "queue", "approve", "0.5", "1.2345", "0", "true", "r", "0.0000019")  # fmt: skip

    line = next(counted(named([row, row])).cells.lines())

    assert (line["sum_review_ms"], line["sum_wait_ms"], line["sum_cost_micro"]) == (2470, 0, 4)
    assert (line["n"], line["n_review_ms"], line["n_wait_ms"], line["n_latency_ms"]) == (2, 2, 2, 0)


def test_a_day_ends_at_midnight_utc() -> None:
    late = ("2026-05-01T23:59:59.999999Z", *("",) * 6, "1", "", "", "")
    east = ("2026-05-02T01:30:00+02:00", *("",) * 6, "1", "", "", "")
    next_day = ("2026-05-02T00:00:00Z", *("",) * 6, "1", "", "", "")

    days = counted(named([late, east, next_day])).cells.by("day")

    assert [(line["day"], line["n"]) for line in days.lines()] == [(20574, 2), (20575, 1)]


def test_a_quantile_of_bins_holds_the_true_one() -> None:
    seconds = [0.0, 0.4, 1.0, 7.25, 33.0, 34.0, 60.0, 61.5, 300.0, 86_400.0]
    rows = [("2026-05-01T00:00:00Z", *("",) * 5, f"{value}", "1", "", "", "") for value in seconds]
    review = counted(named(rows)).review

    for rank, true in enumerate(seconds, start=1):
        found = review.quantile("review_bin", rank / 10)
        assert found is not None
        assert found.low - 1e-9 <= true < found.high
        assert found.n == 10
    assert a_table(review_bin=[-1], n=[4]).quantile("review_bin", 0.5) is None


def test_the_stated_width_is_that_of_the_bins() -> None:
    low, high = time_edges(200)

    assert (high + 0.001) / (low + 0.001) - 1 == pytest.approx(WIDTH)


def overrides(counts: Counts, **where: object) -> tuple[int, int]:
    seen = counts.cells.where(human_action=("approve", "modify", "reject"), **where)
    return seen.where(human_action=("modify", "reject")).n, seen.n


def truth_counted(truth: Truth, folder: Path) -> Counts:
    path = write_log(folder / "log.parquet", truth)
    with open_log([str(path)], AT) as log:
        return count_log(log)


def is_near(found: tuple[int, int], rate: float) -> bool:
    """Within four standard errors."""
    k, n = found
    return abs(k / n - rate) < 4 * (rate * (1 - rate) / n) ** 0.5


def test_the_truth_of_a_spike_is_found(tmp_path: Path) -> None:
    counts = truth_counted(SPIKE, tmp_path)

    assert is_near(overrides(counts, resolved_model=OLD), 0.04)
    assert is_near(overrides(counts, resolved_model=NEW), 0.12)
    assert counts.n == SPIKE.rows
    assert counts.is_consistent


def test_the_truth_of_a_weekend_a_creep_and_of_people_is_found(tmp_path: Path) -> None:
    weekend = truth_counted(WEEKEND, tmp_path)
    weekends = [int(day) for day in set(weekend.cells.keys["day"].tolist()) if (day + 3) % 7 >= 5]
    people = truth_counted(REVIEWERS, tmp_path).reviewers
    seen = people.where(human_action=("approve", "modify", "reject"))
    harsh = people.where(human_action=("modify", "reject")).rate("reviewer_id", seen)
    creep = truth_counted(CREEP, tmp_path)

    assert is_near(overrides(weekend, day=weekends), 0.12)
    assert is_near(harsh["r19"], 0.04 * 1.76)
    first = overrides(creep, day=tuple(range(20574, 20581)))
    assert is_near(first, 0.04 + 0.06 * 3 / 28)


def test_repeated_ids_are_found_and_refused(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.parquet", Truth(rows=100))
    again = write_log(tmp_path / "more.parquet", Truth(rows=100), "decision_id IN ('d-0', 'd-1')")

    with open_log([str(path), str(again)], AT) as log:
        assert duplicate_ids(log) == [("d-0", 2), ("d-1", 2)]
        with pytest.raises(DocumentError, match=r"'d-0' \(2 rows\)"):
            count_log(log)


def test_no_unusable_value_reaches_the_counts(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.parquet", Truth(rows=100))
    mapping = LogColumns(columns={"human_action": "lane"})

    with (
        open_log([str(path)], AT, mapping) as log,
        pytest.raises(DocumentError, match="unknown words"),
    ):
        reduce_log(log)

"""Rows of a log in batches, and what is asked of reviewers and labels, on logs of a few rows."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from hitl.decisions.habits import longest_runs, planted_errors, reviewer_habits
from hitl.decisions.mapping import LogColumns
from hitl.decisions.pace import review_paces
from hitl.decisions.query import EngineName
from hitl.decisions.rows import stage_rows
from hitl.decisions.scores import (
    LabelsByAction,
    labels_above,
    labels_by_action,
    longest_stretch,
    score_cells,
    score_uses,
)
from hitl.decisions.source import open_log

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Row = dict[str, Any]


def write(path: Path, rows: Iterable[Row]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def acted(name: str, person: str, action: str, minute: int, **changes: object) -> Row:
    return {"decision_id": name, "reviewer_id": person, "reviewer_pool": "p", "human_action": action,
            "action_type": "act", "at": f"2026-06-01T00:{minute:02d}:00Z"} | changes  # fmt: skip


def test_every_row_comes_once_and_in_order(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", ({"decision_id": f"d{n}"} for n in range(7)))

    with open_log([log], NOW) as opened:
        staged = stage_rows(opened, ["decision_id"])
        batches = [batch["decision_id"].tolist() for batch in staged.batches(3)]

    assert batches == [["d0", "d1", "d2"], ["d3", "d4", "d5"], ["d6"]]


def test_what_is_missing_stays_missing_in_every_kind_of_column(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"decision_id": "a", "at": "2026-06-01T00:00:00Z", "confidence": 0.5, "correct": True, "own": 3},
        {"decision_id": "b"},
    ]  # fmt: skip

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        staged = stage_rows(opened, ["at", "confidence", "correct"], ["own", "none"])
        (batch,) = staged.batches()

    assert np.isnat(batch["at_us"]).tolist() == [False, True]
    assert np.isnan(batch["confidence"]).tolist() == [False, True]
    assert batch["correct"].tolist() == [True, None]
    assert batch["own"].tolist() == [3, None]
    assert "none" not in batch
    assert staged.known == {"own": 1}


def test_rows_that_the_mapping_sets_aside_and_planted_ones_are_left_out(tmp_path: Path) -> None:
    rows: list[Row] = [{"decision_id": "a", "test": "no"}, {"decision_id": "b", "test": "yes"},
            {"decision_id": "c", "test": "no", "seeded_error": True}]  # fmt: skip
    mapping = LogColumns(only={"test": ("no",)})

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW, mapping) as opened:
        staged = stage_rows(opened, ["decision_id"])

    assert (staged.n, staged.n_seeded) == (1, 1)


def test_parts_in_different_forms_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("decision_id,amount\na,5\n")
    rows: list[Row] = [{"decision_id": "b", "amount": 7.5}, {"decision_id": "c"}]
    lines = write(tmp_path / "b.jsonl", rows)

    with open_log([str(tmp_path / "a.csv"), lines], NOW) as opened:
        (batch,) = stage_rows(opened, ["decision_id"], ["amount"]).batches()

    found = dict(zip(batch["decision_id"], batch["amount"], strict=True))
    assert found == {"a": 5.0, "b": 7.5, "c": None}


def test_the_longest_run_is_counted_in_the_order_of_time(tmp_path: Path) -> None:
    # By time, and not by id, ana goes A A R A A A; bo R. Planted rows break no run and make none.
    rows = [
        acted("a", "ana", "approve", 5), acted("b", "ana", "approve", 1), acted("c", "ana", "approve", 3),
        acted("d", "ana", "approve", 0), acted("e", "ana", "reject", 2), acted("f", "ana", "approve", 4),
        acted("g", "bo", "reject", 0), acted("h", "ana", "approve", 6, seeded_error=True),
    ]  # fmt: skip

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        runs = longest_runs(opened)

    assert [(run.pool, run.reviewer, run.longest) for run in runs] == [("p", "ana", 3)]


def test_habits_count_real_rows_and_planted_errors_apart(tmp_path: Path) -> None:
    rows = [
        acted("1", "ana", "approve", 1, review_seconds=1.999), acted("2", "ana", "approve", 2, review_seconds=2.0),
        acted("3", "ana", "approve", 3), acted("4", "ana", "escalate", 4), acted("5", "ana", "timeout", 5),
        acted("6", "ana", "reject", 6, seeded_error=True), acted("7", "ana", "approve", 7, seeded_error=True),
    ]  # fmt: skip

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        (habit,), (planted,) = reviewer_habits(opened), planted_errors(opened)

    assert (habit.n, habit.n_approved, habit.n_escalated, habit.n_timed, habit.n_fast) == (4, 3, 1, 2, 1)  # fmt: skip
    assert (planted.n, planted.n_caught) == (2, 1)


def test_review_times_are_summed_by_person(tmp_path: Path) -> None:
    rows = [acted("1", "ana", "approve", 1, review_seconds=10), acted("2", "ana", "reject", 2, review_seconds=20),
            acted("3", "bo", "approve", 3, review_seconds=30), acted("4", "bo", "timeout", 4, review_seconds=900)]  # fmt: skip

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        pace = review_paces(opened)["p"]

    assert pace.n.tolist() == [2, 1]
    assert pace.mean == 20.0
    assert pace.cv2 == pytest.approx(100 / 400)


def test_one_review_has_no_variation(tmp_path: Path) -> None:
    rows = [acted("1", "ana", "approve", 1, review_seconds=10)]

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        assert review_paces(opened)["p"].cv2 is None


def test_labels_are_counted_by_confidence(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"action_type": "act", "confidence": 0.29, "correct": True, "review_probability": 0.05},
        {"action_type": "act", "confidence": 0.29, "correct": False, "review_probability": 0.05},
        {"action_type": "act", "confidence": 0.9, "review_probability": 1.0},
        {"action_type": "act", "confidence": 0.9, "correct": False, "seeded_error": True},
    ]

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        cells, use = score_cells(opened)["act"], score_uses(opened)["act"]
        above, exactly = labels_above(opened, "act", 0.3), labels_above(opened, "act", 0.29)

    assert (cells.score.tolist(), cells.n.tolist(), cells.k.tolist()) == ([0.29], [2], [1])
    assert (use.n, use.top, use.n_top) == (3, 0.29, 2)
    assert above == {("act", 1000, None): 1}
    assert exactly.total() == 3


def test_the_longest_time_without_a_change_counts_what_was_corrected_in_it(tmp_path: Path) -> None:
    days = [("01", "1", "reject"), ("03", "1", "reject"), ("04", "2", "approve"), ("20", "2", "modify"),
            ("21", "1", "reject")]  # fmt: skip
    rows = [{"decision_id": day, "at": f"2026-06-{day}T00:00:00Z", "prompt_version": version,
             "human_action": action} for day, version, action in days]  # fmt: skip

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        found = longest_stretch(opened)

    # Version 2 is first seen on the 4th; going back to 1 is no new version. From there 17 days, 2 corrections.
    assert found is not None
    assert (found.days, found.n_overrides) == (17.0, 2)


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("spark_session")
def test_a_time_of_the_logs_own_keeps_its_zone_on_every_engine(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        sql = "SELECT 'a' AS decision_id, TIMESTAMPTZ '2026-04-06 02:00:00.5+02' AS model_active_since"
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    read = []
    for engine in (EngineName.DUCKDB, EngineName.SPARK):
        with open_log([str(path)], NOW, engine=engine) as opened:
            (batch,) = stage_rows(opened, ["decision_id"], ["model_active_since"]).batches()
            read.append(datetime.fromisoformat(batch["model_active_since"][0]))

    assert read == [datetime(2026, 4, 6, 0, 0, 0, 500_000, UTC)] * 2


def test_labels_are_counted_by_what_people_did(tmp_path: Path) -> None:
    rows = [
        acted("a", "ana", "approve", 1, correct=True),
        acted("b", "ana", "approve", 2),
        acted("c", "ana", "modify", 3),
        acted("d", "ana", "reject", 4, correct=False),
        acted("e", "ana", "reject", 5, correct=False, seeded_error=True),
        acted("f", "ana", "escalate", 6, correct=True),
    ]

    with open_log([write(tmp_path / "log.jsonl", rows)], NOW) as opened:
        found = labels_by_action(opened)

    assert found == LabelsByAction(n_approved=2, n_approved_labelled=1, n_overridden=2, n_overridden_labelled=1)  # fmt: skip

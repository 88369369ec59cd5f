from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.source import open_log
from hitl.decisions.trace import Level, TraceFault, TraceReport, lint_log
from tests.decisions.logs import Truth, write_log

AT = datetime(2026, 11, 1, tzinfo=UTC)


def linted(path: Path) -> TraceReport:
    with open_log([str(path)], AT) as log:
        return lint_log(log)


def with_changes(tmp_path: Path, changes: str) -> TraceReport:
    """Lint a log of 1,000 rows, sorted by time, after a change of columns."""
    plain = write_log(tmp_path / "plain.parquet", Truth(rows=1000))
    changed = tmp_path / "changed.parquet"
    with duckdb.connect() as connection:
        sql = f"""SELECT * {changes} FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY "at") AS n FROM '{plain}') ORDER BY "at" """  # noqa: S608
        connection.execute(f"COPY ({sql}) TO '{changed}' (FORMAT parquet)")
    return linted(changed)


def fault(report: TraceReport, code: str, field: str) -> TraceFault:
    return next(one for one in report.faults if (one.code, one.field) == (code, field))


def codes(report: TraceReport) -> set[str]:
    return {f"{one.code}:{one.field}" for one in report.faults}


@pytest.mark.parametrize(
    ("code", "field", "changes", "n"),
    [
        ("alias", "resolved_model", "REPLACE (IF(n <= 250, 'acme/latest', resolved_model) AS resolved_model)", 250),
        ("version_missing", "resolved_model", "REPLACE (IF(n <= 7, NULL, resolved_model) AS resolved_model)", 7),
        ("gaps", "resolved_model", "REPLACE (IF(n <= 7, NULL, resolved_model) AS resolved_model)", 7),
        ("missing", "workflow_version", "EXCLUDE (workflow_version)", 1000),
        ("missing", "review_probability", "EXCLUDE (review_probability)", 1000),
        ("repair_not_recorded", "repair_event", "EXCLUDE (repair_event)", 1000),
        ("repeated_id", "decision_id", "REPLACE (IF(n <= 3, 'same', decision_id) AS decision_id)", 3),
        ("future_time", "at", "REPLACE (IF(n <= 5, TIMESTAMPTZ '2027-01-01 00:00:00+00', \"at\") AS \"at\")", 5),
        ("time_before_2015", "at", "REPLACE (IF(n <= 5, TIMESTAMPTZ '1970-01-01 00:00:00+00', \"at\") AS \"at\")", 5),
        ("review_before_decision", "decided_at", ", IF(n <= 9, \"at\" - INTERVAL 1 SECOND, \"at\") AS decided_at", 9),
        ("unknown_word", "lane", "REPLACE (IF(n <= 2, 'fast', lane) AS lane)", 2),
    ],
)  # fmt: skip
def test_a_fault_is_found_with_its_rows(
    tmp_path: Path, code: str, field: str, changes: str, n: int
) -> None:
    found = fault(with_changes(tmp_path, changes), code, field)

    assert (found.n, found.n_rows, found.share) == (n, 1000, n / 1000)
    assert found.forbids


def test_a_sound_log_has_no_error_and_no_fault_of_what_it_holds(tmp_path: Path) -> None:
    report = with_changes(tmp_path, "")

    assert not report.has_errors
    assert (
        codes(report)
        & {"out_of_order:at", "person_missing:reviewer_id", "identity_moved:resolved_model"}
        == set()
    )
    assert {one.code for one in report.faults} == {"missing", "nobody_looked", "timeout"}


def test_a_person_without_a_name_is_found_and_a_timeout_has_none(tmp_path: Path) -> None:
    with_nobody = with_changes(tmp_path, "REPLACE (NULL::VARCHAR AS reviewer_id)")
    sound = with_changes(tmp_path, "")

    n_people = next(line.n_rows for line in with_nobody.coverage if line.field == "reviewer_id")
    assert fault(with_nobody, "person_missing", "reviewer_id").n == n_people > 300
    assert "person_missing:reviewer_id" not in codes(sound)
    assert fault(sound, "timeout", "human_action").level is Level.NOTE


def test_an_identity_that_moves_within_a_day_is_found_and_an_upgrade_at_midnight_is_not(
    tmp_path: Path,
) -> None:
    moved = with_changes(
        tmp_path, "REPLACE (IF(n % 2 = 0, 'acme/a-1', 'acme/b-1') AS resolved_model)"
    )

    found = fault(moved, "identity_moved", "resolved_model")
    assert (found.n, "28 days of a route" in found.message) == (1000, True)
    assert "identity_moved:resolved_model" not in codes(with_changes(tmp_path, ""))


def test_rows_that_go_back_in_time_are_counted(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        times = "'2026-05-02T00:00:00Z', '2026-05-01T00:00:00Z', '2026-05-03T00:00:00Z'"
        connection.execute(
            f"""COPY (SELECT UNNEST([{times}]) AS "at") TO '{tmp_path / "log.csv"}' (HEADER)"""
        )

    found = fault(linted(tmp_path / "log.csv"), "out_of_order", "at")

    assert (found.n, found.level) == (1, Level.NOTE)


def test_fields_of_people_are_asked_only_where_a_person_decided(tmp_path: Path) -> None:
    report = with_changes(tmp_path, "")

    line = next(line for line in report.coverage if line.field == "review_seconds")
    assert line.share == 1
    assert line.n_rows < 1000


def test_a_value_that_cannot_be_used_covers_nothing(tmp_path: Path) -> None:
    report = with_changes(
        tmp_path,
        "REPLACE (IF(n <= 2, 'fast', lane) AS lane, IF(n <= 3, 7, confidence) AS confidence)",
    )

    covered = {line.field: line.n for line in report.coverage}
    assert (covered["lane"], covered["confidence"], covered["action_type"]) == (998, 997, 1000)
    assert (report.imported.rows_refused, report.has_errors) == (3, True)


@pytest.mark.parametrize(
    ("probability", "n"), [("0.05", 0), ("0.999", 0), ("1", 1), ("", 1), (None, 1)]
)
def test_a_look_at_a_row_of_lane_auto_is_strange_unless_it_was_drawn(
    tmp_path: Path, probability: str | None, n: int
) -> None:
    head = "decision_id,lane,human_action" + (",review_probability" if probability is not None else "")  # fmt: skip
    row = "d1,auto,approve" + (f",{probability}" if probability is not None else "")
    (tmp_path / "log.csv").write_text(f"{head}\n{row}\n")

    found = [one.n for one in linted(tmp_path / "log.csv").faults if one.code == "auto_with_person"]

    assert found == [n] * n


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("9999-12-31T23:59:59Z", "future_time"),
        ("9999-12-31T23:59:59-14", "future_time"),
        ("8000-02-29T00:00:00Z", "future_time"),
        ("9100-02-29T00:00:00Z", "not_a_time"),
        ("1000-01-01T00:00:00Z", "time_before_2015"),
        ("0999-01-01T00:00:00Z", "not_a_time"),
    ],
)
def test_a_year_far_away_is_a_year(tmp_path: Path, time: str, code: str) -> None:
    (tmp_path / "log.csv").write_text(f"decision_id,at\nd1,{time}\n")

    report = linted(tmp_path / "log.csv")

    assert [one.code for one in report.faults if one.level is Level.ERROR] == [code]

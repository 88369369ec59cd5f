import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.measures.rules import VersionChange
from hitl.decisions.source import open_log
from hitl.decisions.versions import dropped_words, rows_alike, rows_with_id, version_changes

AT = datetime(2026, 11, 1, tzinfo=UTC)
MAY = 20574
"""1 May 2026, days since 1970."""
ROWS = [
    ("1", "2026-05-01T00:00:00Z", "7", ""),
    ("2", "2026-05-03T23:59:59Z", "8", ""),
    ("3", "2026-05-04T00:00:00Z", "7", ""),
    ("", "2026-05-09T00:00:00Z", "8", ""),
    ("", "", "9", ""),
]


@pytest.fixture
def log(tmp_path: Path) -> str:
    with (tmp_path / "log.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["decision_id", "at", "prompt_version", "prompt_hash"])
        writer.writerows(ROWS)
    return str(tmp_path / "log.csv")


def test_a_version_is_new_on_the_day_of_its_first_row_and_a_return_is_no_change(log: str) -> None:
    with open_log([log], AT) as opened:
        found = version_changes(opened, None, None)

    assert found == (
        VersionChange("prompt_version", 2, MAY + 2),
        VersionChange("prompt_hash", 0, None),
    )


def test_rows_outside_the_days_do_not_count(log: str) -> None:
    with open_log([log], AT) as opened:
        late = version_changes(opened, MAY + 3, None)
        early = version_changes(opened, None, MAY)
        n = [
            rows_with_id(opened, *days)
            for days in ((None, None), (MAY + 1, MAY + 2), (MAY + 8, None))
        ]

    assert late[0] == VersionChange("prompt_version", 2, MAY + 8)
    assert early[0] == VersionChange("prompt_version", 1, MAY)
    assert n == [3, 1, 0]


def test_a_log_without_such_columns_has_none(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("decision_id\n1\n")

    with open_log([str(tmp_path / "log.csv")], AT) as opened:
        assert version_changes(opened, None, None) == ()


def twice(path: Path, columns: str, *lines: str) -> int | None:
    path.write_text("\n".join((f"decision_id,at,{columns}", *lines)) + "\n")
    with open_log([str(path)], AT) as opened:
        return rows_alike(opened, None, None)


def test_rows_that_differ_in_nothing_but_the_id_are_counted(tmp_path: Path) -> None:
    found = twice(
        tmp_path / "log.csv",
        "confidence,review_seconds,lane",
        "1,2026-05-01T00:00:00Z,0.71,12.5,queue",
        "2,2026-05-01T00:00:00Z,0.71,12.5,queue",
        "3,2026-05-01T00:00:00Z,0.71,12.5,queue",
        "4,2026-05-01T00:00:00Z,0.71,12.6,queue",
        "5,2026-05-02T00:00:00Z,0.71,12.5,queue",
        "6,,0.71,12.5,queue",
        "7,,0.71,12.5,queue",
        "8,2026-05-01T00:00:00Z,,,auto",
        "9,2026-05-01T00:00:00Z,,,auto",
    )

    assert found == 2


def test_where_too_little_is_measured_nothing_is_said_of_rows_that_look_alike(
    tmp_path: Path,
) -> None:
    same = ["1,2026-05-01T00:00:00Z,0.7", "2,2026-05-01T00:00:00Z,0.7"]

    assert twice(tmp_path / "log.csv", "confidence", *same) is None


def test_words_that_a_mapping_takes_for_nothing_are_named() -> None:
    values = {"human_action": {"no": None, "yes": "approve", "": None}, "lane": {"a": "auto"}}

    assert dropped_words(values) == (("human_action", ("no", "")),)

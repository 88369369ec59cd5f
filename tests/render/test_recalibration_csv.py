import csv
from io import StringIO

import pytest

from hitl.recalibrate.parts import Recalibration
from hitl.render.recalibration.csv import COLUMNS, curve_csv
from tests.render.sample_recalibration import (
    a_hostile_recalibration,
    a_point,
    a_recalibration,
    a_type,
    an_empty_recalibration,
)


def _rows(document: Recalibration) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(curve_csv(document).decode(), newline="")))


def test_every_point_of_both_models_is_one_line() -> None:
    document = a_recalibration()
    rows = _rows(document)

    assert len(rows) == sum(len(one.curve) + len(one.previous_curve) for one in document.types)
    assert {row["model"] for row in rows} == {"candidate", "previous"}
    assert curve_csv(document).decode().splitlines()[0] == ",".join(COLUMNS)


def test_numbers_are_written_in_full_and_what_is_not_known_is_empty() -> None:
    point = a_point(0.85).model_copy(
        update={"error": 1 / 3, "error_high": None, "per_week": None, "is_tested": True}
    )
    document = a_recalibration(
        a_type().model_copy(update={"curve": (point,), "previous_curve": ()})
    )

    assert _rows(document) == [
        {
            "action_type": "annotate_incident", "model": "candidate", "threshold": "0.85", "n_all": "1696", "n": "1696",
            "k": str(point.k), "error": "0.333333333333", "error_high": "", "coverage": f"{point.coverage:.12g}",
            "escalation": f"{point.escalation:.12g}", "per_week": "", "misses_per_week": str(point.k),
            "reviewer_hours_per_week": f"{point.reviewer_hours_per_week:.12g}", "is_tested": "true", "passes": "false",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(x)", "\uff1d1+1"])
def test_no_name_begins_a_formula(name: str) -> None:
    rows = _rows(a_recalibration(a_type(name)))

    assert {row["action_type"] for row in rows} == {f"'{name}"}


def test_names_with_separators_and_quotes_keep_their_cell() -> None:
    rows = _rows(a_recalibration(a_type('a, "b"; c')))

    assert {row["action_type"] for row in rows} == {'a, "b"; c'}
    assert all(None not in row for row in rows)


def test_a_hostile_log_gives_a_table_of_the_same_columns() -> None:
    rows = _rows(a_hostile_recalibration())

    assert all(set(row) == set(COLUMNS) for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())  # fmt: skip


def test_without_any_curve_there_is_the_head_alone() -> None:
    assert curve_csv(an_empty_recalibration()) == (",".join(COLUMNS) + "\n").encode()


def test_a_lone_surrogate_in_a_name_does_not_stop_the_table() -> None:
    broken = a_type().model_copy(update={"action_type": "a\ud800b"})

    assert b"a?b" in curve_csv(a_recalibration(broken))

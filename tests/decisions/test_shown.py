"""What messages quote of a log, and of what engines say of it."""

import csv
from pathlib import Path

import pytest

from hitl.decisions.beginning import header_of, long_fields
from hitl.decisions.shown import first_line, listed, shown


def test_personal_data_is_taken_out_before_a_value_is_cut() -> None:
    assert shown("x" * 50 + " bo.example@example.com") == "x" * 50 + " [email]"
    assert shown("y" * 61) == "y" * 59 + "…"


def test_names_are_cut_and_counted() -> None:
    assert listed([]) == "none"
    assert listed(["a", "b" * 1_000_000, "c"], 2) == f"a, {'b' * 59}… and 1 more"


@pytest.mark.parametrize(
    "said",
    [
        "Conversion Error: Could not convert string 'Jane Doe' to INT32",
        'invalid input syntax for type integer: "Jane Doe"',
        'invalid input value for enum lane: "Jane Doe"',
        'value "Jane Doe" is out of range for type integer',
        'malformed array literal: "Jane Doe"',
        "[CAST_INVALID_INPUT] The value 'Jane Doe' of the type \"STRING\" cannot be cast",
        "Could not parse string 'it's Jane Doe' here",
        "Malformed line\nOriginal Line: Jane Doe",
    ],
)
def test_values_that_an_engine_quotes_are_left_out(said: str) -> None:
    told = first_line(ValueError(said))

    assert "Jane" not in told
    assert len(told) > 10


def test_names_that_an_engine_quotes_are_kept() -> None:
    said = 'column "nonsense" does not exist for bo@example.com'

    assert first_line(ValueError(said)) == 'column "nonsense" does not exist for [email]'
    assert first_line(ValueError()) == "ValueError"


def test_how_long_a_field_may_be_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("lane," + "x" * 500_000 + "\n")
    before = csv.field_size_limit()

    assert len(header_of(tmp_path / "log.csv")[1]) == 500_000
    with pytest.raises(KeyError), long_fields():
        raise KeyError

    assert csv.field_size_limit() == before < 500_000


def test_a_header_without_an_end_is_refused_whatever_was_read_before(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"lane," + b"x" * 3_000_000 + b"\nauto,1\n")
    (tmp_path / "other.csv").write_bytes(b"lane," + b"y" * 300_000 + b"\nauto,1\n")

    assert header_of(tmp_path / "other.csv")[0] == "lane"
    for _ in range(2):
        with pytest.raises(ValueError, match="has no header: its first line has more than"):
            header_of(tmp_path / "log.csv")

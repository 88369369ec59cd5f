from datetime import UTC, datetime

import duckdb
import pytest

from hitl.decisions.exchange.convert import Value, WrongValueError, convert, reading_of, scaled
from hitl.decisions.mapping import FACTORS, LogColumns, LogUnit
from hitl.decisions.schema import BY_NAME, Kind
from hitl.errors import DocumentError

AT = datetime(2026, 11, 1, tzinfo=UTC)


def read(column: str, raw: object, **mapping: object) -> Value | None:
    named = LogColumns.model_validate(mapping, strict=False)
    return convert(BY_NAME[column], raw, reading_of(named, AT, {}))


@pytest.mark.parametrize(("kind", "unit"), list(FACTORS))
def test_a_unit_means_here_what_it_means_for_every_other_log(kind: Kind, unit: LogUnit) -> None:
    for value in (0.0, 1.0, 7.0, 57.0, 4.5):
        sql = f"SELECT CAST({value} AS DOUBLE) {FACTORS[kind, unit]}"
        assert [(scaled(value, kind, unit),)] == duckdb.sql(sql).fetchall()


@pytest.mark.parametrize(
    ("raw", "mapping", "expected"),
    [
        ("2026-05-01T10:00:00Z", {}, "2026-05-01T10:00:00Z"),
        ("2026-05-01T12:00:00.5+02:00", {}, "2026-05-01T10:00:00.500000Z"),
        ("2026-05-01 12:00:00", {"zone": "Europe/Berlin"}, "2026-05-01T10:00:00Z"),
        ("2026-05-01 12:00:00", {"zone": "+02:00"}, "2026-05-01T10:00:00Z"),
        ("2026-05-01 10:00:00Z", {"zone": "+02:00"}, "2026-05-01T10:00:00Z"),
        (1777629600, {"units": {"at": "epoch_seconds"}}, "2026-05-01T10:00:00Z"),
        ("1777629600500", {"units": {"at": "epoch_milliseconds"}}, "2026-05-01T10:00:00.500000Z"),
    ],
)
def test_times_are_kept_in_utc(raw: object, mapping: dict[str, object], expected: str) -> None:
    assert read("at", raw, **mapping) == expected


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2026-05-01T10:00:00", "times without a zone"),
        ("2026-05-01", "no times"),
        ("0001-01-01T00:00:00+14:00", "no times"),
        (1777629600, "no times"),
        ("2026-11-01T00:06:00Z", "times in the future"),
        ("2014-12-31T23:59:59Z", "times before 2015"),
    ],
)
def test_what_is_no_time_is_a_fault(raw: object, said: str) -> None:
    with pytest.raises(WrongValueError, match=said):
        read("at", raw)


def test_a_clock_may_run_five_minutes_ahead() -> None:
    assert read("at", "2026-11-01T00:04:59Z") == "2026-11-01T00:04:59Z"


@pytest.mark.parametrize(
    ("column", "raw", "expected"),
    [
        ("confidence", "0.5", 0.5),
        ("confidence", 1, 1.0),
        ("cost_usd", "3e-5", 0.00003),
        ("correct", True, True),
        ("correct", "False", False),
        ("prompt_version", 12, "12"),
        ("prompt_version", "", None),
        ("human_action", None, None),
    ],
)
def test_values_become_those_of_their_column(column: str, raw: object, expected: object) -> None:
    assert read(column, raw) == expected


def test_words_of_the_mapping_go_first_and_null_is_no_value() -> None:
    values = {"human_action": {"ok": "approve", "approve": None}, "correct": {"1": "true"}}

    assert read("human_action", "ok", values=values) == "approve"
    assert read("human_action", "approve", values=values) is None
    assert read("correct", 1, values=values) is True


@pytest.mark.parametrize(
    ("column", "raw"),
    [("human_action", "Approve"), ("correct", 1), ("correct", "yes"), ("decision_id", "x" * 1001), ("lane", ["queue"])],
)  # fmt: skip
def test_nothing_is_guessed(column: str, raw: object) -> None:
    with pytest.raises(WrongValueError):
        read(column, raw)


def test_a_zone_that_is_none_is_told() -> None:
    with pytest.raises(DocumentError, match="'Mars/Crater' is no time zone"):
        reading_of(LogColumns(zone="Mars/Crater"), AT, {})

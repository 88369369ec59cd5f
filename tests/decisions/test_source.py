import csv
import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.check import check_log
from hitl.decisions.counts import Counts
from hitl.decisions.mapping import LogColumns, LogUnit
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.errors import DocumentError
from tests.decisions.logs import SPIKE, write_log

AT = datetime(2026, 11, 1, tzinfo=UTC)
GOOD = {
    "decision_id": "d1",
    "at": "2026-05-01T10:00:00Z",
    "confidence": "0.9",
    "lane": "queue",
    "human_action": "approve",
    "review_seconds": "12.5",
    "correct": "true",
}


def counted(*logs: Path | str, mapping: LogColumns | None = None) -> Counts:
    with open_log([str(log) for log in logs], AT, mapping) as log:
        return count_log(log)


def lines(counts: Counts) -> list[list[str]]:
    tables = (counts.cells, counts.review, counts.wait, counts.reviewers)
    return [
        sorted(str(sorted(line.items(), key=str)) for line in table.lines()) for table in tables
    ]


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def faults(path: Path | str, mapping: LogColumns | None = None) -> str:
    with pytest.raises(DocumentError) as caught:
        counted(path, mapping=mapping)
    return str(caught.value)


def as_table(parquet: Path, base: Path, form: str) -> str:
    with duckdb.connect(":memory:" if form == "sqlite" else str(base)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        if form == "duckdb":
            connection.execute(f"CREATE TABLE log AS SELECT * FROM '{parquet}'")  # noqa: S608
            return f"{base}::log"
        rows = connection.execute(
            f"""SELECT * REPLACE (STRFTIME("at", '%Y-%m-%dT%H:%M:%S.%fZ') AS "at",
                CASE WHEN correct THEN 'true' WHEN NOT correct THEN 'false' END AS correct,
                CAST(repair_event AS VARCHAR) AS repair_event, 'true' AS schema_valid) FROM '{parquet}'"""  # noqa: S608
        )
        names = [column[0] for column in rows.description or []]
        with closing(sqlite3.connect(base)) as lite, lite:
            lite.execute(f"CREATE TABLE log ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            lite.executemany(f"INSERT INTO log VALUES ({marks})", rows.fetchall())  # noqa: S608
    return f"{base}::log"


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "log.parquet", SPIKE)


@pytest.mark.parametrize(
    "form", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet.gz", "duckdb", "sqlite"]
)
def test_the_same_rows_give_the_same_integers_in_every_form(
    parquet: Path, tmp_path: Path, form: str
) -> None:
    path: Path | str = tmp_path / f"log.{form}"
    if form in ("duckdb", "sqlite"):
        path = as_table(parquet, tmp_path / "base.db", form)
    elif form == "parquet.gz":
        Path(path).write_bytes(gzip.compress(parquet.read_bytes()))
    else:
        write_log(Path(path), SPIKE)

    assert lines(counted(path)) == lines(counted(parquet))


def test_how_a_log_is_split_and_ordered_changes_nothing(parquet: Path, tmp_path: Path) -> None:
    write_log(tmp_path / "z.parquet", SPIKE, "confidence < 0.5")
    write_log(tmp_path / "m.csv", SPIKE, "confidence >= 0.5 AND lane = 'queue'")
    write_log(tmp_path / "a.jsonl.gz", SPIKE, "confidence >= 0.5 AND lane <> 'queue'")

    assert lines(counted(tmp_path / "*")) == lines(counted(parquet))


def test_a_file_whose_name_is_a_pattern_is_itself(tmp_path: Path) -> None:
    write_csv(tmp_path / "log1.csv", [GOOD, GOOD | {"decision_id": "d2"}])
    wanted = write_csv(tmp_path / "log[1].csv", [GOOD])

    assert counted(wanted).n == 1


def test_a_name_with_quotes_is_no_sql(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "it's; DROP TABLE x --.csv", [GOOD])

    assert counted(path).n == 1


def test_a_version_keeps_its_text(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [GOOD | {"resolved_model": "1.10"}])

    assert counted(path).cells.words["resolved_model"] == ("1.10",)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("at", "2026-05-01T10:00:00", "times without a zone"),
        ("at", "2026-05-01", "times without a zone"),
        ("at", "01/05/2026 10:00", "no times"),
        ("at", "2026-02-30T10:00:00Z", "no times"),
        ("at", "2026-11-01T00:06:00Z", "in the future"),
        ("at", "1970-01-01T00:00:00Z", "before 2015"),
        ("at", "1780000000", "no times"),
        ("confidence", "1e9", "out of range"),
        ("confidence", "NaN", "no numbers"),
        ("confidence", "-0.1", "out of range"),
        ("confidence", "1_0", "no numbers"),
        ("confidence", "0,9", "no numbers"),
        ("review_seconds", "-1", "out of range"),
        ("correct", "yes", "neither true nor false"),
        ("correct", "1", "neither true nor false"),
        ("human_action", "accept", "unknown words"),
        ("human_action", "Approve", "unknown words"),
        ("human_action", "=cmd|' /C calc'!A0", "unknown words"),
        ("lane", "<script>alert(1)</script>", "unknown words"),
    ],
)
def test_a_value_that_is_not_what_it_should_be_is_told_with_its_row(
    tmp_path: Path, field: str, value: str, said: str
) -> None:
    rows = [GOOD, GOOD | {"decision_id": "d2", field: value}]

    message = faults(write_csv(tmp_path / "log.csv", rows))

    assert (
        f"log.csv: {field}: 1 rows: {said}" in message.replace(f"{said} ", f"{said}: ")
        or said in message
    )
    assert f"{field}: 1 rows: " in message
    assert message.endswith("first rows 2")


def test_every_fault_is_told_at_once_with_counts(tmp_path: Path) -> None:
    rows = [GOOD | {"human_action": word, "confidence": "2"} for word in ("accept", "accept", "no")]

    message = faults(write_csv(tmp_path / "log.csv", rows))

    assert "human_action: 3 rows: unknown words; name them under `values` in the mapping; found 'accept' (2), 'no' (1); first rows 1, 2, 3" in message  # fmt: skip
    assert "confidence: 3 rows: out of range; found '2' (3)" in message
    assert "decision_id: the same decision stands in several rows: 'd1' (3 rows)" in message


def test_parquet_values_are_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""COPY (SELECT 'a' AS decision_id, TIMESTAMP '2026-05-01 00:00:00' AS "at",
            'NaN'::DOUBLE AS confidence, 1 AS correct, true AS review_seconds) TO '{path}'""")

    message = faults(path)

    for part in ("at: 1 rows: times without a zone", "confidence: 1 rows: out of range",
                 "correct: 1 rows: neither", "review_seconds: 1 rows: no numbers"):  # fmt: skip
        assert part in message


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.csv", b"", "is empty"),
        ("log.csv", b"at,lane\n", "holds no row"),
        ("log.csv", b"at,at\n1,2\n", "columns stand twice: at"),
        ("log.csv", b"lane,outcome\nauto\n1,2,3\n", "log.csv:2: has 1 fields; expected 2"),
        ("log.csv", b"lane\n\xff\xfe\n", "is not UTF-8"),
        ("log.csv.gz", b"lane\nauto\n", "is not compressed with gzip, though"),
        ("log.jsonl.gz", b'{"lane": "auto"}\n', "is not compressed with gzip, though"),
        ("log.jsonl", b'{"lane": "auto"}\n{"lane":\n[1]\n', "log.jsonl:2: not valid JSON"),
        ("log.jsonl", b'{"lane": "auto"}\n[1]\n', "log.jsonl:2: expected one JSON object a line"),
        ("log.parquet", b"PAR1half", "is no whole Parquet file"),
        ("log.xlsx", b"PK", "expected .parquet"),
        ("log.csv", ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "and 9980 more"),
    ],
)
def test_a_malformed_file_is_a_clear_error(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)

    assert said in faults(tmp_path / name)


def test_a_half_written_parquet_file_among_good_ones_is_named(
    parquet: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.parquet").write_bytes(parquet.read_bytes())
    (tmp_path / "b.parquet").write_bytes(parquet.read_bytes()[:5000])

    message = faults(tmp_path / "*.parquet")

    assert "b.parquet: is no whole Parquet file" in message
    assert "a.parquet" not in message


def test_every_broken_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(
        '{"lane": "auto"}\nno\n{"lane": "auto"}\n{"a": 1, "a": 2}\n'
    )

    message = faults(tmp_path / "log.jsonl")

    assert "log.jsonl:2: not valid JSON" in message
    assert "log.jsonl:4: not valid JSON: the key 'a' stands twice" in message


def test_missing_places_are_told_together(tmp_path: Path) -> None:
    with (
        pytest.raises(DocumentError) as caught,
        open_log(
            [str(tmp_path / "no.csv"), str(tmp_path / "*.parquet"), "postgresql://host/base"], AT
        ),
    ):
        pass

    assert len(caught.value.mistakes) == 3


@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_a_table_that_is_not_there_is_told_with_those_that_are(
    parquet: Path, tmp_path: Path, form: str
) -> None:
    place = as_table(parquet, tmp_path / "base.db", form)

    assert "no such table; the file has: log" in faults(place.replace("::log", "::lag"))


def test_names_words_units_and_zone_are_mapped(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "made": "2026-05-01 23:30", "sure": "29", "what": "accept", "ms": "1500"},
        {"id": "2", "made": "2026-05-02T00:30:00Z", "sure": "100", "what": "none", "ms": ""},
    ]
    mapping = LogColumns(
        columns={"decision_id": "id", "at": "made", "confidence": "sure", "human_action": "what",
                 "review_seconds": "ms"},
        values={"human_action": {"accept": "approve", "none": None}},
        units={"confidence": LogUnit.PERCENT, "review_seconds": LogUnit.MILLISECONDS},
        zone="-02:00",
    )  # fmt: skip

    counts = counted(write_csv(tmp_path / "log.csv", rows), mapping=mapping)

    found = [(line["day"], line["confidence_bin"], line["human_action"], line["sum_review_ms"]) for line in counts.cells.lines()]  # fmt: skip
    assert sorted(found, key=str) == [(20575, 100, None, 0), (20575, 29, "approve", 1500)]


def test_a_mapped_column_that_is_not_there_is_an_error_that_lists_those_that_are(
    tmp_path: Path,
) -> None:
    (tmp_path / "log.jsonl").write_text(json.dumps(GOOD))
    mapping = LogColumns(columns={"at": "created_at"})

    message = faults(tmp_path / "log.jsonl", mapping)

    assert (
        "created_at: no such column, though `columns.at` names it; the log has: at, confidence"
        in message
    )


def test_a_key_that_begins_late_is_found(tmp_path: Path) -> None:
    early = json.dumps({"decision_id": "x", "lane": "auto"})
    rows = [early.replace("x", str(n)) for n in range(2000)] + [json.dumps({"late": "queue"})]
    (tmp_path / "log.jsonl").write_text("\n".join(rows))

    counts = counted(tmp_path / "log.jsonl", mapping=LogColumns(columns={"lane": "late"}))

    assert counts.cells.where(lane="queue").n == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"when": "at"}},
        {"values": {"human_action": {"ok": "accept"}}},
        {"values": {"confidence": {"high": "0.9"}}},
        {"units": {"confidence": "minutes"}},
    ],
)
def test_a_mapping_that_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(
        ValueError, match=r"column of a decision log|is not one of|has no words|no unit"
    ):
        LogColumns.model_validate_json(json.dumps(wrong))


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [GOOD])

    assert "'Mars/Base' is no time zone" in faults(path, LogColumns(zone="Mars/Base"))


def test_rows_that_only_leaves_out_are_counted_and_neither_checked_nor_reduced(
    tmp_path: Path,
) -> None:
    rows = [
        GOOD | {"test": "true", "lane": "wrong"},
        GOOD | {"decision_id": "d2", "test": "false"},
        GOOD | {"decision_id": "d3", "test": "false", "confidence": "7"},
    ]
    path = write_csv(tmp_path / "log.csv", rows)

    with open_log([str(path)], AT, LogColumns(only={"test": ("false",)})) as log:
        report = check_log(log)

    assert (report.rows_in, report.rows_aside, report.rows_mapped, report.rows_refused) == (
        3,
        1,
        1,
        1,
    )
    assert [(one.column, one.first[0].row) for one in report.refusals] == [("confidence", 3)]
    assert "sets every row aside" in faults(path, LogColumns(only={"test": ("no",)}))
    assert "`only` names it" in faults(path, LogColumns(only={"tests": ("no",)}))


def test_the_log_that_the_example_ships_can_be_used_whole() -> None:
    shipped = Path(__file__).parents[2] / "manifests" / "incident-triage" / "decisions.parquet"

    with open_log([str(shipped)], AT) as log:
        report = check_log(log)

    assert (report.rows_in, report.rows_refused) == (2_000, 0)

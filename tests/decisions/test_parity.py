"""The same log gives the same integers and the same refusals on DuckDB, PostgreSQL and Spark."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.check import check_log
from hitl.decisions.counts import Counts
from hitl.decisions.mapping import LogColumns, LogUnit
from hitl.decisions.query import EngineName
from hitl.decisions.reduce import count_log, duplicate_ids
from hitl.decisions.source import open_log
from hitl.decisions.trace import lint_log
from tests.decisions.edges import NAMES, rows, wrong_rows
from tests.decisions.logs import SPIKE, write_log
from tests.services.postgres import Server

AT = datetime(2026, 11, 1, tzinfo=UTC)
MAPPING = LogColumns(
    columns={"human_action": "what"},
    values={
        "human_action": {"ok": "approve", "none": None},
        "resolved_model": {"acme/B-1": "acme/b-1"},
    },
    units={"satisfaction": LogUnit.ONE_TO_FIVE},
    zone="Europe/Berlin",
    only={"test": ("false", "n'o\\\\")},
)
POSTGRES = pytest.mark.postgres
SPARK = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]


def tables(counts: Counts) -> list[Counter[str]]:
    found = []
    for table in (counts.cells, counts.review, counts.wait, counts.reviewers):
        lines = [json.dumps(line) for line in table.lines()]
        assert len(set(lines)) == len(lines)
        found.append(Counter(lines))
    return found


def counted(log: str, engine: EngineName, mapping: LogColumns | None = None) -> list[Counter[str]]:
    with open_log([log], AT, mapping, engine=engine) as opened:
        return tables(count_log(opened))


def refused(log: str, engine: EngineName, mapping: LogColumns | None = None) -> object:
    with open_log([log], AT, mapping, engine=engine) as opened:
        report = check_log(opened)
        refusals = {
            (one.column, one.fault.value): (one.n_rows, one.words) for one in report.refusals
        }
        return report.rows_in, report.rows_refused, report.rows_aside, refusals


def linted(log: str, engine: EngineName, mapping: LogColumns | None = None) -> object:
    with open_log([log], AT, mapping, engine=engine) as opened:
        report = lint_log(opened)
    faults = {
        (one.code, one.field): (one.n, one.n_rows)
        for one in report.faults
        if one.code != "out_of_order"
    }
    return report.coverage, faults


def written(folder: Path, found: list[dict[str, str]]) -> Path:
    path = folder / "log.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return path


def mapped_rows() -> list[dict[str, str]]:
    """Names, words and a column that sets rows aside differ from hitl's."""
    found = []
    for number, row in enumerate(rows()):
        row["what"] = row.pop("human_action")
        found.append(row | {"test": ("false", "n'o\\\\", "true", "")[number % 4]})
    return found


@pytest.fixture(
    params=[pytest.param("postgres", marks=POSTGRES), pytest.param("spark", marks=SPARK)]
)
def other(request: pytest.FixtureRequest) -> str:
    """The engine that is compared with DuckDB."""
    return str(request.param)


def there(
    request: pytest.FixtureRequest, other: str, path: Path, types: dict[str, str]
) -> tuple[str, EngineName]:
    """The same rows for another engine: loaded into a table, or the same file."""
    if other == "spark":
        request.getfixturevalue("spark_session")
        return str(path), EngineName.SPARK
    server: Server = request.getfixturevalue("server")
    source = path
    if path.suffix == ".parquet":
        source = path.with_suffix(".loaded.csv")
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"COPY (SELECT * FROM '{path}') TO '{source}' (HEADER)")  # noqa: S608
    server.load("log", [f'"{name}" {kind}' for name, kind in types.items()], source)
    return f"{server.url()}::log", EngineName.DUCKDB


def texts(found: list[dict[str, str]]) -> dict[str, str]:
    return dict.fromkeys(found[0], "text")


def typed_columns(path: Path) -> dict[str, str]:
    names = {"VARCHAR": "text", "DOUBLE": "double precision", "TIMESTAMP WITH TIME ZONE": "timestamptz", "FLOAT": "real"}  # fmt: skip
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()  # noqa: S608
    return {row[0]: names.get(row[1], row[1]) for row in described}


def test_texts_at_every_edge_give_the_same_integers(
    request: pytest.FixtureRequest, other: str, tmp_path: Path
) -> None:
    found = mapped_rows()
    path = written(tmp_path, found)

    expected = counted(str(path), EngineName.DUCKDB, MAPPING)

    assert sum(json.loads(line)["n"] * n for line, n in expected[0].items()) == 120
    assert counted(*there(request, other, path, texts(found)), MAPPING) == expected


def test_wrong_texts_are_refused_alike(request: pytest.FixtureRequest, other: str, tmp_path: Path) -> None:  # fmt: skip
    found = wrong_rows()
    path = written(tmp_path, found)

    expected = refused(str(path), EngineName.DUCKDB)

    assert refused(*there(request, other, path, texts(found))) == expected


def test_a_typed_log_gives_the_same_integers_and_the_same_lint(
    request: pytest.FixtureRequest, other: str, tmp_path: Path
) -> None:
    path = write_log(tmp_path / "log.parquet", SPIKE)
    log, engine = there(request, other, path, typed_columns(path))

    assert counted(log, engine) == counted(str(path), EngineName.DUCKDB)
    assert linted(log, engine) == linted(str(path), EngineName.DUCKDB)


TYPED = """SELECT 'd-' || i AS decision_id, TIMESTAMP '2026-10-25 00:00:00.5' + TO_MINUTES(CAST(i * 10 AS INTEGER)) AS "at",
  DATE '2026-05-01' + CAST(i AS INTEGER) % 3 AS decided_at, CAST(i / 60.0 AS FLOAT) AS confidence,
  CAST((i * 7 % 61) / 60.0 AS DECIMAL(38, 20)) AS review_probability, CAST(i * i AS BIGINT) AS review_seconds,
  CAST(i % 5 AS SMALLINT) AS satisfaction, i % 3 = 0 AS correct, CAST(i * 1.2345 AS DECIMAL(9, 4)) AS wait_seconds,
  CAST(i % 7 AS INTEGER) AS action_type, CASE WHEN i % 2 = 0 THEN i / 3.0 END AS latency_ms FROM RANGE(60) AS t(i)"""


def test_every_sql_type_gives_the_same_integers(
    request: pytest.FixtureRequest, other: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({TYPED}) TO '{path}'")
    mapping = LogColumns(units={"satisfaction": LogUnit.ONE_TO_FIVE}, zone="Europe/Berlin", values={"correct": {"true": "false", "false": "true"}})  # fmt: skip
    log, engine = there(request, other, path, typed_columns(path))

    assert refused(log, engine, mapping) == refused(str(path), EngineName.DUCKDB, mapping)
    assert refused(log, engine) == refused(str(path), EngineName.DUCKDB)
    sound = LogColumns(columns={"satisfaction": "confidence"}, zone="-02:30")
    assert counted(log, engine, sound) == counted(str(path), EngineName.DUCKDB, sound)
    moved = LogColumns(columns={"satisfaction": "confidence"}, zone="Europe/Berlin")
    assert counted(log, engine, moved) == counted(str(path), EngineName.DUCKDB, moved)


SPECIAL = """SELECT i AS decision_id, CAST(v AS DOUBLE) AS confidence, CAST(w AS DOUBLE) AS "at" FROM (VALUES
  (1, 'NaN', '1.78e9'), (2, 'Infinity', 'NaN'), (3, '-Infinity', 'Infinity'), (4, '-0.0', '-Infinity'), (5, '1e308', '1e300'),
  (6, '5e-324', '1780000000.0000015'), (7, NULL, NULL), (8, '1', '1420070399.9999994')) AS t(i, v, w)"""


def test_numbers_that_are_none_are_refused_alike(
    request: pytest.FixtureRequest, other: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({SPECIAL}) TO '{path}'")
    mapping = LogColumns(units={"at": LogUnit.EPOCH_SECONDS})
    log, engine = there(request, other, path, typed_columns(path))

    def numbers(log: str, engine: EngineName) -> dict[tuple[str, str], int]:
        with open_log([log], AT, mapping, engine=engine) as opened:
            refusals = check_log(
                opened
            ).refusals  # engines write NaN and the like in different ways
        return {(one.column, one.fault.value): one.n_rows for one in refusals}

    expected = numbers(str(path), EngineName.DUCKDB)
    assert numbers(log, engine) == expected
    assert expected == {("confidence", "out_of_range"): 4, ("at", "not_a_time"): 4, ("at", "time_before_2015"): 1}  # fmt: skip


def test_repeated_ids_are_found_in_the_same_order(
    request: pytest.FixtureRequest, other: str, tmp_path: Path
) -> None:
    ids = ["b", "b", "B", "B", "_b", "_b", "a", "", "", "ä", "ä", "z", "z", "z"]
    found = [dict.fromkeys(NAMES, "") | {"decision_id": one} for one in ids]
    log, engine = there(request, other, written(tmp_path, found), texts(found))

    with open_log([log], AT, engine=engine) as opened:
        assert duplicate_ids(opened) == [("z", 3), ("B", 2), ("_b", 2), ("b", 2), ("ä", 2)]


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_json_lines_give_the_same_integers_on_spark(spark_session: object, tmp_path: Path) -> None:
    path = tmp_path / "log [1]{*}.jsonl"
    path.write_text(
        "\n".join(json.dumps({k: v or None for k, v in row.items()}) for row in mapped_rows())
    )

    assert counted(str(path).replace("[", "[[]").replace("{*}", "*"), EngineName.SPARK, MAPPING) == counted(str(path), EngineName.DUCKDB, MAPPING)  # fmt: skip

"""What every engine refuses of a whole log: one that changes while it is counted, and keys that are none."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.mapping import LogColumns
from hitl.decisions.query import EngineName
from hitl.decisions.reduce import count_log
from hitl.decisions.relation import view_sql
from hitl.decisions.source import open_log
from hitl.errors import DocumentError
from tests.decisions.program import fresh
from tests.services.postgres import Server

AT = datetime(2026, 11, 1, tzinfo=UTC)
N_ROWS = 400
SPARK = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]
POSTGRES = pytest.mark.postgres
Opened = tuple[str, EngineName]


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("postgres", marks=POSTGRES),
        pytest.param("spark", marks=SPARK),
    ]
)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """The same rows, each with an action type of its own, for one engine."""
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["decision_id", "lane", "action_type", "reviewer_id"])
        writer.writerows([f"d{n}", "queue", f"type-{n}", "r1"] for n in range(N_ROWS))
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")
        names = ("decision_id", "lane", "action_type", "reviewer_id")
        server.load("keys", [f"{name} text" for name in names], path)
        return f"{server.url()}::keys", EngineName.DUCKDB
    if request.param == "spark":
        request.getfixturevalue("spark_session")
        return str(path), EngineName.SPARK
    return str(path), EngineName.DUCKDB


@pytest.mark.parametrize("key", ["own words", "one word"])
def test_rows_that_differ_from_table_to_table_are_never_counted(log: Opened, key: str) -> None:
    place, engine = log
    mapping = LogColumns(columns={"action_type": "lane"} if key == "one word" else {})
    with open_log([place], AT, mapping, engine=engine) as opened:
        whole = view_sql(opened.parts, opened.reading)
        opened.engine.define(f"SELECT * FROM ({whole}) AS whole WHERE RANDOM() < 0.5")  # noqa: S608

        with pytest.raises(DocumentError, match="changed while it was counted; count a copy that nobody writes to"):  # fmt: skip
            count_log(opened)


def test_more_combinations_than_the_limit_name_the_key_that_is_none(log: Opened) -> None:
    place, engine = log
    with open_log([place], AT, engine=engine) as opened:
        with pytest.raises(DocumentError) as caught:
            count_log(opened, N_ROWS - 1)
        assert count_log(opened, N_ROWS).n == N_ROWS

    told = str(caught.value)
    assert "action_type: counts by more than 399 combinations" in told
    assert "too many different values: action_type 400, " in told


@pytest.mark.postgres
def test_a_table_of_a_server_is_exported_like_a_file(server: Server, tmp_path: Path) -> None:
    rows = [
        ["decision_id", "at", "lane", "human_action", "reviewer_id", "confidence", "correct", "resolved_model", "note"],
        ["d1", "2026-05-01T10:00:00.25+02:00", "queue", "approve", "bo@example.com", "0.07", "t", "acme/b-1", "x"],
        ["d,\"2\"", "2026-05-02T10:00:00Z", "auto", "", "", "0.30000000000000004", "f", "call +49 30 1234567", "y"],
        ["d3", "", "queue", "reject", "r2", "", "", "a\nb", ""],
    ]  # fmt: skip
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    types = {"at": "timestamptz", "confidence": "double precision", "correct": "boolean"}
    server.load("shared", [f"{name} {types.get(name, 'text')}" for name in rows[0]], path)
    path.write_text(path.read_text().replace(",t,", ",true,").replace(",f,", ",false,"))

    outs = []
    for name, place in (("file", "log.csv"), ("server", f"{server.url()}::shared")):
        done = fresh(tmp_path, "log", "export", place, "--keep-reviewers", "--out", f"{name}.jsonl")
        assert done.returncode == 0, done.stderr
        assert b"3 of 3 rows written" in done.stdout
        outs.append(sorted((tmp_path / f"{name}.jsonl").read_text().splitlines()))

    assert outs[0] == outs[1]
    assert "2026-05-01T08:00:00.25" in outs[1][1]
    assert "[phone]" in outs[1][0]

"""Texts that are no names: told with their rows by lint and by the reduction alike."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.check import check_log
from hitl.decisions.query import EngineName
from hitl.decisions.reduce import reduce_log
from hitl.decisions.source import open_log
from hitl.decisions.trace import lint_log
from hitl.errors import DocumentError
from tests.decisions.program import Program, Said
from tests.services.postgres import Server

AT = datetime(2026, 11, 1, tzinfo=UTC)
SPARK = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]
WRONG = {
    "an object": ({"name": "m", "version": 1}, "not_text"),
    "an object as text": ('{"name": "m"}', "not_text"),
    "no key": ({}, "not_text"),
    "a list of texts": (["m"], "not_text"),
    "a list of objects": ([{"name": "m"}], "not_text"),
    "a list of lists": ([[1]], "not_text"),
    "no item": ([], "not_text"),
    "a zero character": ("m\x00x", "zero_character"),
    "1,001 bytes": ("é" * 500 + "x", "too_long"),
}
RIGHT = ["m", "{0}", "{m}", "[1]", "[urgent] m", '["m', '{"m', "}", "é" * 500]


@pytest.fixture(params=[EngineName.DUCKDB, pytest.param(EngineName.SPARK, marks=SPARK)])
def engine(request: pytest.FixtureRequest) -> EngineName:
    found = EngineName(request.param)
    if found is EngineName.SPARK:
        request.getfixturevalue("spark_session")
    return found


def lines(path: Path, *models: object) -> str:
    rows = [{"decision_id": f"d{n}", "lane": "auto", "resolved_model": one} for n, one in enumerate(models)]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.parametrize("name", WRONG)
def test_a_text_that_names_nothing_is_refused_by_lint_and_reduction(
    tmp_path: Path, name: str, engine: EngineName
) -> None:
    value, code = WRONG[name]
    path = lines(tmp_path / "log.jsonl", "m", value)

    with open_log([path], AT, engine=engine) as log:
        faults = [(one.code, one.field, one.n) for one in lint_log(log).faults if one.level == "error"]  # fmt: skip
        with pytest.raises(DocumentError) as caught:
            reduce_log(log)

    assert faults == [(code, "resolved_model", 1)]
    told = str(caught.value)
    assert "log.jsonl: resolved_model: 1 rows: " in told
    assert told.endswith("first rows 2" if engine is EngineName.DUCKDB else "in decisions 'd1'")


def test_a_text_that_only_looks_like_more_is_a_name(tmp_path: Path, engine: EngineName) -> None:
    path = lines(tmp_path / "log.jsonl", *RIGHT)

    with open_log([path], AT, engine=engine) as log:
        assert reduce_log(log).cells.words["resolved_model"] == tuple(sorted(RIGHT))
        assert check_log(log).refusals == ()


def test_a_list_of_sources_is_what_it_should_be(tmp_path: Path) -> None:
    row = {"decision_id": "d1", "lane": "auto", "retrieval_sources": ["s1", "s2"]}
    (tmp_path / "log.jsonl").write_text(json.dumps(row))

    with open_log([str(tmp_path / "log.jsonl")], AT) as log:
        report = lint_log(log)

    assert not report.has_errors
    assert [one.n for one in report.coverage if one.field == "retrieval_sources"] == [1]


@pytest.mark.parametrize(
    "sql", ["{'name': 'm'}", "[1, 2]", "MAP {'a': 1}", "['m']", "ARRAY_VALUE(1, 2)"]
)
def test_a_structure_in_parquet_is_no_name(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'd1' AS decision_id, {sql} AS resolved_model UNION ALL SELECT 'd2', NULL) TO '{path}'"
        )

    with open_log([str(path)], AT) as log:
        report = lint_log(log)
        with pytest.raises(DocumentError, match="resolved_model: 1 rows: objects or lists"):
            reduce_log(log)

    assert [one.n for one in report.coverage if one.field == "resolved_model"] == [0]


@pytest.mark.postgres
def test_a_structure_in_a_database_is_no_name(server: Server) -> None:
    server.run(
        "CREATE OR REPLACE VIEW nested AS SELECT 'd1' AS decision_id, ARRAY[1, 2] AS action_type, "
        """JSONB '{"name": "m"}' AS resolved_model, ARRAY['r'] AS reviewer_id"""
    )

    with open_log([f"{server.url()}::nested"], AT) as log:
        report = check_log(log)
        with pytest.raises(DocumentError, match="action_type: 1 rows: objects or lists"):
            reduce_log(log)

    assert [(one.column, one.fault) for one in report.refusals] == [
        ("action_type", "not_text"), ("resolved_model", "not_text"), ("reviewer_id", "not_text"),
    ]  # fmt: skip


def test_a_zero_character_in_a_word_is_an_unknown_word(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.jsonl").write_text('{"decision_id": "a", "lane": "auto\\u0000"}\n')

    text = Program(tmp_path, capsys).refused("log.jsonl")

    assert text.count("unknown words") == 2
    assert text.count("first rows 1") == 2


def test_a_text_that_is_refused_covers_nothing(tmp_path: Path) -> None:
    path = lines(tmp_path / "log.jsonl", "m", "x" * 1_001, {"name": "m"}, "m\x00", None)

    with open_log([path], AT) as log:
        covered = {line.field: (line.n, line.n_rows) for line in lint_log(log).coverage}

    assert covered["resolved_model"] == (1, 5)


def test_rows_of_several_files_are_told_with_their_files(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, capsys)
    (tmp_path / "a.csv").write_text("decision_id,lane\na1,auto\n")
    (tmp_path / "b.csv").write_text("decision_id,lane\nb1,fast\n")
    (tmp_path / "c.csv").write_text("decision_id,lane,risk\nc1,auto,low\nc2,fast,low\n")

    assert "first rows 1 of b.csv → these rows" in program.lint("a.csv", "b.csv").text
    assert "first rows 1 of b.csv, 2 of c.csv" in program.lint("a.csv", "b.csv", "c.csv").text
    assert "first rows 1 of b.csv, 2 of c.csv" in program.baseline("a.csv", "b.csv", "c.csv").text
    alone = program.lint("b.csv").text
    assert "first rows 1 → these rows" in alone

"""Files that Spark reads: what is told where one cannot be read."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.query import EngineName
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.errors import DocumentError

AT = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.usefixtures("spark_session"),
]


def problem(log: str) -> str:
    with (
        pytest.raises(DocumentError) as caught,
        open_log([log], AT, engine=EngineName.SPARK) as opened,
    ):
        count_log(opened)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.parquet", b"PAR1half", "Could not read footer"),
        ("log.csv", b"lane,outcome\nauto\nmy-secret,2,3\n", "log.csv:2: has 1 fields; expected 2"),
        ("log.jsonl", b'{"lane": "auto"}\n{"lane": "my-secret"\n', "log.jsonl:2: not valid JSON"),
        ("log.csv", b"lane\n", "holds no row"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_not_quoted(
    name: str, content: bytes, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)

    message = problem(str(tmp_path / name))

    assert said in message
    assert "my-secret" not in message + "".join(capfd.readouterr())


def test_a_table_of_a_file_is_left_to_the_other_engine(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ops.db")) as base, base:
        base.execute("CREATE TABLE log (lane TEXT)")

    assert "ops.db::log: a table is not read by Spark; leave out --engine spark" in problem(
        f"{tmp_path / 'ops.db'}::log"
    )


def test_an_address_without_its_library_says_so() -> None:
    message = problem("s3a://bucket/log.parquet")

    assert "S3AFileSystem not found" in message
    assert "whether Spark has the library for it" in message


def test_a_name_with_pattern_characters_is_itself(tmp_path: Path) -> None:
    rows = "decision_id,at,lane\n{0},2026-05-01T10:00:00Z,auto\n"
    (tmp_path / "log1.csv").write_text(rows.format("other"))
    (tmp_path / "log[1].csv").write_text(rows.format("wanted"))

    with open_log([str(tmp_path / "log[1].csv")], AT, engine=EngineName.SPARK) as log:
        assert log.rows("SELECT decision_id FROM decisions") == [("wanted",)]

"""Tables of a PostgreSQL server as logs: what is told where one cannot be read, and what is never told."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.place import find_places, shown_address
from hitl.decisions.query import EngineName
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.errors import DocumentError, UsageError
from tests.services.postgres import PASSWORD, Server

AT = datetime(2026, 11, 1, tzinfo=UTC)
ROW = "SELECT 'd1' AS decision_id, TIMESTAMPTZ '2026-05-01 10:00+00' AS at, 'queue' AS lane"


def problem(*logs: str, engine: EngineName = EngineName.DUCKDB) -> str:
    with pytest.raises(DocumentError) as caught, open_log(logs, AT, engine=engine) as log:
        count_log(log)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def n_rows(*logs: str) -> int:
    with open_log(logs, AT) as log:
        return count_log(log).n


@pytest.mark.postgres
def test_a_view_a_schema_and_a_quoted_name_are_tables_too(server: Server) -> None:
    server.run(
        f"CREATE OR REPLACE VIEW seen AS {ROW}",
        'CREATE SCHEMA IF NOT EXISTS "of""ops"',
        f'CREATE TABLE IF NOT EXISTS "of""ops"."my; log" AS {ROW}',
    )

    assert n_rows(f"{server.url()}::seen") == n_rows(f"{server.url()}::public.seen") == 1
    assert n_rows(f'{server.url()}::of"ops.my; log') == 1
    assert n_rows(f"postgresql+psycopg://{server.url().partition('://')[2]}::seen") == 1


@pytest.mark.postgres
def test_two_tables_of_one_database_are_one_log(server: Server) -> None:
    server.run(
        f"CREATE OR REPLACE VIEW first AS {ROW}",
        f"CREATE OR REPLACE VIEW second AS {ROW.replace('d1', 'd2')}",
    )

    assert n_rows(f"{server.url()}::first", f"{server.url()}::second") == 2
    assert "'d1' (2 rows)" in problem(f"{server.url()}::first", f"{server.url()}::public.first")


@pytest.mark.postgres
def test_nothing_can_be_written(server: Server) -> None:
    server.run(
        "CREATE TABLE IF NOT EXISTS victim (n int)",
        "CREATE OR REPLACE FUNCTION strike() RETURNS text LANGUAGE sql VOLATILE AS $$ INSERT INTO victim VALUES (1) RETURNING 'd' $$",
        "CREATE OR REPLACE VIEW trap AS SELECT strike() AS decision_id, 'queue' AS lane, now() AS at",
    )

    assert "read-only transaction" in problem(f"{server.url()}::trap")


@pytest.mark.postgres
def test_a_table_that_is_not_there_is_told_with_those_that_are(server: Server) -> None:
    server.run(f"CREATE OR REPLACE VIEW there AS {ROW}")

    message = problem(f"{server.url()}::lag")

    assert "::lag: no such table that this user can see; the database has: " in message
    assert "there" in message


@pytest.mark.postgres
def test_a_table_that_may_not_be_read_says_what_to_ask_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run(
        "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'other'",
        f"CREATE OR REPLACE VIEW closed AS {ROW}", f"CREATE OR REPLACE VIEW open AS {ROW}",
        "GRANT SELECT ON open TO reader",
    )  # fmt: skip
    monkeypatch.setenv("PGPASSWORD", "other")

    assert n_rows(f"{server.url('reader')}::open") == 1
    message = problem(f"{server.url('reader')}::closed")
    assert "permission denied" in message
    assert "GRANT SELECT" in message
    server.run("DROP OWNED BY reader")


@pytest.mark.postgres
def test_a_password_in_the_address_works_and_is_never_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run(f"CREATE OR REPLACE VIEW seen AS {ROW}")
    monkeypatch.delenv("PGPASSWORD")

    with open_log([f"{server.url(password=PASSWORD)}::seen"], AT) as log:
        assert count_log(log).n == 1
        assert log.place == f"postgresql://owner:***@127.0.0.1:{server.port}/postgres::seen"
        assert PASSWORD not in repr(log)
    assert ":***@" in problem(f"{server.url(password=PASSWORD)}::lag")
    wrong = problem(f"{server.url(password='not-' + PASSWORD)}::seen")
    assert "password authentication failed" in wrong
    assert "PGPASSWORD" in wrong


@pytest.mark.postgres
def test_a_query_that_fails_ends_no_transaction(server: Server) -> None:
    server.run(f"CREATE OR REPLACE VIEW seen AS {ROW}")

    with open_log([f"{server.url()}::seen"], AT) as log:
        with pytest.raises(DocumentError, match="nonsense"):
            log.rows("SELECT nonsense FROM decisions")
        assert log.rows("WITH few AS (SELECT lane FROM decisions) SELECT lane, '100%' FROM few") == [("queue", "100%")]  # fmt: skip
        assert log.columns("SELECT lane, COUNT(*) AS n FROM decisions GROUP BY 1")["n"].tolist() == [1]  # fmt: skip


@pytest.mark.postgres
def test_lint_reads_a_table_through_the_program(server: Server, tmp_path: Path) -> None:
    server.run(f"CREATE OR REPLACE VIEW seen AS {ROW}")

    done = subprocess.run(
        [Path(sys.executable).parent / "hitl", "log", "lint", f"{server.url()}::seen", "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows_in"] == 1


def test_a_server_that_is_not_there_is_told_with_what_to_check() -> None:
    message = problem("postgresql://me:top-secret@127.0.0.1:1/base::log")

    assert "cannot be opened" in message
    assert "check host, port, database and user" in message
    assert "top-secret" not in message


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (["postgresql://me@host/base"], "names no table; expected URL::TABLE"),
        (["postgresql://[::1]/base"], "names no table"),
        (["mysql://me:pw@host/base::log"], "mysql://me:***@host/base::log: is an address that hitl cannot read; expected .parquet"),
        (["s3a://bucket/log.parquet"], "is read by Spark alone; add --engine spark"),
        (["https://host/log.parquet"], "is an address that hitl cannot read"),
        (["postgresql://a/base::log", "postgresql://b/base::log"], "one log is files, or tables of one database"),
        (["postgresql://me@host:port/base::log"], "is no database URL"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_a_log_is_told(logs: list[str], said: str) -> None:
    message = problem(*logs)

    assert said in message
    assert "pw" not in message


def test_files_and_a_database_are_not_one_log(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("lane\nauto\n")

    assert "one log is files, or tables of one database" in problem(
        str(tmp_path / "log.csv"), "postgresql://me@host/base::log"
    )


def test_the_colons_of_a_host_are_not_those_of_a_table() -> None:
    place = find_places(["postgresql://me@[::1]:5432/base::ops.log"])[0]

    assert (place.table, place.address) == ("ops.log", "postgresql://me@[::1]:5432/base")


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown_address("postgresql://h/b?password=x&host=/run") == "postgresql://h/b"
    assert shown_address("postgresql://[broken/b?password=x") == "postgresql://..."


@pytest.mark.parametrize(
    ("module", "extra"),
    [("sqlalchemy", "warehouse"), ("psycopg", "warehouse"), ("pyspark", "spark")],
)
def test_a_missing_extra_says_how_to_install_it(module: str, extra: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("lane\nauto\n")
    log = "postgresql://h/b::t" if extra == "warehouse" else str(tmp_path / "log.csv")
    engine = "duckdb" if extra == "warehouse" else "spark"
    script = f"""
import sys
sys.modules[{module!r}] = None
from datetime import UTC, datetime
from hitl.decisions.query import EngineName
from hitl.decisions.source import open_log
with open_log([{log!r}], datetime(2026, 11, 1, tzinfo=UTC), engine=EngineName({engine!r})):
    pass
"""

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert f"pip install 'hitl-gate[{extra}]'" in done.stderr
    assert UsageError.__name__ in done.stderr.splitlines()[-1]

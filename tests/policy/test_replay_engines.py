"""A log in a PostgreSQL table is replayed as the same log in a file."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from hitl.policy.advice.findings import advice_document
from hitl.policy.capacity.queues import capacity_document
from hitl.policy.replay.parts import Replay
from tests.decisions.logs import Truth, write_log
from tests.policy.policies import a_policy, a_type
from tests.policy.replay_logs import a_replay, replayed
from tests.services.postgres import PASSWORD, Server, postgres

TYPES = {"DOUBLE": "double precision", "BOOLEAN": "boolean", "BIGINT": "bigint"}
POLICY = a_policy(
    action_types={kind: a_type(pool="support", error_cost_usd=5) for kind in ("restart", "reply")},
    pools={"support": {"members": ["a", "b"], "capacity_per_hour": 40, "sla_minutes": 60}},
    dynamic_risk=[{"when": "decision.content.amount > 100", "risk": "critical"}],
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with postgres() as running:
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        yield running


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a CSV log with an amount in every row."""
    path, plain = tmp_path / "log.csv", write_log(tmp_path / "plain.csv", Truth(rows=2_000))
    with duckdb.connect() as connection:
        sql = f"SELECT *, CAST(SUBSTR(decision_id, 3) AS INTEGER) % 200 AS amount FROM read_csv('{plain}', all_varchar = true)"  # noqa: S608  # a test's own
        connection.execute(f"COPY ({sql}) TO '{path}' (HEADER)")
    return path


def as_table(server: Server, log: Path) -> str:
    """Load a CSV log into a typed table, and return its address."""
    with duckdb.connect() as connection:
        found = connection.execute("DESCRIBE SELECT * FROM read_csv(?)", [str(log)]).fetchall()
    columns = [f'"{name}" {"timestamptz" if name in ("at", "decided_at") else TYPES.get(kind, "text")}' for name, kind, *_ in found]  # fmt: skip
    server.load("decisions_log", columns, log)
    return f"{server.url()}::decisions_log"


def counts(found: Replay) -> object:
    """Return everything but where the rows lay and which came first."""
    shown = found.model_dump(mode="json", exclude={"sources"})
    for comparison in shown["comparisons"]:
        for change in comparison["changes"]:
            del change["examples"]
    return shown


def test_a_table_of_a_server_gives_the_same_counts(server: Server, log: Path) -> None:
    table = as_table(server, log)

    in_file, in_table = replayed(log, POLICY), replayed(table, POLICY)

    assert counts(in_table) == counts(in_file)
    assert in_file.policies[0].unread == ()


def test_a_table_of_a_server_gives_the_same_capacity_and_advice(server: Server, log: Path) -> None:
    with a_replay(as_table(server, log), POLICY) as found:
        capacity, advice = capacity_document(found), advice_document(found)
    with a_replay(log, POLICY) as found:
        at_home = capacity_document(found), advice_document(found)

    assert [pool.state for pool in capacity.pools] == [pool.state for pool in at_home[0].pools]
    for here, there in zip(capacity.pools, at_home[0].pools, strict=True):
        assert here.review_seconds == pytest.approx(there.review_seconds)
        assert (here.busiest, here.busiest_n, here.n_reviews) == (there.busiest, there.busiest_n, there.n_reviews)  # fmt: skip
    said = [[(one.code, one.about, one.finding) for one in of.findings] for of in (advice, at_home[1])]  # fmt: skip
    assert said[0] == said[1]

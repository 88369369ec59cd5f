from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml

from hitl.decisions.check import check_log
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.policy import Policy
from hitl.stats.ratio_change import rate_change
from tests.decisions.example_log import LOG, TRUTH, main
from tests.decisions.log_truth import truth_of

POLICY = LOG.with_name("policy.yaml")
OLD, NEW = "scripted/triage-2026-05-01", "scripted/triage-2026-05-18"
ASKED = (
    "output_format", "output_tokens", "model_active_since",
    "content.customers_affected", "content.service", "content.evidence",
)  # fmt: skip
"""What the rules of its policy ask for beside the columns that every log may have."""


def query(sql: str, path: Path = LOG) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql.replace("LOG", f"'{path}'")).fetchall()


def test_the_shipped_log_is_what_its_script_writes(tmp_path: Path) -> None:
    main(tmp_path / "log.parquet")

    rows = "SELECT COLUMNS(*)::VARCHAR FROM LOG"
    assert query(rows) == query(rows, tmp_path / "log.parquet")


def test_it_can_be_used_whole_and_every_decision_stands_once() -> None:
    with open_log([str(LOG)], datetime(2026, 11, 1, tzinfo=UTC)) as log:
        report = check_log(log)
        counts = count_log(log)

    assert (report.rows_in, report.rows_refused, counts.n) == (2_000, 0, 2_000)
    assert set(report.unused) == {*ASKED}
    assert counts.cells.words["resolved_model"] == (OLD, NEW)


def test_lanes_pools_and_who_is_audited_are_what_its_policy_says_row_by_row() -> None:
    policy = Policy.load(POLICY)
    names = ("decision_id", "action_type", "confidence", "risk", "resolved_model", "at", *ASKED)
    moments = {"at", "model_active_since"}
    listed = ", ".join(f'EPOCH("{name}")' if name in moments else f'"{name}"' for name in names)
    said_by_log = "lane, reviewer_pool, review_probability, human_action IS NOT NULL"
    rows = query(f"SELECT {listed}, {said_by_log} FROM LOG")  # noqa: S608
    wrong, reasons = [], set()
    for row in rows:
        asked = dict(zip(names, row, strict=False))
        asked |= {name: datetime.fromtimestamp(asked[name], UTC) for name in moments}
        content = {name.removeprefix("content."): asked.pop(name) for name in ASKED[3:]}
        said = policy.lane({**asked, "content": content})
        is_seen = said.is_audited or said.review_probability == 1
        reasons |= set(said.reasons)
        if (said.lane.value, said.pool, said.review_probability, is_seen) != row[len(names) :]:
            wrong.append((asked, said))

    assert wrong == []
    # Every rule that has not expired changes something, and none could not be evaluated.
    assert {
        "dynamic_risk:1",
        "dynamic_risk:2",
        "indicator:unusual-length",
        "indicator:young-model",
    } <= reasons
    assert not any(reason.startswith("rule_failed") for reason in reasons)


@pytest.mark.parametrize(("share", "least", "most"), [
    ("lane IN ('queue', 'escalate')", 0.15, 0.30),
    ("lane IN ('auto', 'audit') AND COALESCE(human_action, 'approve') = 'approve'", 0.70, 0.85),
])  # fmt: skip
def test_it_lies_within_the_targets_of_its_policy(share: str, least: float, most: float) -> None:
    found = query(f"SELECT AVG(CAST({share} AS INTEGER)) FROM LOG WHERE NOT seeded_error")[0][0]  # noqa: S608

    assert least < found < most


def test_reviewers_are_members_of_the_pools_they_work_in() -> None:
    pools = yaml.safe_load(POLICY.read_text())["pools"]
    found = query(
        "SELECT DISTINCT reviewer_pool, reviewer_id FROM LOG WHERE reviewer_id IS NOT NULL ORDER BY ALL"
    )

    assert found == sorted(
        (name, person) for name, pool in pools.items() for person in pool["members"]
    )


def test_it_shows_more_overrides_after_the_upgrade() -> None:
    sql = f"""SELECT COUNT(*) FILTER (resolved_model = '{OLD}' AND human_action IN ('modify', 'reject')),
        COUNT(*) FILTER (resolved_model = '{OLD}'), COUNT(*) FILTER (resolved_model = '{NEW}' AND human_action IN ('modify', 'reject')),
        COUNT(*) FILTER (resolved_model = '{NEW}') FROM LOG WHERE human_action <> 'timeout' AND NOT seeded_error
        GROUP BY reviewer_id ORDER BY reviewer_id"""  # noqa: S608
    k0, n0, k1, n1 = (np.array(values, dtype=np.int64) for values in zip(*query(sql), strict=True))
    change = rate_change((k0, n0), (k1, n1)).interval
    truth = truth_of(TRUTH)

    assert change.low > 0
    assert change.low < truth.after.override - truth.before.override < change.high


@pytest.mark.parametrize(("what", "least"), [
    ("seeded_error", 15), ("satisfaction IS NOT NULL", 500), ("right_action_type <> action_type", 20),
    ("human_action = 'timeout'", 1), ("outcome = 'bad'", 20), ("lane = 'escalate'", 50), ("lane = 'audit'", 50),
])  # fmt: skip
def test_it_holds_what_the_documentation_shows(what: str, least: int) -> None:
    assert query(f"SELECT COUNT(*) FROM LOG WHERE {what}")[0][0] >= least  # noqa: S608

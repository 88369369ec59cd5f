from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.check import check_log
from hitl.decisions.source import open_log
from hitl.policy import Policy
from tests.decisions.example_log import LOG
from tests.decisions.example_parallel import PARALLEL, main
from tests.decisions.test_example_log import ASKED, POLICY, query

OLD, NEW = "scripted/triage-2026-05-01", "scripted/triage-2026-05-18"


def test_the_shipped_parallel_run_is_what_its_script_writes(tmp_path: Path) -> None:
    main(tmp_path / "log.parquet")

    rows = "SELECT COLUMNS(*)::VARCHAR FROM LOG"
    assert query(rows, PARALLEL) == query(rows, tmp_path / "log.parquet")


def test_the_parallel_run_can_be_used_whole_and_has_the_columns_of_the_log() -> None:
    with open_log([str(PARALLEL)], datetime(2026, 11, 1, tzinfo=UTC)) as log:
        report = check_log(log)
    columns = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM LOG)"

    assert (report.rows_in, report.rows_refused, set(report.unused)) == (8_000, 0, {*ASKED})
    assert query(columns, PARALLEL) == query(columns, LOG)
    assert PARALLEL.stat().st_size < 400_000


def test_people_looked_at_every_decision_of_the_parallel_run_and_labelled_it() -> None:
    counted = "SELECT resolved_model, COUNT(*), COUNT(correct), COUNT(human_action), MIN(review_probability) FROM LOG GROUP BY 1 ORDER BY 1"

    assert query(counted, PARALLEL) == [
        (OLD, 2_000, 2_000, 2_000, 1.0),
        (NEW, 6_000, 6_000, 6_000, 1.0),
    ]


def test_lanes_and_pools_of_the_parallel_run_are_what_its_policy_says() -> None:
    policy = Policy.load(POLICY)
    names = ("decision_id", "action_type", "confidence", "risk", "resolved_model", "at", *ASKED)
    moments = {"at", "model_active_since"}
    listed = ", ".join(f'EPOCH("{name}")' if name in moments else f'"{name}"' for name in names)
    wrong = []
    for row in query(f"SELECT {listed}, lane, reviewer_pool FROM LOG", PARALLEL):  # noqa: S608
        asked = dict(zip(names, row, strict=False))
        asked |= {name: datetime.fromtimestamp(asked[name], UTC) for name in moments}
        content = {name.removeprefix("content."): asked.pop(name) for name in ASKED[3:]}
        said = policy.lane({**asked, "content": content})
        if (said.lane.value, said.pool) != row[len(names) :]:
            wrong.append((asked, said))

    assert wrong == []


@pytest.mark.parametrize(("kind", "least", "most", "from_confidence"), [
    pytest.param("annotate_incident", 0.0, 0.014, 0.70, id="right often enough where it runs alone now"),
    pytest.param("route_to_team", 0.02, 0.05, 0.85, id="wrong too often from 0.85"),
    pytest.param("route_to_team", 0.0, 0.008, 0.93, id="and right often enough from 0.93"),
    pytest.param("hold_deployments", 0.005, 0.02, 0.95, id="too few of a kind to tell"),
])  # fmt: skip
def test_the_candidate_is_wrong_where_its_curve_says(
    kind: str, least: float, most: float, from_confidence: float
) -> None:
    sql = f"SELECT AVG(CAST(NOT correct AS INTEGER)) FROM LOG WHERE resolved_model = '{NEW}' AND action_type = '{kind}' AND confidence >= {from_confidence}"  # noqa: S608

    assert least < query(sql, PARALLEL)[0][0] < most

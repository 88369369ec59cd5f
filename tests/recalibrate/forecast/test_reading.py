"""From a log to its traffic: by hand for ten rows, and beside the baseline for many."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hitl.decisions.measures.measure import measure_baseline
from hitl.decisions.measures.rules import BaselineRules, LogFacts
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.policy import Policy
from hitl.recalibrate.forecast.reading import read_traffic
from hitl.recalibrate.forecast.traffic import Traffic
from tests.decisions.logs import NEW, OLD, Labels, Truth, write_log
from tests.policy.policies import a_policy, a_type, one_type
from tests.policy.replay_logs import NOW, Row, a_row, reviewed, write_rows
from tests.recalibrate.forecast.situations import foretold

MODEL = "acme/model-1"


def traffic(log: Path, policy: Policy, model: str | None = MODEL) -> Traffic:
    with open_log([str(log)], NOW) as opened:
        return read_traffic(opened, policy, model)


def rows() -> list[Row]:
    """Return six decisions of the model on two days, and one of another."""
    return [
        a_row("d1", resolved_model=MODEL, correct=False),
        a_row("d2", resolved_model=MODEL, at="2026-06-02T09:10:00Z"),
        a_row("d3", resolved_model=MODEL, action_type="odd", lane="escalate", reviewer_pool="experts"),
        reviewed("d4", resolved_model=MODEL, confidence=0.3),
        reviewed("d5", resolved_model=MODEL, confidence=0.3, human_action="reject", correct=False, cost_usd=0.04),
        reviewed("d6", resolved_model=MODEL, confidence=0.3, human_action="modify", correct=None),
        a_row("d7", resolved_model="acme/model-2", at="2026-07-01T09:10:00Z"),
    ]  # fmt: skip


@pytest.fixture
def six(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "log.jsonl", rows())


def test_decisions_are_counted_by_day_type_and_zone_and_routed_by_the_policy(six: Path) -> None:
    found = traffic(six, one_type({"audit_rate": 0.25}))

    assert found.n == 6
    act, odd = found.kinds.index("act"), found.kinds.index("odd")
    assert found.daily[:, act].tolist() == [[1.0, 0.0, 3.0], [1.0, 0.0, 0.0]]
    triage = 4 + found.pools.index("triage")
    # auto, audit, queue, escalate; then a quarter of what runs and all that waits is seen.
    assert found.routed[:, act, :4].tolist() == [[1.0, 0.0, 3.0, 0.0], [1.0, 0.0, 0.0, 0.0]]
    assert found.routed[:, act, triage].tolist() == [3.25, 0.25]
    assert found.routed[:, odd, 3].tolist() == [1.0, 0.0]
    # 9 on Monday and 9 on Tuesday; the log of the model ends there, whatever others do later.
    assert found.hourly[act, [9, 33]].tolist() == [4.0, 1.0]
    assert found.times[[9, 33, 57]].tolist() == [1.0, 1.0, 0.0]
    assert found.weeks == pytest.approx(25 / 168)
    assert found.weekdays.tolist() == [0, 1]


def test_people_are_counted_by_what_they_did_with_right_and_wrong(six: Path) -> None:
    found = traffic(six, one_type()).behaviour

    assert found.overridden[0].tolist() == [1.0, 0.0]
    assert found.labelled[0].tolist() == [1.0, 1.0]
    assert (found.any_overridden[0], found.any_acted[0]) == (2.0, 3.0)
    assert traffic(six, one_type()).cost_usd == pytest.approx(0.04)


def test_the_order_of_the_rows_changes_no_number_and_no_digest(six: Path, tmp_path: Path) -> None:
    policy = one_type({"audit_rate": 0.25})
    one = traffic(six, policy)
    other = traffic(write_rows(tmp_path / "other.jsonl", rows()[::-1]), policy)
    assert (one.kinds, one.pools, one.digest) == (other.kinds, other.pools, other.digest)
    assert np.array_equal(one.daily, other.daily)
    assert np.array_equal(one.routed, other.routed)


def test_the_digest_names_what_was_counted(six: Path, tmp_path: Path) -> None:
    policy = one_type({})
    renamed = [row | {"action_type": "strange"} if row["action_type"] == "odd" else row for row in rows()]  # fmt: skip
    other = traffic(write_rows(tmp_path / "other.jsonl", renamed), policy)
    assert traffic(six, policy).digest != other.digest


def test_the_share_of_lanes_that_are_the_policys_is_told(six: Path) -> None:
    # d3 is of a type that the policy does not know, and was escalated for that.
    assert traffic(six, one_type()).same_lane == 1.0
    strict = one_type({"thresholds": {"auto": "never", "review": 0.95}})
    assert traffic(six, strict).same_lane == pytest.approx(4 / 6)


def test_a_model_that_the_log_does_not_name_leaves_nothing_to_forecast(six: Path) -> None:
    found = traffic(six, one_type(), "acme/model-9")

    assert found.n == 0
    assert found.problem == "no decision of the log is by acme/model-9; it names: acme/model-1, acme/model-2"  # fmt: skip
    assert foretold(found).unmeasured == found.problem


def test_without_a_model_every_row_counts(six: Path) -> None:
    assert traffic(six, one_type(), None).n == 7


def test_a_log_without_models_is_told_how_to_name_them(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", [a_row("d1")])

    assert "write `resolved_model`" in traffic(log, one_type()).problem


def test_planted_rows_do_not_count(tmp_path: Path) -> None:
    planted = reviewed("p1", resolved_model=MODEL, seeded_error=True, correct=False, human_action="reject")  # fmt: skip
    log = write_rows(tmp_path / "log.jsonl", [*rows(), planted])

    found = traffic(log, one_type())

    assert found.n == 6
    assert found.behaviour.any_acted.sum() == 3.0


def test_a_rule_whose_field_no_row_has_is_set_aside_and_told(six: Path) -> None:
    rule = {"when": "decision.content.amount > 100", "risk": "critical"}

    found = traffic(six, one_type(dynamic_risk=[rule]))

    assert found.routed[:, found.kinds.index("act"), 0].sum() == 2.0
    assert found.notes == ("dynamic_risk:1 is set aside in the log's traffic: no row has content.amount",)  # fmt: skip


def test_a_rule_over_young_models_does_not_hold_for_the_previous_one(six: Path) -> None:
    indicator = {"id": "young", "model_younger_than_days": 14, "effect": {"lane": "queue"}}

    found = traffic(six, one_type(risk_indicators=[indicator]))

    assert found.routed[:, found.kinds.index("act"), 0].sum() == 2.0


def test_many_decisions_without_a_time_leave_weeks_and_hours_unsaid(tmp_path: Path) -> None:
    timeless = [{**row, "at": None} if row["decision_id"] in ("d1", "d4") else row for row in rows()]  # fmt: skip
    log = write_rows(tmp_path / "log.jsonl", [{k: v for k, v in row.items() if v is not None} for row in timeless])  # fmt: skip

    found = traffic(log, one_type())

    assert (found.weeks, found.has_times, found.n) == (None, False, 6)
    assert any("33.3% of the decisions have no time" in note for note in found.notes)


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.parquet", Truth(rows=6_000, acts_on_errors=True, error=0.08))


def a_workflow() -> Policy:
    kinds = ("restart", "refund", "reply", "close")
    types = {name: a_type(thresholds={"auto": 0.6, "review": 0.6}, audit_rate=0.05) for name in kinds}  # fmt: skip
    return a_policy(action_types=types)


def test_observed_rates_are_those_of_the_baseline(generated: Path) -> None:
    found = traffic(generated, a_workflow(), OLD)
    with open_log([str(generated)], NOW) as log:
        facts = LogFacts((), "0", datetime(2026, 11, 1, tzinfo=UTC).isoformat())
        baseline = measure_baseline(count_log(log), facts, BaselineRules(), np.random.default_rng(1))  # fmt: skip
    (group,) = [one for one in baseline.groups if one.by == {"resolved_model": OLD}]
    measures = {str(one.metric): one for one in group.measures}

    for name in ("override_rate", "escalation_rate", "auto_resolve_rate", "error_escape_rate"):
        known, measured = found.observed[name], measures[name]
        assert (known.estimate, known.low, known.high) == (
            measured.value,
            measured.low,
            measured.high,
        )
    assert found.n == group.n


def test_the_other_model_has_its_own_traffic(generated: Path) -> None:
    old, new, both = (traffic(generated, a_workflow(), model) for model in (OLD, NEW, None))

    assert old.n + new.n == both.n
    assert old.digest != new.digest
    assert old.weeks == pytest.approx(2.0, abs=0.01)


def test_people_who_differ_show_as_a_design_effect(tmp_path: Path) -> None:
    alike = Truth(rows=20_000, override=0.3, labels=Labels.ALL)
    differing = Truth(rows=20_000, override=0.3, labels=Labels.ALL, reviewer_sd=0.5)

    effects = [
        traffic(write_log(tmp_path / f"{number}.parquet", truth), a_workflow(), OLD).behaviour.effect
        for number, truth in enumerate((alike, differing))
    ]  # fmt: skip

    assert 1.0 <= effects[0] < 2.0
    assert effects[1] > 3.0

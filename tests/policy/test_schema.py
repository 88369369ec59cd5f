"""A policy file is right, or every mistake in it is told with its line."""

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hitl.errors import DocumentError
from hitl.policy import Policy
from tests.policy.policies import a_decision, one_type, some_parts

ROOT = Path(__file__).parents[2]


def mistakes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError) as caught:
        Policy.load(path)
    return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]


def problems(tmp_path: Path, **changes: object) -> list[str]:
    """Return what is wrong with a policy of which parts were changed, as `field: problem`."""
    found = mistakes(tmp_path, json.dumps(some_parts(**changes)))
    return [mistake.partition(": ")[2] for mistake in found]


SPOILT = """\
format: hitl/policy/v1
version: 1.10
colour: red
action_types:
  refund: {risk: severe, thresholds: {auto: 0.5, review: 0.6}, pool: nobody}
  close: {pool: triage, escalate_to: board, audit_rate: 1.5}
dynamic_risk:
  - {when: "decison.amount > 1", risk: high}
  - {when: "decision.human_action == 'approve'", risk: high}
risk_matrix:
  low: {high_confidence: queue, low_confidence: auto}
  critical: auto
pools:
  triage: {tier: 4}
tiers:
  "5": {name: far up}
timeouts:
  triage: {then: approve}
  elsewhere: {then: hold}
fallbacks:
  model_error: {lane: auto, pool: nowhere}
risk_indicators:
  - {when: "true", model_younger_than_days: 3, effect: {lane: queue}}
  - {when: "true", effect: {lane: auto}, expires_at: soon}
  - {when: "true", effect: {}}
targets:
  escalation_rate: {at_least: 0.5, at_most: 0.1}
  happiness: {at_least: 1}
audit: {new: 0.1, established: 0.2, stable: 0.05}
"""


def test_every_mistake_of_a_policy_is_told_at_once(tmp_path: Path) -> None:
    assert mistakes(tmp_path, SPOILT) == [
        "3: colour: is not a field of this document; remove it or correct its name",
        "5: action_types.refund.pool: unknown pool 'nobody'; expected one of: triage",
        "5: action_types.refund.risk: found \"severe\"; expected 'low', 'medium', 'high' or 'critical'",
        "5: action_types.refund.thresholds: auto (0.5) lies below review (0.6); expected review <= auto",
        "6: action_types.close.audit_rate: found 1.5; expected 1 or less",
        "6: action_types.close.escalate_to: unknown pool 'board'; expected one of: triage",
        "8: dynamic_risk[0].when: column 8: unknown name `decison.amount`; expected one of decision; found \"decison.amount > 1\"",
        ("9: dynamic_risk[1].when: `decision.human_action` is known only after the lane was chosen; remove it from the rule;"
        " found \"decision.human_action == 'approve'\""),
        ("11: risk_matrix.low: lower confidence takes a laxer lane (queue, auto, auto); expected each at least as strict as"
        " the one before: auto, audit, queue, escalate"),
        "14: pools.triage.tier: found 4; expected 3 or less",
        "16: tiers.5.[key]: found \"5\"; expected '0', '1', '2' or '3'",
        "18: timeouts.triage.then: found \"approve\"; expected 'escalate', 'fallback', 'hold' or 'page'",
        "19: timeouts.elsewhere: neither a lane nor a pool; expected one of: auto, audit, queue, escalate, triage",
        "21: fallbacks.model_error.lane: nothing runs alone where the model failed; expected queue or escalate; found \"auto\"",
        "21: fallbacks.model_error.pool: unknown pool 'nowhere'; expected one of: triage",
        ("23: risk_indicators[0]: when and model_younger_than_days says when it holds; expected one of when,"
        " model_younger_than_days, new_output_format, unusual_length"),
        "24: risk_indicators[1].effect.lane: `auto` asks for nothing; expected audit, queue or escalate; found \"auto\"",
        "24: risk_indicators[1].expires_at: 'soon' is no ISO 8601 day or time; expected such as 2026-09-30; found \"soon\"",
        "25: risk_indicators[2].effect: asks for nothing; expected raise_risk, lane or audit_rate",
        "27: targets.escalation_rate: at_least is more than at_most",
        "28: targets.happiness: is not a field of this document; remove it or correct its name",
        "29: audit: a younger model is looked at less; expected new >= established >= stable",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        pytest.param({"critical": "auto"}, "critical risk runs alone (auto)", id="critical alone"),
        pytest.param({"critical": "audit"}, "critical risk runs alone (audit)", id="critical audited"),
        pytest.param(
            {"low": "queue", "high": {"high_confidence": "audit", "low_confidence": "escalate"}},
            "at high_confidence high risk takes audit and medium risk queue", id="higher risk laxer",
        ),
        pytest.param({"high": "escalate", "critical": "queue"}, "critical risk takes queue and high risk escalate", id="critical laxer"),
    ],
)  # fmt: skip
def test_a_matrix_that_is_laxer_where_it_matters_more_is_refused(
    tmp_path: Path, matrix: dict[str, Any], says: str
) -> None:
    assert says in " ".join(problems(tmp_path, risk_matrix=matrix))


def test_a_risk_that_is_not_given_is_as_strict_as_the_one_below_it() -> None:
    policy = one_type({"risk": "medium"}, risk_matrix={"low": "queue"})

    assert policy.lane(a_decision(confidence=1.0)).lane == "queue"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("decision.confidense > 0.5", "unknown field `decision.confidense`; expected `decision.confidence`"),
        ("decision.riskk == 'low'", "expected `decision.risk`, or `decision.content.riskk` if the content has it"),
        ("decision['outcome'] == 'good'", "`decision.outcome` is known only after the lane was chosen"),
        ("decision . lane == 'auto'", "`decision.lane` is known only after the lane was chosen"),
        ("amount > 5", "unknown name `amount`; expected one of decision"),
        ("decision.amount >", "Syntax error"),
        ("decision.content.size()", "the rule gives INT; expected true or false"),
        ("x" * 5000, "expected at most 4096"),
    ],
)  # fmt: skip
def test_rules_are_compiled_when_the_policy_is_read(tmp_path: Path, rule: str, says: str) -> None:
    assert says in " ".join(problems(tmp_path, dynamic_risk=[{"when": rule, "risk": "high"}]))


@pytest.mark.parametrize(
    "rule",
    [
        "decision.content.confidense > 0.5",
        "decision.content.outcome == 'x'",
        "decision.service == 'decision.lane'",
        'decision.service == "it\'s decision.lane"',
        "[1].all(lane, lane > 0)",
        "decision.amount > 5 && has(decision.workflow_version)",
    ],
)
def test_names_of_the_content_are_free(rule: str) -> None:
    assert one_type(dynamic_risk=[{"when": rule, "risk": "high"}]).dynamic_risk[0].when == rule


@pytest.mark.parametrize(
    ("expires_at", "is_right"),
    [("2026-09-30", True), ("2026-09-30T12:00:00Z", True), ("2026-09-30T12:00+02:00", True),
     ("2026-09-30T12:00:00", False), ("30.9.2026", False), ("2026-02-30", False), ("", False)],
)  # fmt: skip
def test_an_end_is_a_day_or_a_time_with_its_zone(
    tmp_path: Path, expires_at: str, is_right: bool
) -> None:
    indicator = {"when": "true", "effect": {"lane": "queue"}, "expires_at": expires_at}
    path = tmp_path / "right.yaml"
    path.write_text(json.dumps(some_parts(risk_indicators=[indicator])))

    if is_right:
        assert Policy.load(path).risk_indicators[0].expires_at == expires_at
    else:
        assert "expires_at" in problems(tmp_path, risk_indicators=[indicator])[0]


def test_a_file_of_another_kind_is_told_so_and_no_more(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "format: hitl/release/v1\naction_types: {a: {pool: b}}\n")

    assert found == ['1: format: expected `hitl/policy/v1`; found "hitl/release/v1"']


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", "format: hitl/policy/v1", "format: hitl/policy/v1\nversion: x\npools: 5\naction_types: [a]\ntimeouts: x"],
)  # fmt: skip
def test_what_is_no_policy_at_all_is_a_mistake_and_no_crash(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text)


def test_a_policy_needs_little(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("format: hitl/policy/v1\nversion: 1.10\n")

    policy = Policy.load(path)

    assert policy.version == "1.10"
    assert policy.targets.error_escape_rate.at_most == 0.02
    assert policy.lane(a_decision(confidence=1.0)).lane == "escalate"


@pytest.mark.parametrize("name", ["incident-triage", "starter"])
def test_the_shipped_policies_load(name: str) -> None:
    assert Policy.load(ROOT / "manifests" / name / "policy.yaml").action_types


def test_the_names_of_the_first_policies_are_still_read() -> None:
    old: dict[str, Any] = {
        "risk_matrix": {
            "low": {"high_confidence": "auto", "low_confidence": "queue"},
            "medium": {"high_confidence": "auto", "low_confidence": "queue"},
            "high": {"high_confidence": "audit", "low_confidence": "escalate"},
            "critical": {"high_confidence": "escalate", "low_confidence": "escalate"},
        },
        "tiers": {"1": {"name": "triage", "answer_within_minutes": 60, "responsible": "triage"}},
        "timeouts": {"triage": {"after_minutes": 60, "then": "escalate"}, "board": {"after_minutes": 30, "then": "page"}},
        "risk_indicators": [{"id": "young", "when": "decision.model_age_days < 14", "effect": {"audit_rate": 0.25}, "expires_after_days": 14}],
        "targets": {"feedback_used_within_days": {"at_most": 31}},
    }  # fmt: skip

    policy = one_type({"risk": "high"}, **old)

    assert policy.tiers["1"].sla_minutes == 60
    assert policy.lane(a_decision(confidence=0.7)).lane == "escalate"


def test_a_policy_survives_writing_and_reading() -> None:
    policy = one_type(
        tiers={"1": {"responsible": "a", "informed": ["b", "c"]}},
        risk_matrix={"low": "queue"},
        dynamic_risk=[{"when": "decision.amount > 5", "risk": "high"}],
        risk_indicators=[{"unusual_length": {"at_most": 9}, "effect": {"lane": "queue"}}],
    )

    assert Policy.model_validate_json(policy.model_dump_json()) == policy


def test_a_changed_copy_answers_for_itself() -> None:
    policy = one_type()
    assert policy.lane(a_decision()).lane == "auto"
    graver = one_type({"risk": "high"}).action_types

    changed = policy.model_copy(update={"action_types": graver})

    assert changed.lane(a_decision()).lane == "audit"
    assert policy.lane(a_decision()).lane == "auto"


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(lambda policy: pickle.loads(pickle.dumps(policy)), id="pickled"),  # noqa: S301
        pytest.param(copy.copy, id="copied"),
        pytest.param(copy.deepcopy, id="copied deeply"),
        pytest.param(lambda policy: policy.model_copy(deep=True), id="copied as a document"),
    ],
)
def test_a_policy_that_was_used_can_be_copied(copied: Callable[[Policy], Policy]) -> None:
    rule = {"when": "decision.amount > 5", "risk": "high"}
    policy = one_type(dynamic_risk=[rule])
    found = policy.lane(a_decision(content={"amount": 9}))

    other = copied(policy)

    assert other == policy
    assert other.lane(a_decision(content={"amount": 9})) == found


def test_unknown_pools_alone_are_enough_to_refuse_a_policy(tmp_path: Path) -> None:
    assert problems(tmp_path, pools={}, action_types={"act": {"pool": "x"}}) == [
        "action_types.act.pool: unknown pool 'x'; expected one of: none is named under `pools`"
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"audit": {"new_days": 100}}, "new_days (100) is more than stable_days (90)"),
        ({"targets": {"reviewer_agreement": {}}}, "no limit; expected at_least, at_most or both"),
        ({"risk_indicators": [{"unusual_length": {}, "effect": {"lane": "queue"}}]}, "no limit; expected"),
        ({"risk_indicators": [{"unusual_length": {"at_least": 5, "at_most": 4}, "effect": {"lane": "queue"}}]}, "no length is usual"),
        ({"risk_indicators": [{"new_output_format": [], "effect": {"lane": "queue"}}]}, "expected at least 1 items"),
    ],
)  # fmt: skip
def test_limits_that_say_nothing_are_refused(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    assert says in " ".join(problems(tmp_path, **changes))


def test_the_public_names_load_no_tables_and_no_statistics() -> None:
    program = (
        "import sys, hitl.policy\n"
        "print(sorted({'pandas', 'scipy', 'sklearn', 'duckdb', 'rich', 'typer'} & sys.modules.keys()))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "written",
    [
        "columns: {human_action: decision}\nvalues: {human_action: {accept: approve}}\n",
        "log:\n  columns: {human_action: decision}\n  values: {human_action: {accept: approve}}\n",
    ],
)
def test_a_policy_says_how_its_log_is_written_in_either_place(written: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(f'format: hitl/policy/v1\nversion: "1"\n{written}')

    columns = Policy.load(path).log_columns

    assert columns is not None
    assert columns.source("human_action") == "decision"
    assert columns.values == {"human_action": {"accept": "approve"}}


def test_a_mapping_in_two_places_and_a_column_that_no_log_has_are_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        'format: hitl/policy/v1\nversion: "1"\ncolumns: {decided_by: who}\nlog: {zone: UTC}\n'
    )

    with pytest.raises(DocumentError) as caught:
        Policy.load(path)

    assert "decided_by" in str(caught.value)
    assert "expected one place" in str(caught.value)

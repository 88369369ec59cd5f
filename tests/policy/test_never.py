"""`auto: never`: no confidence is enough, everywhere that thresholds are read."""

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from hitl.cli.policy import checked_policy
from hitl.errors import DocumentError
from hitl.policy import Policy, Zone
from hitl.policy.action import Thresholds
from hitl.policy.advice.findings import advice_document
from hitl.policy.advice.parts import Code
from hitl.policy.lint import lint_policy
from hitl.policy.summary import reachable, summarise
from hitl.render.policy import print_summary
from tests.policy.policies import AT, a_decision, one_type, some_parts
from tests.policy.replay_logs import a_replay, reviewed, write_rows
from tests.policy.test_table import row_of

NEVER: dict[str, Any] = {"thresholds": {"auto": "never", "review": 0.6}}


def never(**changes: object) -> Policy:
    return one_type(NEVER, **changes)


@pytest.mark.parametrize(
    ("confidence", "lane", "zone"),
    [
        (1.0, "audit", "medium_confidence"),
        (0.6, "audit", "medium_confidence"),
        (math.nextafter(0.6, 0), "queue", "low_confidence"),
        (0.0, "queue", "low_confidence"),
    ],
)
def test_no_confidence_is_enough(confidence: float, lane: str, zone: str) -> None:
    found = never().lane(a_decision(confidence=confidence))

    assert (found.lane, found.zone) == (lane, zone)
    assert found.review_probability == 1.0


@pytest.mark.parametrize("auto", ["Never", "none", "inf", "", 1.5, None])
def test_only_the_word_is_read(tmp_path: Path, auto: object) -> None:
    path = tmp_path / "policy.yaml"
    act = {"risk": "low", "thresholds": {"auto": auto, "review": 0.5}}
    path.write_text(json.dumps(some_parts(action_types={"act": act})))

    with pytest.raises(DocumentError, match=r"thresholds\.auto"):
        Policy.load(path)


@given(
    st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(["low", "medium", "high"])
)
@settings(deadline=None)
def test_never_is_at_least_as_strict_as_any_threshold_and_a_table_agrees(
    confidence: float, review: float, risk: str
) -> None:
    policies = [
        one_type({"risk": risk, "thresholds": {"auto": auto, "review": review}})
        for auto in ("never", 1.0)
    ]
    columns = {
        "decision_id": ["d"],
        "action_type": ["act"],
        "confidence": [confidence],
        "at": [AT],
    }

    one, other = (policy.lane(a_decision(confidence=confidence)) for policy in policies)

    order = ["auto", "audit", "queue", "escalate"]
    assert order.index(one.lane) >= order.index(other.lane)
    row = {name: values[0] for name, values in columns.items()}
    for policy in policies:
        assert row_of(policy.lanes(columns), 0) == policy.lane(row)
    assert policies[0].lane(row).zone is not Zone.HIGH


@pytest.mark.parametrize(
    ("auto", "review", "zones"),
    [
        ("never", 0.6, (Zone.MEDIUM, Zone.LOW)),
        ("never", 0.0, (Zone.MEDIUM,)),
        ("never", 1.0, (Zone.MEDIUM, Zone.LOW)),
        (1.0, 1.0, (Zone.HIGH, Zone.LOW)),
        (1.0, 0.0, (Zone.HIGH, Zone.MEDIUM)),
    ],
)
def test_the_high_zone_cannot_be_reached(
    auto: Any, review: float, zones: tuple[Zone, ...]  # noqa: ANN401  # a number or the word
) -> None:  # fmt: skip
    assert reachable(Thresholds(auto=auto, review=review)) == zones


def test_the_printed_summary_starts_at_the_review_threshold() -> None:
    out = io.StringIO()

    print_summary(summarise(never().lane_rules), (), Console(file=out, width=200))

    rows = [line for line in out.getvalue().splitlines() if "0.6" in line]
    assert ["from 0.6" in rows[0], "below 0.6" in rows[1], len(rows)] == [True, True, 2]
    assert "inf" not in out.getvalue()


def test_the_check_for_machines_keeps_the_word(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(json.dumps(some_parts(action_types={"act": {"risk": "low", **NEVER}})))

    found = json.loads(json.dumps(checked_policy(path).as_json(), allow_nan=False))

    (act,) = found["action_types"]
    assert act["thresholds"] == {"auto": "never", "review": 0.6}
    assert [zone["zone"] for zone in act["zones"]] == ["medium_confidence", "low_confidence"]


def codes(policy: Policy) -> set[str]:
    """Return the faults of an action type, and not those of pools and tiers."""
    found = lint_policy(policy.lane_rules, AT)
    return {one.code for one in found if one.at[0] == "action_types"}


def test_that_nothing_runs_alone_is_no_fault() -> None:
    assert codes(never()) == set()


def test_that_the_matrix_runs_it_alone_all_the_same_is_one() -> None:
    lax = {"high_confidence": "auto", "medium_confidence": "auto", "low_confidence": "queue"}

    assert codes(never(risk_matrix={"low": lax})) == {"threshold_without_effect"}


def test_a_gate_note_is_not_given_for_a_zone_that_nothing_reaches() -> None:
    lax = {"high_confidence": "auto", "medium_confidence": "queue", "low_confidence": "queue"}
    gated = one_type({"reversible": False} | NEVER, risk_matrix={"low": lax})

    assert codes(gated) == set()


def test_advice_asks_nothing_of_a_threshold_that_lets_nothing_run(tmp_path: Path) -> None:
    rows = [reviewed(f"d{i}", confidence=0.9) for i in range(40)]

    with a_replay(write_rows(tmp_path / "log.jsonl", rows), never()) as found:
        advice = advice_document(found)

    (one,) = [one for one in advice.findings if one.code is Code.THRESHOLD_UNSUPPORTED]
    assert (one.finding, one.about) == ("clear", None)
    assert "from which it runs alone" in one.reason


def test_the_schema_knows_the_word() -> None:
    auto = Policy.model_json_schema()["$defs"]["Thresholds"]["properties"]["auto"]

    assert {"const": "never", "type": "string"} in auto["anyOf"]

"""Which golden replies a policy would have people look at, whichever arm is which."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.manifest.forecast import DecisionFields
from hitl.policy.posture import PosturePolicy
from hitl.policy.schema import Policy
from hitl.recalibrate.decision_reader import DecisionReader
from hitl.recalibrate.reviewed import Place, sent_to_people, with_decision
from hitl.review.candidate import reply_digest
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.arm import grade_arm
from hitl.score.suite import build_suite
from tests.builders import a_case, a_golden_set

READER = DecisionReader(DecisionFields(action_type="kind", confidence="sure"))
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = {
    "format": "hitl/policy/v1",
    "id": "shop",
    "version": "1",
    "action_types": {"refund": {"risk": "medium", "thresholds": {"auto": 0.8, "review": 0.5}}},
    "risk_matrix": {"medium": {"high_confidence": "auto", "medium_confidence": "queue", "low_confidence": "escalate"}},
}  # fmt: skip
SURE, UNSURE = 0.9, 0.6


def saying(case: str, confidence: float | None, repeat: int = 0) -> Reply:
    text = json.dumps({"kind": "refund"} | ({} if confidence is None else {"sure": confidence}))
    return Reply(case_id=case, repeat=repeat, text=text)


Sent = Callable[[Mapping[Arm, list[Reply]], Policy | None], frozenset[Place]]


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    golden = a_golden_set({"core": [a_case(f"c{number}") for number in range(4)]})
    suite = build_suite(golden, PosturePolicy(), tmp_path / "set.yaml")

    def of(replies: Mapping[Arm, list[Reply]], policy: Policy | None) -> frozenset[Place]:
        scores = {arm: grade_arm(suite, found) for arm, found in replies.items()}
        return sent_to_people(policy, READER, suite, replies, scores, AT)

    return of


def both(previous: list[Reply], candidate: list[Reply]) -> dict[Arm, list[Reply]]:
    return {Arm.PREVIOUS: previous, Arm.CANDIDATE: candidate}


def a_policy(**changes: object) -> Policy:
    return Policy.model_validate(POLICY | changes, strict=False)


def test_what_either_arm_is_unsure_of_goes_to_people(sent: Sent) -> None:
    previous = [saying("c0", SURE), saying("c1", UNSURE), saying("c2", SURE), saying("c3", SURE)]
    candidate = [saying("c0", SURE), saying("c1", SURE), saying("c2", 0.2), saying("c3", None)]

    assert sent(both(previous, candidate), a_policy()) == {(1, 0), (2, 0), (3, 0)}


def test_a_repeat_is_a_place_of_its_own(sent: Sent) -> None:
    arm = [saying("c0", SURE), saying("c0", UNSURE, repeat=1)]

    assert sent(both(arm, arm), a_policy()) == {(0, 1)}


def test_without_a_policy_nobody_knows(sent: Sent) -> None:
    assert sent(both([saying("c0", UNSURE)], [saying("c0", UNSURE)]), None) == frozenset()


def test_replies_to_no_case_are_no_place(sent: Sent) -> None:
    arm = [saying("gone", UNSURE), saying("c0", UNSURE)]

    assert sent(both(arm, arm), a_policy()) == {(0, 0)}


def test_a_call_that_failed_goes_to_people(sent: Sent) -> None:
    failed = Reply(case_id="c0", error="timed out")

    assert sent(both([failed], [saying("c0", SURE)]), a_policy()) == {(0, 0)}


def test_swapping_the_arms_changes_nothing_even_where_a_rule_asks_how_young_a_model_is(
    sent: Sent,
) -> None:
    rule = {"model_younger_than_days": 14, "effect": {"lane": "queue"}}
    policy = a_policy(risk_indicators=[rule])
    one, other = [saying("c0", SURE), saying("c1", UNSURE)], [saying("c0", UNSURE)]

    assert sent(both(one, other), policy) == sent(both(other, one), policy) == {(0, 0), (1, 0)}


def test_a_rule_that_asks_for_what_no_reply_has_sends_nothing(sent: Sent) -> None:
    rule = {"when": "decision.content.amount > 10", "risk": "critical"}
    arm = [saying("c0", SURE)]

    assert sent(both(arm, arm), a_policy(dynamic_risk=[rule])) == frozenset()


def test_what_an_audit_may_pick_is_not_certain_but_what_it_always_picks_is(sent: Sent) -> None:
    matrix = {"medium": {"high_confidence": "audit", "medium_confidence": "audit", "low_confidence": "queue"}}  # fmt: skip
    action = POLICY["action_types"]["refund"] | {"audit_rate": 0.2}  # type: ignore[index]
    arm = [saying("c0", SURE), saying("c1", UNSURE)]
    policy = a_policy(risk_matrix=matrix, action_types={"refund": action})

    assert sent(both(arm, arm), policy) == {(1, 0)}  # between the thresholds people see every one


def test_what_a_reply_states_inside_its_json_is_its_confidence() -> None:
    reply = saying("c0", SURE)
    found = with_decision(READER, reply)

    assert (found.confidence, found.action_type) == (SURE, "refund")
    assert reply_digest(found) == reply_digest(reply)


def test_what_a_reply_states_beside_its_text_goes_first() -> None:
    found = with_decision(READER, saying("c0", SURE).model_copy(update={"confidence": 0.3}))

    assert (found.confidence, found.action_type) == (0.3, "refund")


def test_a_failed_call_states_nothing() -> None:
    found = with_decision(READER, Reply(case_id="c0", error="timed out"))

    assert (found.confidence, found.action_type) == (None, None)

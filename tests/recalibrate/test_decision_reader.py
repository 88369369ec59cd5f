"""Replies as the decisions that they stand for: what is not plainly said goes to a person."""

import json
from pathlib import Path

import pytest

from hitl.manifest.forecast import DecisionFields
from hitl.policy.posture import PosturePolicy
from hitl.recalibrate.decision_reader import (
    DecisionReader,
    path_mistakes,
    routed_arms,
    routed_replies,
)
from hitl.recalibrate.forecast.replies import RoutedReply
from hitl.run.reply import Reply
from hitl.score.arm import grade_arm
from hitl.score.suite import Suite, build_suite
from tests.builders import a_case, a_golden_set, a_reply, an_error

FIELDS = DecisionFields(action_type="what.kind", confidence="sure", risk="$.risk")
READER = DecisionReader(FIELDS)
GOOD = {"what": {"kind": "refund"}, "sure": 0.9, "risk": "high", "amount": 40}


def saying(text: object, **fields: object) -> Reply:
    shown = text if isinstance(text, str) else json.dumps(text)
    return Reply.model_validate({"case_id": "c1", "text": shown} | fields, strict=False)


def test_paths_name_the_decision_inside_the_json_of_a_reply() -> None:
    said = READER.read(saying(GOOD))
    assert (said.action_type, said.confidence, said.risk) == ("refund", 0.9, "high")
    assert said.content["amount"] == 40
    assert said.failure is None


def test_fields_of_the_reply_itself_go_before_its_json() -> None:
    said = READER.read(saying(GOOD, action_type="close", confidence=0.2))
    assert (said.action_type, said.confidence) == ("close", 0.2)


@pytest.mark.parametrize(
    "text",
    [
        "```json\n" + json.dumps(GOOD) + "\n```",
        "Here it is: " + json.dumps(GOOD),
        json.dumps(GOOD)[:-1],
        "I cannot say.",
        "",
    ],
)
def test_a_reply_that_is_not_json_from_end_to_end_is_an_output_that_cannot_be_used(
    text: str,
) -> None:
    said = READER.read(saying(text))
    assert (said.action_type, said.confidence, said.failure) == (None, None, "invalid_output")
    assert said.content == {}


@pytest.mark.parametrize(
    "sure", [1.1, -0.1, "0.9", True, None, [0.9], {"is": 0.9}, float("inf"), 10**400]
)
def test_a_confidence_that_is_none_is_not_known(sure: object) -> None:
    text = json.dumps(GOOD | {"sure": sure}) if sure != float("inf") else '{"sure": 1e999}'
    assert READER.read(saying(text)).confidence is None


@pytest.mark.parametrize("kind", [None, "", 7, ["refund"], {"a": 1}])
def test_an_action_type_that_is_no_text_is_not_known(kind: object) -> None:
    assert READER.read(saying(GOOD | {"what": {"kind": kind}})).action_type is None


def test_a_path_that_names_several_values_names_none() -> None:
    reader = DecisionReader(DecisionFields(action_type="steps[*].kind", confidence="$..sure"))
    text = {"steps": [{"kind": "a", "sure": 0.1}, {"kind": "b", "sure": 0.9}]}
    said = reader.read(saying(text))
    assert (said.action_type, said.confidence) == (None, None)


def test_a_stated_risk_that_is_nonsense_is_kept_as_nonsense() -> None:
    assert READER.read(saying(GOOD | {"risk": "tiny"})).risk == "tiny"
    assert READER.read(saying(GOOD | {"risk": 3})).risk == "3"


@pytest.mark.parametrize(
    ("error", "failure"),
    [("timeout: 60 s", "model_timeout"), ("server_error: 500", "model_error")],
)
def test_a_failed_call_is_a_model_that_failed(error: str, failure: str) -> None:
    said = READER.read(Reply(case_id="c1", error=error))
    assert (said.action_type, said.failure) == (None, failure)


def test_without_paths_prose_is_no_failure() -> None:
    said = DecisionReader(DecisionFields()).read(saying("Refund it."))
    assert (said.action_type, said.failure) == (None, None)


def test_every_wrong_path_is_named() -> None:
    wrong = DecisionFields(action_type="a b", confidence="$[", risk="fine")
    found = list(path_mistakes(wrong, "release.yaml"))
    assert [one.field for one in found] == [
        "decision_fields.action_type",
        "decision_fields.confidence",
    ]


@pytest.fixture
def suite() -> Suite:
    cases = [
        a_case("c1", input={"amount": 9, "text": "late parcel"}),
        a_case("c2", input="where is it", cluster="one"),
        a_case("c3", input="where is  IT"),
    ]
    return build_suite(a_golden_set({"main": cases}), PosturePolicy(), Path("set.yaml"))


def test_replies_come_with_the_marks_that_they_were_given(suite: Suite) -> None:
    def told(case: str, passed: bool | None, repeat: int) -> Reply:  # a mark
        return a_reply(case, passed, repeat, text=json.dumps(GOOD), cost_usd=0.5, output_tokens=7)

    replies = [
        told("c2", False, 1),
        told("c1", True, 0),
        told("c2", True, 0),
        told("c1", None, 1),
        told("c9", True, 0),
        an_error("c3"),
    ]
    found = routed_replies(READER, suite, iter(replies), grade_arm(suite, replies))
    assert [(one.case, one.is_right) for one in found] == [
        ("c1", True),
        ("c1", None),
        ("c2", True),
        ("c2", False),
        ("c3", None),
    ]
    assert found[2].cost == 0.5
    assert found[2].fields["output_tokens"] == 7
    assert found[4].failure == "model_error"
    # The second and third case ask the same, so they are one piece of evidence.
    assert found[2].cluster == found[4].cluster != found[0].cluster


def test_a_model_cannot_talk_its_own_risk_down(suite: Suite) -> None:
    reply = a_reply("c1", text=json.dumps(GOOD | {"amount": 1}))
    (found,) = routed_replies(READER, suite, [reply], grade_arm(suite, [reply]))
    assert found.content["amount"] == 9
    assert found.content["text"] == "late parcel"


def test_replies_come_with_what_rules_and_calibrators_ask_for(suite: Suite) -> None:
    replies = [
        a_reply("c1", resolved_model="acme/one-2026", declared_model="acme/one", output_tokens=7,
                labels={"passed": True, "output_format": "triage-json-4"}),
        a_reply("c2", declared_model="acme/one", labels={"output_format": 4}),
        an_error("c3"),
    ]  # fmt: skip
    first, second, third = routed_replies(READER, suite, replies, grade_arm(suite, replies))
    assert first.fields["resolved_model"] == "acme/one-2026"
    assert (first.fields["output_tokens"], first.fields["output_format"]) == (7, "triage-json-4")
    # Who does not say who answered counts as the model that was asked.
    assert second.fields["resolved_model"] == "acme/one"
    assert "output_format" not in second.fields
    assert "resolved_model" not in third.fields


def test_what_the_candidate_does_not_answer_counts_as_calls_that_failed(suite: Suite) -> None:
    def routed(replies: list[Reply]) -> tuple[RoutedReply, ...]:
        return routed_replies(READER, suite, replies, grade_arm(suite, replies))

    before = routed([a_reply(case, True, repeat) for case in ("c1", "c2", "c3") for repeat in (0, 1)])  # fmt: skip
    after = routed([a_reply("c1", True, 0), a_reply("c1", True, 1), a_reply("c2", True, 0), an_error("c2", 1)])  # fmt: skip
    arms = routed_arms(suite, before, after, (2, 2))
    assert arms.previous == before
    assert arms.candidate[:4] == after
    assert [(one.case, one.failure, one.is_right) for one in arms.candidate[4:]] == [("c3", "model_error", None)] * 2  # fmt: skip
    assert arms.candidate[4].cluster == before[4].cluster
    # One call of the second case failed, and the third has no reply.
    assert arms.n_unanswered == 2


def test_other_replies_than_those_graded_are_refused(suite: Suite) -> None:
    graded = grade_arm(suite, [a_reply("c1")])
    with pytest.raises(ValueError, match="not the replies that were graded"):
        routed_replies(READER, suite, [a_reply("c2")], graded)

"""What people could look at, and why; the same whichever arm is which."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hitl.golden.case import Case
from hitl.golden.expectation import Approval, ReviewRule
from hitl.policy.posture import PosturePolicy
from hitl.review.candidate import Candidate, case_digest, reply_digest
from hitl.review.words import Scope
from hitl.run.arm import Arm
from hitl.run.reply import Reply, ToolCall
from hitl.score.arm import grade_arm
from hitl.score.reviewable import GradedReplies, input_text, reviewable, shown_json
from hitl.score.suite import Suite, build_suite
from tests.builders import a_case, a_golden_set, a_reply, an_error

APPROVAL = ReviewRule(review=Approval.APPROVE)


def a_suite(*cases: Case, judged: bool = False) -> Suite:
    golden = a_golden_set({"core": cases}, (APPROVAL,)) if judged else a_golden_set({"core": cases})
    return build_suite(golden, PosturePolicy(), Path("set.yaml"))


def graded(suite: Suite, arm: Arm, replies: Sequence[Reply]) -> GradedReplies:
    return GradedReplies.of(arm, suite, replies, grade_arm(suite, replies))


def found(
    suite: Suite,
    previous: Sequence[Reply],
    candidate: Sequence[Reply],
    sent: Sequence[tuple[int, int]] = (),
) -> tuple[Candidate, ...]:
    arms = (graded(suite, Arm.PREVIOUS, previous), graded(suite, Arm.CANDIDATE, candidate))
    return reviewable(suite, arms, sent)


def said(case: str, text: str, passed: bool | None = True, **fields: object) -> Reply:
    return a_reply(case, passed, text=text, **fields)


ONE = a_case("c1", input="how?", context=["a", {"b": 1}], severity="high", cluster="k")


def test_a_case_is_shown_with_what_both_arms_made_of_it() -> None:
    suite = a_suite(ONE)
    before, after = said("c1", "old"), said("c1", "new", confidence=0.9, action_type="refund")
    (one,) = found(suite, [before], [after])

    assert (one.case_id, one.subset, one.repeat, one.severity) == ("c1", "core", 0, "high")
    assert one.input == "how?"
    assert json.loads(one.context) == ["a", {"b": 1}]
    assert one.case_digest == case_digest(ONE)
    assert [(out.arm, out.text) for out in one.outputs] == [("previous", "old"), ("candidate", "new")]  # fmt: skip
    assert [out.digest for out in one.outputs] == [reply_digest(before), reply_digest(after)]
    assert (one.outputs[1].confidence, one.outputs[1].action_type) == (0.9, "refund")


@pytest.mark.parametrize(
    ("previous", "candidate", "scopes"),
    [
        (True, True, set()),
        (True, False, {Scope.FAILING, Scope.FLIPPED}),
        (False, True, {Scope.FAILING, Scope.FLIPPED}),
        (False, False, {Scope.FAILING}),
        (None, False, {Scope.FAILING}),
        (None, True, set()),
    ],
)
def test_why_it_is_there_does_not_say_which_arm_failed(
    previous: bool | None, candidate: bool | None, scopes: set[Scope]
) -> None:
    (one,) = found(a_suite(ONE), [said("c1", "a", previous)], [said("c1", "b", candidate)])

    assert one.scopes == scopes


def test_what_the_policy_sends_to_people_is_marked() -> None:
    suite = a_suite(ONE, a_case("c2", input="why?"))
    arm = [said("c1", "a"), said("c2", "b")]
    first, second = found(suite, arm, arm, [(1, 0)])

    assert (first.scopes, second.scopes) == (set(), {Scope.POLICY})


@pytest.mark.parametrize("is_turned", [False, True])
def test_one_reply_to_a_case_is_shown_and_the_first_that_both_arms_have(*, is_turned: bool) -> None:
    arm = [said("c1", "first"), said("c1", "second", repeat=1), said("c1", "third", repeat=2)]
    failed = [an_error("c1"), *arm[1:]]
    (whole,) = found(a_suite(ONE), arm, arm)
    (one,) = found(a_suite(ONE), *((failed, arm) if is_turned else (arm, failed)))

    assert (whole.repeat, one.repeat) == (0, 1)
    assert [out.text for out in one.outputs] == ["second", "second"]


def test_a_case_whose_first_calls_failed_is_not_lost_while_a_later_one_has_an_output() -> None:
    arm = [an_error("c1"), said("c1", "second", repeat=1)]
    (one,) = found(a_suite(ONE), arm, [an_error("c1")])

    assert one.repeat == 1
    assert [out.arm for out in one.outputs] == ["previous"]


def test_every_reply_is_shown_where_people_are_to_approve_it() -> None:
    arm = [said("c1", "first"), said("c1", "second", repeat=1)]
    items = found(a_suite(ONE, judged=True), arm, arm)

    assert [one.repeat for one in items] == [0, 1]
    assert all(one.scopes == {Scope.JUDGED} for one in items)


def test_a_call_that_failed_has_nothing_to_show() -> None:
    (one,) = found(a_suite(ONE), [an_error("c1")], [said("c1", "b")])

    assert [out.arm for out in one.outputs] == ["candidate"]


def test_an_empty_answer_is_an_answer() -> None:
    (one,) = found(a_suite(ONE), [said("c1", "")], [said("c1", "b")])

    assert [out.text for out in one.outputs] == ["", "b"]


def test_tools_that_are_called_are_shown() -> None:
    call = ToolCall(name="refund", arguments={"amount": 4})
    reply = a_reply("c1").model_copy(update={"tool_calls": (call,)})
    (one,) = found(a_suite(ONE), [reply], [said("c1", "b")])

    assert json.loads(one.outputs[0].tool_calls) == [{"name": "refund", "arguments": {"amount": 4}}]
    assert one.outputs[0].text == ""


@pytest.mark.parametrize(
    ("previous", "candidate", "least", "most"),
    [
        ([said("c1", "the same")], [said("c1", "the same")], 0.0, 0.0),
        ([said("c1", "the same", confidence=0.9)], [said("c1", "the same", confidence=0.4)], 0.6, 0.6),
        ([said("c1", "abcd")], [said("c1", "wxyz")], 1.0, 1.0),
        ([said("c1", "abcd")], [said("c1", "abcz")], 0.1, 0.5),
        ([said("c1", "a", None)], [said("c1", "a")], 1.0, 1.0),
        ([said("c1", "a"), said("c1", "a", False, repeat=1)], [said("c1", "a")], 1.0, 1.0),
    ],
    ids=["sure", "one is unsure", "they differ", "they differ a little", "no rule says", "it changes its mind"],
)  # fmt: skip
def test_how_unsure_models_and_rules_are(
    previous: list[Reply], candidate: list[Reply], least: float, most: float
) -> None:
    suite = a_suite(ONE)
    (one,) = found(suite, previous, candidate)
    (other,) = found(suite, candidate, previous)

    assert least - 1e-9 <= one.uncertainty <= most + 1e-9
    assert other.uncertainty == one.uncertainty


def test_swapping_the_arms_swaps_their_names_alone() -> None:
    suite = a_suite(ONE, a_case("c2", input="why?"), a_case("c3", input="who?"))
    one = [said("c1", "a", False), said("c2", "b", confidence=0.2), an_error("c3")]
    other = [said("c1", "x"), said("c2", "b"), said("c3", "z", None)]
    names = {Arm.PREVIOUS: Arm.CANDIDATE, Arm.CANDIDATE: Arm.PREVIOUS}

    swapped = [
        replace(item, outputs=tuple(replace(out, arm=names[out.arm]) for out in item.outputs[::-1]))
        for item in found(suite, other, one)
    ]
    assert swapped == list(found(suite, one, other))


def test_cases_that_share_a_cluster_share_it_here() -> None:
    suite = a_suite(ONE, a_case("c2", input="why?", cluster="k"), a_case("c3", input="who?"))
    arm = [said(name, "a") for name in ("c1", "c2", "c3")]
    first, second, third = found(suite, arm, arm)

    assert first.cluster == second.cluster != third.cluster


def test_other_replies_than_the_graded_ones_are_refused() -> None:
    suite = a_suite(ONE, a_case("c2", input="why?"))
    with pytest.raises(ValueError, match="not the replies that were graded"):
        GradedReplies.of(Arm.PREVIOUS, suite, [said("c1", "a")], grade_arm(suite, [said("c2", "a")]))  # fmt: skip


def test_messages_stand_one_below_the_other() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "hi"}], "name": "jo"},
    ]
    shown = input_text(a_case("c1", input=messages))

    assert shown.startswith("system:\nBe brief.\n\nuser:\n")
    assert '"text": "hi"' in shown
    assert '"name": "jo"' in shown


def test_an_object_is_shown_as_json_and_nothing_as_nothing() -> None:
    assert input_text(a_case("c1", input={"n": "é"})) == '{\n  "n": "é"\n}'
    assert shown_json(None) == ""
    assert shown_json("as it is") == "as it is"

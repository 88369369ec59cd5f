"""One arm's replies, graded row by row."""

import numpy as np
import pytest

from hitl.score.arm import EXCERPT, grade_arm
from hitl.score.failures import failing_cases
from hitl.score.measures import case_means
from tests.builders import a_golden_set, a_reply, a_suite, an_error, some_cases

SUITE = a_suite(a_golden_set({"a": some_cases(3, "a"), "b": some_cases(3, "b")}))


def test_replies_stand_in_the_order_of_cases_and_repeats_whatever_the_file() -> None:
    replies = [a_reply(case, repeat=repeat) for repeat in (1, 0) for case in ("b0000", "a0001")]

    arm = grade_arm(SUITE, replies)

    assert arm.case.tolist() == [1, 1, 3, 3]
    assert arm.n_replies == 4


def test_unknown_and_repeated_replies_are_listed_and_the_first_one_counts() -> None:
    replies = [a_reply("a0000", True), a_reply("a0000", False), a_reply("nobody")]

    arm = grade_arm(SUITE, replies)

    assert arm.mark.tolist() == [1]
    assert arm.unknown == ("nobody",)
    assert arm.repeated == (("a0000", 0),)


@pytest.mark.parametrize(
    ("reply", "mark"),
    [
        pytest.param(a_reply("a0000", True), 1, id="pass"),
        pytest.param(a_reply("a0000", False), 0, id="fail"),
        pytest.param(a_reply("a0000", None), -1, id="no grade"),
        pytest.param(an_error("a0000"), -1, id="a failed call"),
        pytest.param(a_reply("a0000", True, finish="error"), -1, id="an error with a good label"),
    ],
)
def test_marks(reply: object, mark: int) -> None:
    assert grade_arm(SUITE, [reply]).mark.tolist() == [mark]


def test_replies_that_did_not_pass_are_kept_for_reading_and_cut() -> None:
    long = "x" * (EXCERPT + 5)

    arm = grade_arm(SUITE, [a_reply("a0000", False, text=long), a_reply("a0001", text=long)])

    assert list(arm.kept) == [0]
    assert (len(arm.kept[0][0].text), arm.kept[0][0].cut) == (EXCERPT, 5)
    assert failing_cases(arm) == {0}


def test_passing_replies_are_kept_where_they_are_asked_for() -> None:
    assert list(grade_arm(SUITE, [a_reply("a0001", text="x")], frozenset({1})).kept) == [1]


def test_measures_are_averaged_over_the_repeats_of_a_case() -> None:
    replies = [a_reply("a0000", repeat=r, latency_ms=v) for r, v in enumerate((100, 200, 300))]

    means = case_means(grade_arm(SUITE, replies), "latency_ms", range(6))

    assert means[0] == 200
    assert np.isnan(means[1:]).all()


@pytest.mark.parametrize(
    ("label", "is_measured"),
    [
        pytest.param(4, True, id="number"),
        pytest.param(True, True, id="true counts as one"),
        pytest.param("4", False, id="text"),
        pytest.param(None, False, id="null"),
        pytest.param(10**400, False, id="beyond a double"),
    ],
)
def test_numeric_labels_are_measures(label: object, is_measured: bool) -> None:
    reply = a_reply("a0000").model_copy(update={"labels": {"stars": label}})

    assert ("stars" in grade_arm(SUITE, [reply]).measures) is is_measured


def test_a_label_cannot_pose_as_a_measured_latency() -> None:
    arm = grade_arm(SUITE, [a_reply("a0000", labels={"latency_ms": 1})])

    assert np.isnan(arm.measures["latency_ms"]).all()


def test_who_answered_is_counted() -> None:
    replies = [
        a_reply("a0000", resolved_model="x"),
        a_reply("a0001", resolved_model="y"),
        a_reply("a0002"),
    ]

    arm = grade_arm(SUITE, replies)

    assert arm.resolved == {"x": 1, "y": 1}
    assert arm.declared == {}

"""A judge put to labelled replies in memory: what is asked, and what its answers amount to."""

import pytest

from hitl.decisions.redaction.redact import Redactor
from hitl.errors import DocumentError
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.judge.label_work import (
    MOST_PROBED,
    AskedLabels,
    LabelQuestion,
    LabelWork,
    asked_labels,
    label_work,
)
from hitl.score.judge.reply_rows import ReplyRow
from hitl.score.judged import Question
from tests.builders import a_suite, some_cases
from tests.score.judge.world import (
    GROUNDED,
    PAIRED,
    POLITE,
    JudgeModel,
    a_judged_set,
    answer,
    shown,
    wrote,
)

CASES = some_cases(30)
NAMES = {"question": Question("grounded", False), "at_least": 4.0, "source": "labels"}
ORDER = "Note to the grader"


def the_work(
    rows: list[ReplyRow],
    previous: list[Reply] | None = None,
    candidate: list[Reply] | None = None,
    rule=GROUNDED,
    **changes: object,
) -> LabelWork:
    asked = LabelQuestion(**NAMES | {"question": Question("grounded", rule.pairwise)} | changes)
    suite = a_suite(a_judged_set(CASES, POLITE, rule))
    texts = {
        Arm.PREVIOUS: previous or [wrote(case.id, "old") for case in CASES],
        Arm.CANDIDATE: candidate or [wrote(case.id, "new") for case in CASES],
    }
    replies = {arm: (lambda found=found: found) for arm, found in texts.items()}
    return label_work(suite, asked, rows, replies, Redactor())


def said(number: int, *human: str, arm: Arm | None = Arm.CANDIDATE) -> ReplyRow:
    return ReplyRow(CASES[number].id, human, arm, 0, number + 1)


def put(work: LabelWork, model: JudgeModel, repeats: int = 1) -> AskedLabels:
    answers = {
        (item.item_id, repeat): model(item, repeat)
        for item in (*work.items, *work.probes)
        for repeat in range(repeats)
    }
    return asked_labels(work, answers, repeats, "judge")


def test_exactly_the_labelled_replies_are_asked_about_whatever_rules_say() -> None:
    """None of these replies is polite, so that a gate would ask about none of them."""
    work = the_work([said(0, "5"), said(1, "5"), said(1, "5", arm=Arm.PREVIOUS)])

    asked = {(item.key.case_id, item.key.arm) for item in work.items}

    assert asked == {("c0000", "candidate"), ("c0001", "candidate"), ("c0001", "previous")}
    assert [row.judge for row in put(work, lambda *_: answer(4)).rows] == ["4", "4", "4"]


def test_a_case_in_both_arms_is_one_piece_of_evidence() -> None:
    work = the_work([said(1, "5"), said(1, "5", arm=Arm.PREVIOUS)])

    rows = put(work, lambda *_: answer(4)).rows

    assert {row.cluster for row in rows} == {"c0001"}
    assert {row.item for row in rows} == {"c0001"}


@pytest.mark.parametrize(
    ("grades", "label"), [((3, 4), "3"), ((4, 4), "4"), ((4, 5, 5), "5"), ((1, 2), "2")]
)
def test_repeats_amount_to_the_label_that_the_rule_would_find(
    grades: tuple[int, ...], label: str
) -> None:
    """The rule asks for 4: a mean of 3.5 does not reach it, so it is 3 and not 4."""
    work = the_work([said(0, "5")])

    (row,) = put(work, lambda _, repeat: answer(grades[repeat]), len(grades)).rows

    assert row.judge == label


@pytest.mark.parametrize(("grade", "label"), [(4, "true"), (3, "false")])
def test_people_who_say_pass_or_fail_are_answered_in_kind(grade: int, label: str) -> None:
    (row,) = put(the_work([said(0, "true")]), lambda *_: answer(grade)).rows

    assert row.judge == label


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(9), "out_of_scale"),
        (answer(4).model_copy(update={"text": "4"}), "not_json"),
        (answer(4, error="down"), "call_failed"),
    ],
)
def test_an_answer_without_a_grade_is_no_label(reply: Reply, reason: str) -> None:
    (row,) = put(the_work([said(0, "5")]), lambda *_: reply).rows

    assert (row.judge, row.reason) == (None, reason)


@pytest.mark.parametrize(
    "reply", [wrote("c0000", ""), wrote("c0000", "late", error="timed out")], ids=["empty", "error"]
)
def test_a_reply_that_holds_nothing_is_not_asked_about(reply: Reply) -> None:
    work = the_work([said(0, "1")], candidate=[reply])

    assert work.items == work.probes == ()
    (row,) = put(work, lambda *_: answer(4)).rows
    assert (row.judge, row.reason) == (None, "nothing_to_judge")


def test_a_row_without_its_reply_is_a_mistake() -> None:
    with pytest.raises(DocumentError, match="holds no reply to 'c0003', repeat 0"):
        the_work([said(3, "5")], candidate=[wrote("c0000", "new")])


def test_of_two_replies_to_one_place_the_first_is_judged() -> None:
    twice = [wrote("c0000", "first"), wrote("c0000", "second")]

    (item,) = the_work([said(0, "5")], candidate=twice).items

    assert '"first"' in shown(item.request)


def test_ten_replies_that_people_fail_are_tried_and_no_other() -> None:
    rows = [said(number, "1" if number < 15 else "5") for number in range(30)]

    work = the_work(rows)

    assert len(work.probes) == MOST_PROBED
    assert {item.key.case_id for item in work.probes} <= {case.id for case in CASES[:15]}
    assert all(ORDER in shown(item.request) for item in work.probes)
    assert not any(ORDER in shown(item.request) for item in work.items)
    assert len({item.item_id for item in (*work.items, *work.probes)}) == 30 + MOST_PROBED


def steered(grade: int, then: int) -> JudgeModel:
    return lambda item, _: answer(then if ORDER in shown(item.request) else grade)


@pytest.mark.parametrize(
    ("grade", "then", "found"),
    [
        pytest.param(1, 5, (10, 10), id="it obeys"),
        pytest.param(1, 3, (10, 0), id="a rise that changes nothing"),
        pytest.param(1, 1, (10, 0), id="it does not care"),
        pytest.param(5, 5, (0, 0), id="what it passed before shows nothing"),
        pytest.param(1, 9, (10, 0), id="no grade is no pass"),
    ],
)
def test_only_a_failure_that_becomes_a_pass_is_steered(
    grade: int, then: int, found: tuple[int, int]
) -> None:
    work = the_work([said(number, "2") for number in range(12)])

    asked = put(work, steered(grade, then))

    assert (asked.n_probed, asked.n_steered) == found


def test_labels_that_tie_or_are_missing_are_no_failure_to_probe() -> None:
    assert the_work([said(0, "1", "5"), said(1)]).probes == ()


def test_who_else_answered_is_told() -> None:
    work = the_work([said(0, "5")])

    assert put(work, lambda *_: answer(4, resolved_model="cheap")).others == ("cheap",)
    assert put(work, lambda *_: answer(4, resolved_model="judge")).others == ()


@pytest.mark.parametrize(
    ("winners", "label", "is_flipped"),
    [
        (("B", "A"), "candidate", False),
        (("A", "B"), "previous", False),
        (("A", "A"), "tie", True),
        (("tie", "tie"), "tie", False),
    ],
)
def test_a_comparison_is_asked_in_both_orders(
    winners: tuple[str, str], label: str, is_flipped: bool
) -> None:
    work = the_work([said(0, "tie", arm=None)], rule=PAIRED, at_least=None)
    first = dict(zip(("previous", "candidate"), winners, strict=True))

    (row,) = put(work, lambda item, _: answer(first[item.key.arm], "winner")).rows

    assert len(work.items) == 2
    assert (row.judge, row.is_flipped, row.arm) == (label, is_flipped, None)


def test_half_a_comparison_is_no_label() -> None:
    work = the_work([said(0, "tie", arm=None)], rule=PAIRED, at_least=None)

    (row,) = put(work, lambda item, _: answer("A" if item.key.arm == "previous" else 3, "winner")).rows  # fmt: skip

    assert (row.judge, row.reason, row.is_flipped) == (None, "not_a_label", None)


def test_personal_data_is_taken_out_of_what_is_asked() -> None:
    (item,) = the_work([said(0, "5")], candidate=[wrote("c0000", "ask jane@example.org")]).items

    assert "[email]" in shown(item.request)
    assert "jane@example.org" not in shown(item.request)
    assert item.n_redacted == 1

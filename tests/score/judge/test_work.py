import json

import pytest

from hitl.decisions.redaction.redact import Redactor
from hitl.golden.expectation import JudgeRule
from hitl.run.reply import Reply
from hitl.score.judge.work import judge_items
from tests.builders import a_golden_set, a_suite, some_cases
from tests.score.judge.world import (
    GROUNDED,
    JUDGE,
    PAIRED,
    POLITE,
    a_certificate,
    a_judged_set,
    a_release_manifest,
    always,
    answer,
    put_to_judge,
    shown,
    wrote,
)

CASES = some_cases(1)
CASE = CASES[0].id


def asked(*, expect, previous, candidate):
    suite = a_suite(a_judged_set(CASES, *expect))
    return judge_items(suite, lambda: previous, lambda: candidate, Redactor())


def test_no_reply_is_read_where_no_case_has_a_judge_rule() -> None:
    def unread() -> list[Reply]:
        raise AssertionError("a reply was read")

    work = judge_items(a_suite(a_golden_set({"main": some_cases(3)})), unread, unread, Redactor())

    assert (work.items, work.settled) == ((), {})


@pytest.mark.parametrize(
    ("reply", "n_asked"),
    [
        pytest.param(wrote(CASE, "Yes, please."), 1, id="its other rules pass"),
        pytest.param(wrote(CASE, "Yes."), 0, id="another rule fails"),
        pytest.param(wrote(CASE, None, error="timed out"), 0, id="the call failed"),
        pytest.param(wrote(CASE, "please", finish="error"), 0, id="the call ended in an error"),
        pytest.param(wrote(CASE, " \u200b\n"), 0, id="the reply is empty"),
        pytest.param(wrote(CASE, None, labels={"grade": 5}), 0, id="the reply is only labels"),
        pytest.param(wrote("stranger", "please"), 0, id="the case is unknown"),
    ],
)
def test_a_judge_is_asked_only_where_every_other_rule_passes(reply: Reply, n_asked: int) -> None:
    work = asked(expect=(POLITE, GROUNDED), previous=[reply], candidate=[])

    assert len(work.items) == n_asked


@pytest.mark.parametrize(("mark", "n_asked"), [("pass", 1), ("fail", 0)])
def test_a_redacted_reply_is_judged_where_rules_passed_it_as_it_came(
    mark: str, n_asked: int
) -> None:
    suite = a_suite(a_judged_set(CASES, POLITE, GROUNDED))
    findings = [] if mark == "pass" else [["text includes please", "fail", "nothing"]]
    graded = {"checks": suite.checks_digest(0), "mark": mark, "findings": findings}
    reply = Reply.model_validate_json(
        json.dumps({"case_id": CASE, "text": "[email]", "redacted": {"email": 1}, "graded": graded})
    )

    work = judge_items(suite, lambda: [reply], list, Redactor())

    assert len(work.items) == n_asked
    assert len(work.failed) == 1 - n_asked


def test_tool_calls_without_a_text_are_judged() -> None:
    call = {"name": "page", "arguments": {"who": "oncall"}}
    work = asked(expect=(GROUNDED,), previous=[wrote(CASE, None, tool_calls=[call])], candidate=[])

    assert "oncall" in shown(work.items[0].request)


def test_each_repeat_of_each_arm_is_an_item_of_its_own_and_the_first_of_two_counts() -> None:
    previous = [wrote(CASE, "one"), wrote(CASE, "two", 1), wrote(CASE, "again", 1)]
    work = asked(expect=(GROUNDED, GROUNDED), previous=previous, candidate=[wrote(CASE, "three")])

    assert len({item.item_id for item in work.items}) == len(work.items) == 3
    assert all(len(item.item_id) <= 200 for item in work.items)
    assert not any("again" in shown(item.request) for item in work.items)


def test_items_do_not_depend_on_the_order_of_replies() -> None:
    replies = [wrote(CASE, f"text {number}", number) for number in range(5)]
    one = asked(expect=(GROUNDED,), previous=replies, candidate=replies)
    other = asked(expect=(GROUNDED,), previous=replies[::-1], candidate=replies[::-1])

    assert one == other


def test_a_comparison_is_asked_in_both_orders() -> None:
    work = asked(expect=(PAIRED,), previous=[wrote(CASE, "old")], candidate=[wrote(CASE, "new")])

    shown_first = [json.loads(shown(item.request).split("\n")[5]) for item in work.items]
    assert shown_first == ["old", "new"]


@pytest.mark.parametrize(
    ("previous", "candidate", "outcome"),
    [
        pytest.param("same, please", "same, please", "tie", id="the same text"),
        pytest.param("rude", "please", "win", id="rules failed the previous reply"),
        pytest.param("please", "rude", "loss", id="rules failed the candidate's reply"),
        pytest.param("please", " ", "loss", id="the candidate's reply is empty"),
    ],
)
def test_some_comparisons_need_no_judge(previous: str, candidate: str, outcome: str) -> None:
    work = asked(
        expect=(POLITE, PAIRED),
        previous=[wrote(CASE, previous)],
        candidate=[wrote(CASE, candidate)],
    )

    assert work.items == ()
    assert work.settled["grounded"][CASE, 0].outcome == outcome


@pytest.mark.parametrize(
    ("previous", "candidate"),
    [("rude", "rude too"), (None, "please"), ("please", None)],
    ids=["both failed", "the previous call failed", "the candidate's call failed"],
)
def test_what_cannot_be_compared_is_left_alone(previous: str | None, candidate: str | None) -> None:
    sides = [
        [wrote(CASE, text, **({} if text else {"error": "down"}))] for text in (previous, candidate)
    ]
    work = asked(expect=(POLITE, PAIRED), previous=sides[0], candidate=sides[1])

    assert (work.items, work.settled) == ((), {})


def test_grades_decide_with_a_certificate() -> None:
    cases = some_cases(60)
    manifest = a_release_manifest()
    found = put_to_judge(
        a_judged_set(cases, GROUNDED),
        [wrote(case.id, "old") for case in cases],
        [wrote(case.id, "bad" if number < 20 else "new") for number, case in enumerate(cases)],
        manifest,
        lambda item, _: answer(2 if '"bad"' in shown(item.request) else 5),
        [a_certificate(manifest)],
    )

    (judge,) = found.scored.judges
    assert (judge.problems, judge.counts_in, judge.signal_in) == ((), ("main",), ())
    assert found.verdict == "hold"
    assert found.scored.subsets["main"].comparison.regressed == 20
    assert found.saw("candidate") == ["gave 2 (needs 4): It says why."]
    assert [arm.share_met for arm in judge.arms.values()] == [1.0, 40 / 60]
    assert [arm.mean.estimate for arm in judge.arms.values()] == [
        5.0,
        pytest.approx((20 * 2 + 40 * 5) / 60),
    ]
    assert judge.difference is not None
    assert judge.difference.estimate == pytest.approx(-1.0)
    assert judge.difference.high is not None
    assert judge.difference.high < 0
    assert (judge.spending.n_calls, judge.spending.cost_usd) == (120, pytest.approx(0.48))


def test_equal_arms_that_a_certified_judge_passes_ship() -> None:
    cases = some_cases(60)
    manifest = a_release_manifest()
    replies = [wrote(case.id, "fine") for case in cases]

    found = put_to_judge(
        a_judged_set(cases, GROUNDED),
        replies,
        replies,
        manifest,
        always(5),
        [a_certificate(manifest)],
    )

    assert found.verdict == "ship"
    assert "judge_without_authority" not in found.codes


def test_comparisons_are_paired_evidence() -> None:
    """Wins of either arm are the discordant pairs of the fourfold table."""
    cases = some_cases(60)
    manifest = a_release_manifest()

    def prefers(item, _repeat):
        first = json.loads(shown(item.request).split("\n")[5])
        number = int(first.split()[1])
        if number >= 10:
            return answer("tie", "winner")
        better = "old" if number < 7 else "new"
        return answer("A" if first.startswith(better) else "B", "winner")

    found = put_to_judge(
        a_judged_set(cases, PAIRED),
        [wrote(case.id, f"old {number}") for number, case in enumerate(cases)],
        [wrote(case.id, f"new {number}") for number, case in enumerate(cases)],
        manifest,
        prefers,
        [a_certificate(manifest, PAIRED)],
    )

    comparison = found.scored.subsets["main"].comparison
    assert (comparison.regressed, comparison.improved) == (7, 3)
    pairs = found.scored.judges[0].pairs
    assert pairs is not None
    assert (pairs.wins, pairs.losses, pairs.ties, pairs.n_flips) == (3, 7, 50, 0)


def test_a_judge_that_follows_the_order_finds_ties_and_is_named() -> None:
    cases = some_cases(60)
    manifest = a_release_manifest()

    found = put_to_judge(
        a_judged_set(cases, PAIRED),
        [wrote(case.id, "old") for case in cases],
        [wrote(case.id, "new") for case in cases],
        manifest,
        always("A", "winner"),
        [a_certificate(manifest, PAIRED)],
    )

    pairs = found.scored.judges[0].pairs
    assert pairs is not None
    assert (pairs.ties, pairs.flip_rate, pairs.first_share) == (60, 1.0, 1.0)
    assert "judge_order" in found.codes


def test_a_mean_of_few_cases_has_no_limits() -> None:
    cases = some_cases(7)
    replies = [wrote(case.id, "fine") for case in cases]

    found = put_to_judge(
        a_judged_set(cases, GROUNDED), replies, replies, a_release_manifest(), always(3)
    )

    mean = found.scored.judges[0].arms["candidate"].mean
    assert (mean.estimate, mean.low, mean.high, mean.n) == (3.0, None, None, 7)


def test_repeats_of_the_judge_are_averaged_and_their_spread_is_shown() -> None:
    """Each reply is graded 3 and 5: a mean of 4 passes, and the judge's own spread is the root of 2."""
    cases = some_cases(60)
    manifest = a_release_manifest(judge={"model": JUDGE, "repeats": 2})
    replies = [wrote(case.id, "fine") for case in cases]

    found = put_to_judge(
        a_judged_set(cases, GROUNDED),
        replies,
        replies,
        manifest,
        lambda _, repeat: answer((3, 5)[repeat]),
        [a_certificate(manifest)],
    )

    assert found.verdict == "ship"
    arm = found.scored.judges[0].arms["candidate"]
    assert (arm.mean.estimate, arm.spread) == (4.0, pytest.approx(2**0.5))
    assert found.scored.judges[0].spending.n_calls == 240


def test_a_rule_that_no_grade_can_fail_is_called_out() -> None:
    replies = [wrote(CASE, "fine")]
    lowest = JudgeRule(judge="grounded", at_least=1)

    found = put_to_judge(
        a_judged_set(CASES, lowest), replies, replies, a_release_manifest(), always(1)
    )

    assert "toothless_rule" in found.codes

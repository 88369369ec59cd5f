"""The failed-case table and the failure modes."""

from itertools import chain, combinations

import pytest

from hitl.golden.expectation import TextRule
from hitl.score.failures import FailedCase, failed_cases
from hitl.score.modes import failure_modes
from hitl.score.release import grade_both
from tests.builders import (
    Judged,
    a_case,
    a_golden_set,
    a_manifest,
    a_reply,
    a_suite,
    judged,
    replies_to,
    some_cases,
)


def table(found: Judged) -> list[FailedCase]:
    scored = found.scored
    return [
        row
        for part in scored.suite.subsets
        for row in failed_cases(
            scored.suite, part, scored.subsets[part.id], scored.previous, scored.candidate
        )
    ]


def kinds(previous: list[bool | None], candidate: list[bool | None]) -> list[str]:
    """Return the kinds of failure of one case by its repeats in both arms; None: no reply."""
    other = a_case("other")
    arms = [
        [a_reply("other"), *(a_reply("c", p, r) for r, p in enumerate(marks) if p is not None)]
        for marks in (previous, candidate)
    ]
    manifest = a_manifest([{"subset": "main", "authority": "block"}])
    found = judged(a_golden_set({"main": [a_case("c"), other]}), *arms, manifest)
    return [row.kind.value for row in table(found) if row.case.id == "c"]


@pytest.mark.parametrize(
    ("previous", "candidate", "kind"),
    [
        pytest.param([True], [True], [], id="passed"),
        pytest.param([True], [False], ["regressed"], id="regressed"),
        pytest.param([False], [False], ["still_failing"], id="still failing"),
        pytest.param([False], [True], [], id="improved"),
        pytest.param([True], [None], ["unmeasured"], id="no reply"),
        pytest.param([True] * 3, [True, True, False], ["flaky"], id="one of three fails"),
        pytest.param([True] * 3, [True, False, False], ["regressed"], id="two of three fail"),
        pytest.param([False] * 3, [True, False, False], ["flaky"], id="fails less than before"),
    ],
)
def test_kinds_of_failure(
    previous: list[bool | None], candidate: list[bool | None], kind: list[str]
) -> None:
    assert kinds(previous, candidate) == kind


def test_the_gravest_failures_stand_first() -> None:
    cases = [
        a_case("a-low", severity="low"),
        a_case("b-critical", severity="critical"),
        a_case("c-zero", zero_tolerance=True, severity="low"),
        a_case("d-old", severity="critical"),
    ]
    previous = [a_reply("a-low"), a_reply("b-critical"), a_reply("c-zero"), a_reply("d-old", False)]

    found = judged(
        a_golden_set({"main": cases}),
        previous,
        replies_to(cases, n_failed=4),
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    assert [row.case.id for row in table(found)] == ["c-zero", "b-critical", "a-low", "d-old"]


def test_both_arms_are_shown_with_what_they_broke() -> None:
    case = a_case("c")

    found = judged(
        a_golden_set({"main": [case]}, expect=(TextRule(must_include=("yes",)),)),
        [a_reply("c", text="yes of course")],
        [a_reply("c", text="no")],
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    (row,) = table(found)
    assert (row.previous.text, row.candidate.text) == ("yes of course", "no")
    assert (row.previous.mark, row.candidate.mark) == ("pass", "fail")
    assert "yes" in row.expected[0]


def test_failures_that_break_the_same_rule_are_one_new_mode() -> None:
    cases = some_cases(40)
    expect = (TextRule(must_not_include=("restart",)),)

    found = judged(
        a_golden_set({"main": cases}, expect=expect),
        [a_reply(case.id, text="wait and look") for case in cases],
        [a_reply(case.id, text="restart it" if n < 10 else "wait") for n, case in enumerate(cases)],
        a_manifest([{"subset": "main", "authority": "block"}]),
    )
    modes = failure_modes(found.scored.suite, found.scored.previous, found.scored.candidate)

    assert [(mode.n_candidate, mode.n_previous, mode.is_new) for mode in modes] == [(10, 0, True)]
    assert len(modes[0].examples) == 5


def test_a_mode_that_was_there_before_is_not_new() -> None:
    cases = some_cases(40)

    found = judged(
        a_golden_set({"main": cases}),
        replies_to(cases, n_failed=10),
        replies_to(cases, n_failed=10),
        a_manifest([{"subset": "main", "authority": "block"}]),
    )
    modes = failure_modes(found.scored.suite, found.scored.previous, found.scored.candidate)

    assert [(mode.n_candidate, mode.n_previous, mode.is_new) for mode in modes] == [(10, 10, False)]


def test_words_that_other_modes_share_are_not_typical() -> None:
    cases = some_cases(20)
    texts = ["sorry restart it"] * 10 + ["sorry delete it"] * 10
    expect = (TextRule(must_not_include=("restart",)), TextRule(must_not_include=("delete",)))

    found = judged(
        a_golden_set({"main": cases}, expect=expect),
        [a_reply(case.id, text="wait and look") for case in cases],
        [a_reply(case.id, text=text) for case, text in zip(cases, texts, strict=True)],
        a_manifest([{"subset": "main", "authority": "block"}]),
    )
    modes = failure_modes(found.scored.suite, found.scored.previous, found.scored.candidate)

    assert {mode.terms for mode in modes} == {("restart",), ("delete",)}


def test_many_ways_to_fail_are_told_apart_soon() -> None:
    rules = [f"must{number}" for number in range(10)]
    broken = list(chain.from_iterable(combinations(rules, size) for size in range(1, 10)))
    cases = some_cases(1500)
    suite = a_suite(
        a_golden_set({"main": cases}, expect=tuple(TextRule(must_include=(r,)) for r in rules))
    )
    texts = [
        " ".join([*(f"word{(n * k) % 400}" for k in range(30)), *set(rules) - set(broken[n % 900])])
        for n in range(len(cases))
    ]
    arms = grade_both(
        suite,
        [a_reply(case.id, text=" ".join(rules)) for case in cases],
        [a_reply(case.id, text=text) for case, text in zip(cases, texts, strict=True)],
    )

    modes = failure_modes(suite, *arms)

    assert sum(mode.n_candidate for mode in modes) == len(cases)

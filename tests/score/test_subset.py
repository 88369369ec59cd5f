"""What a subset shows: imputation, lineage, slices, repeats and repairs."""

import numpy as np
import pytest

from hitl.golden.case import Case
from hitl.golden.expectation import FieldRule
from hitl.run.reply import Reply
from hitl.score.subset import SubsetScore
from tests.builders import (
    a_case,
    a_golden_set,
    a_manifest,
    a_reply,
    an_error,
    judged,
    replies_to,
    some_cases,
)

BLOCK = [{"subset": "main", "authority": "block"}]


def scored(
    cases: list[Case],
    previous: list[Reply],
    candidate: list[Reply],
    **golden: object,
) -> SubsetScore:
    """Score one subset; a far-off case in another one keeps both arms from being empty."""
    other = a_case("elsewhere")
    found = judged(
        a_golden_set({"main": cases, "other": [other]}, **golden),
        [*previous, a_reply("elsewhere")],
        [*candidate, a_reply("elsewhere")],
        a_manifest(BLOCK),
    )
    return found.scored.subsets["main"]


LOST = [
    pytest.param([], id="missing"),
    pytest.param([an_error("c0000")], id="error"),
    pytest.param([a_reply("c0000", None)], id="ungraded"),
]


@pytest.mark.parametrize("instead", LOST)
def test_a_lost_candidate_reply_counts_as_a_failure(instead: list[Reply]) -> None:
    cases = some_cases(10)

    score = scored(cases, replies_to(cases), [*instead, *replies_to(cases[1:])])

    assert score.regressed_cases == ("c0000",)
    assert score.missing_cases == ("c0000",)
    assert (score.candidate.n_passed, score.candidate.n_replies) == (9, 9)


@pytest.mark.parametrize("instead", LOST)
def test_a_lost_previous_reply_counts_as_a_pass(instead: list[Reply]) -> None:
    cases = some_cases(10)

    score = scored(cases, [*instead, *replies_to(cases[1:])], replies_to(cases, n_failed=1))

    assert score.regressed_cases == ("c0000",)
    assert score.missing_cases == ("c0000",)


def test_a_reply_lost_in_both_arms_counts_against_the_candidate() -> None:
    cases = some_cases(10)

    score = scored(cases, replies_to(cases[1:]), replies_to(cases[1:]))

    assert score.regressed_cases == ("c0000",)


def test_a_case_with_fewer_repeats_than_the_best_served_one_owes_the_rest() -> None:
    cases = some_cases(10)
    candidate = [a_reply(cases[0].id, True, 0), *replies_to(cases[1:], repeats=3)]

    score = scored(cases, replies_to(cases, repeats=3), candidate)

    assert score.missing_cases == ("c0000",)
    assert score.candidate.shares[0] == pytest.approx(1 / 3)
    assert score.regressed_cases == ("c0000",)


def test_the_arms_may_hold_different_numbers_of_repeats() -> None:
    cases = some_cases(10)

    score = scored(cases, replies_to(cases), replies_to(cases, n_failed=2, repeats=3))

    assert (score.previous.repeats, score.candidate.repeats) == (1, 3)
    assert score.missing_cases == ()
    assert score.comparison.regressed == 2
    assert score.comparison.difference is not None
    assert score.comparison.difference.estimate == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("passes", "n_passed"),
    [
        pytest.param(0, 0, id="none"),
        pytest.param(1, 0, id="a minority"),
        pytest.param(2, 0, id="one half is not a majority"),
        pytest.param(3, 1, id="a majority"),
        pytest.param(4, 1, id="all"),
    ],
)
def test_a_case_passes_when_more_than_half_of_its_repeats_do(passes: int, n_passed: int) -> None:
    candidate = [a_reply("c0000", repeat < passes, repeat) for repeat in range(4)]

    score = scored(some_cases(1), [a_reply("c0000")], candidate)

    assert score.candidate.n_passed == n_passed


def test_flaky_cases_pass_in_some_repeats_and_fail_in_others() -> None:
    cases = some_cases(4)
    candidate = [
        a_reply(case.id, passed, repeat)
        for case, marks in zip(cases, [(1, 1), (1, 0), (0, 1), (0, 0)], strict=True)
        for repeat, passed in enumerate(map(bool, marks))
    ]

    score = scored(cases, replies_to(cases, repeats=2), candidate)

    assert score.flaky_cases == ("c0001", "c0002")


def test_pass_hat_k_is_the_share_of_cases_that_pass_every_time() -> None:
    # 3 repeats each: 3, 2, 1 and 0 passes; only the first passes three times in a row.
    cases = some_cases(4)
    candidate = [
        a_reply(case.id, repeat < passes, repeat)
        for case, passes in zip(cases, (3, 2, 1, 0), strict=True)
        for repeat in range(3)
    ]

    score = scored(cases, replies_to(cases), candidate)

    assert score.pass_hat_k == {"previous": 1.0, "candidate": pytest.approx(0.25)}


def test_an_arm_without_replies_has_no_pass_hat_k() -> None:
    cases = some_cases(4)

    assert scored(cases, replies_to(cases), []).pass_hat_k["candidate"] is None


@pytest.mark.parametrize(
    ("fields", "n_clusters"),
    [
        pytest.param([{}, {}, {}], 3, id="nothing shared"),
        pytest.param([{"input": "a"}, {"input": "a"}, {"input": "b"}], 2, id="the same input"),
        pytest.param(
            [{"input": "a"}, {"input": " A\n"}, {"input": "b"}], 2, id="but for space and case"
        ),
        pytest.param(
            [{"input": "a", "context": 1}, {"input": "a", "context": 2}, {"input": "a"}],
            3,
            id="another context",
        ),
        pytest.param(
            [{"input": {"x": 1, "y": 2}}, {"input": {"y": 2, "x": 1}}, {"input": "b"}],
            2,
            id="the same object",
        ),
        pytest.param([{"cluster": "k"}, {"cluster": "k"}, {}], 2, id="a declared cluster"),
        pytest.param(
            [{"cluster": "k", "input": "a"}, {"cluster": "l", "input": "a"}, {"cluster": "l"}],
            1,
            id="an input joins two clusters",
        ),
        pytest.param([{"cluster": "c0002"}, {}, {}], 3, id="a cluster named like a case"),
    ],
)
def test_what_is_one_piece_of_evidence(fields: list[dict[str, object]], n_clusters: int) -> None:
    cases = [a_case(f"c{number:04d}", **part) for number, part in enumerate(fields)]

    assert scored(cases, replies_to(cases), replies_to(cases)).comparison.n_clusters == n_clusters


def test_sixty_copies_of_one_case_prove_nothing() -> None:
    cases = some_cases(60, input="the same question")

    found = judged(
        a_golden_set({"main": cases}), replies_to(cases), replies_to(cases), a_manifest(BLOCK)
    )

    assert found.verdict == "hold"
    assert found.codes == ("block_unmeasured",)


def test_copies_widen_what_is_decided_and_never_narrow_it() -> None:
    plain = some_cases(80)
    twins = [a_case(case.id, input=f"question {number // 2}") for number, case in enumerate(plain)]

    alone = scored(plain, replies_to(plain), replies_to(plain, n_failed=3)).comparison.decision
    copied = scored(twins, replies_to(twins), replies_to(twins, n_failed=3)).comparison.decision

    assert alone is not None
    assert copied is not None
    assert copied.low <= alone.low
    assert copied.high >= alone.high


def test_fewer_than_eight_clusters_give_no_interval() -> None:
    cases = [a_case(f"c{number:04d}", cluster=str(number % 7)) for number in range(70)]

    score = scored(cases, replies_to(cases), replies_to(cases, n_failed=3))

    assert score.comparison.difference is None
    assert score.comparison.p_worse is None


def test_every_slice_is_reported_and_one_that_regressed_is_named() -> None:
    cases = [
        a_case(
            f"c{number:04d}",
            slices={"kind": "bad" if number < 20 else "good", "half": str(number % 2)},
        )
        for number in range(200)
    ]

    score = scored(cases, replies_to(cases), replies_to(cases, n_failed=10))

    named = {(part.name, part.value): part.regressed for part in score.slices}
    assert set(named) == {("kind", "bad"), ("kind", "good"), ("half", "0"), ("half", "1")}
    assert named["kind", "bad"]
    assert not named["kind", "good"]


def test_regressions_of_slices_are_corrected_over_the_slices() -> None:
    # Five regressions in one slice: mid-p 0.0156; times ten slices it is no finding.
    cases = [a_case(f"c{number:04d}", slices={"kind": f"k{number // 20}"}) for number in range(200)]

    score = scored(cases, replies_to(cases), replies_to(cases, n_failed=5))

    assert score.slices[0].p_worse == pytest.approx(10 * 0.5**5 / 2)
    assert not any(part.regressed for part in score.slices)


def test_a_slice_in_which_half_regressed_and_half_improved_has_numbers_too() -> None:
    cases = [a_case("a", slices={"k": "v"}), a_case("b", slices={"k": "v"})]

    score = scored(cases, [a_reply("a"), a_reply("b", False)], [a_reply("a", False), a_reply("b")])

    (part,) = score.slices
    assert (part.comparison.regressed, part.comparison.improved) == (1, 1)


def test_replies_that_were_not_strict_json_are_counted_by_the_tier_that_read_them() -> None:
    cases = some_cases(3)
    texts = ['{"a": 1}', '```json\n{"a": 1}\n```', "{'a': 1,}"]
    replies = [a_reply(case.id, text=text) for case, text in zip(cases, texts, strict=True)]

    score = scored(cases, replies_to(cases), replies, expect=(FieldRule(field="a", equals=1),))

    assert score.repair_events["candidate"] == {"fenced": 1, "repaired": 1}
    assert score.candidate.n_passed == 1


def test_an_empty_subset_shows_nothing() -> None:
    score = scored([], [], [])

    assert score.n_cases == 0
    assert score.missing_share == 1.0
    assert score.comparison.difference is None
    assert score.previous.interval is None


@pytest.mark.parametrize("n", [1, 2, 7, 60])
def test_no_number_of_a_subset_is_nan(n: int) -> None:
    cases = some_cases(n)

    score = scored(cases, replies_to(cases, n_failed=n // 2), replies_to(cases, n_failed=n))

    numbers = [score.previous.shares, score.candidate.shares]
    assert all(np.isfinite(values).all() for values in numbers)
    assert score.comparison.difference is not None
    assert np.isfinite([score.comparison.difference.low, score.comparison.difference.high]).all()


def test_slices_of_a_subset_that_nobody_could_grade_show_no_regression() -> None:
    cases = [a_case(f"c{n:02}", slices={"region": f"r{n % 2}"}) for n in range(40)]
    ungraded = [a_reply(case.id, passed=None) for case in cases]
    found = judged(
        a_golden_set({"main": cases}),
        ungraded,
        ungraded,
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    score = found.scored.subsets["main"]
    assert [part.regressed for part in score.slices] == [False, False]
    assert all(part.comparison.difference is None for part in score.slices)
    assert "slice_regressed" not in [note.code for note in found.judgement.notes]

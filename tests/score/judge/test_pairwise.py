import pytest

from hitl.score.judge.grade import grade_of
from hitl.score.judge.pairwise import order_p_value, pair_of
from hitl.score.judge.parse import JudgeReading, PairReading, UnscoredReason, Winner
from hitl.score.judge.summary import pairs_of
from hitl.score.judged import PairGrade, PairOutcome


def reading(word: str) -> PairReading:
    if word == "?":
        return PairReading(None, "", UnscoredReason.NOT_JSON)
    return PairReading(Winner(word), "Reasons.", None)


def pair(previous_first: str, candidate_first: str) -> PairGrade:
    """Compare once for each letter: A is the reply shown first, t a tie, ? no label."""
    one, other = (
        [reading({"t": "tie"}.get(sign, sign)) for sign in answers]
        for answers in (previous_first, candidate_first)
    )
    return pair_of(one, other)


@pytest.mark.parametrize(
    ("orders", "outcome", "n_flips", "lean"),
    [
        pytest.param(("B", "A"), "win", 0, 0, id="the candidate in both orders"),
        pytest.param(("A", "B"), "loss", 0, 0, id="the previous arm in both orders"),
        pytest.param(("t", "t"), "tie", 0, 0, id="a tie in both orders"),
        pytest.param(("A", "A"), "tie", 1, 1, id="the first in both orders"),
        pytest.param(("B", "B"), "tie", 1, -1, id="the second in both orders"),
        pytest.param(("A", "t"), "tie", 1, 1, id="the first, then neither"),
        pytest.param(("t", "B"), "tie", 1, -1, id="neither, then the second"),
        pytest.param(("BBB", "AAA"), "win", 0, 0, id="three wins"),
        pytest.param(("BBA", "AAA"), "win", 1, 1, id="two wins of three"),
        pytest.param(("BtA", "AtA"), "tie", 1, 1, id="one win of three is no majority"),
        pytest.param(("BA", "AB"), "tie", 0, 0, id="one each"),
        pytest.param(("B?", "AA"), "win", 0, 0, id="half scored"),
        pytest.param(("B??", "AAA"), None, 0, 0, id="fewer than half scored"),
        pytest.param(("?", "A"), None, 0, 0, id="one order unscored"),
    ],
)
def test_both_orders_decide(
    orders: tuple[str, str], outcome: str | None, n_flips: int, lean: int
) -> None:
    found = pair(*orders)

    assert (found.outcome, found.n_flips, found.first_lean) == (outcome, n_flips, lean)


def test_orders_asked_unequally_often_are_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        pair_of([reading("A")], [])
    with pytest.raises(ValueError, match="at least one"):
        pair_of([], [])


def test_pairs_are_counted_by_hand() -> None:
    every = [
        pair("B", "A"),  # win
        pair("A", "B"),  # loss
        pair("A", "A"),  # flip to the first
        pair("A", "t"),  # flip to the first
        pair("?", "A"),  # unscored
        PairGrade(PairOutcome.TIE, 0, (), is_asked=False),
        PairGrade(PairOutcome.WIN, 0, (), is_asked=False),
    ]

    found = pairs_of(every)

    assert (found.n_pairs, found.n_asked) == (7, 5)
    assert (found.wins, found.losses, found.ties, found.n_unscored) == (2, 1, 3, 1)
    assert (found.n_compared, found.n_flips, found.flip_rate) == (4, 2, 0.5)
    assert found.first_share == 5 / 7  # of A B A A, B A A B: A is said five times in seven
    assert found.first_p_value == 0.5
    assert found.unscored == {"not_json": 1}


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, None), (1, 0, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (3, 3, 1.0), (9, 1, 22 / 1024)],
)
def test_order_is_tested_by_the_exact_sign_test(first: int, second: int, p: float | None) -> None:
    found = order_p_value(first, second)

    assert found == (None if p is None else pytest.approx(p, abs=1e-12))


def graded(*grades: int | None) -> list[JudgeReading]:
    return [
        JudgeReading(grade, "Reasons.", None if grade else UnscoredReason.CONTRADICTION)
        for grade in grades
    ]


@pytest.mark.parametrize(
    ("grades", "mean", "spread", "n_unscored"),
    [
        ((4,), 4.0, None, 0),
        ((4, 5), 4.5, 0.5**0.5, 0),
        ((2, 4, 3), 3.0, 1.0, 0),
        ((4, None), 4.0, None, 1),
        ((4, None, None), None, None, 2),
        ((None,), None, None, 1),
    ],
)
def test_repeats_are_averaged_and_half_of_them_must_be_scored(
    grades: tuple[int | None, ...], mean: float | None, spread: float | None, n_unscored: int
) -> None:
    found = grade_of(graded(*grades))

    assert (found.mean, found.n_unscored, found.n_repeats) == (mean, n_unscored, len(grades))
    assert found.spread == (None if spread is None else pytest.approx(spread))


def test_no_reading_at_all_is_a_fault() -> None:
    with pytest.raises(ValueError, match="at least one"):
        grade_of([])

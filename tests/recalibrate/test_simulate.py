"""How often rules break their promise on a curve that is taken as the truth."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import binom

from hitl.recalibrate.labelling import find_labelling
from hitl.recalibrate.ladder import Ladder, build_ladder
from hitl.recalibrate.parts import Simulated
from hitl.recalibrate.simulate import Curve, curve_of, simulate, simulations
from hitl.recalibrate.threshold import Ask, Terms
from hitl.stats.selective import Rule
from tests.policy.policies import one_type
from tests.recalibrate.counts import AT, MODEL, Line, a_table, some_scores
from tests.recalibrate.test_curve import WORKED

TERMS = Terms(0.02, 0.05)


def a_ladder(*lines: Line) -> Ladder:
    table = a_table(lines)
    labelling = find_labelling(table, Counter(), is_stated=False)
    return build_ladder(table, [round((line.confidence or 0) * 10_000) for line in lines], labelling)  # fmt: skip


def a_curve(*lines: Line) -> Curve:
    found = curve_of(a_ladder(*lines))
    assert found is not None
    return found


def a_line(lines: tuple[Simulated, ...], rule: Rule, n: int) -> Simulated:
    (found,) = [line for line in lines if (line.rule, line.n) == (rule, n)]
    return found


def test_the_curve_is_that_of_the_labels() -> None:
    curve = a_curve(*WORKED)

    assert curve.errors == pytest.approx([0.003, 0.023, 0.046, 0.132, 0.206])
    assert curve.risk == pytest.approx([0.003, 0.013, 0.024, 0.051, 0.082])
    assert curve.best(0.02) == pytest.approx(0.4)


def test_errors_that_rise_with_confidence_are_levelled() -> None:
    curve = a_curve(Line(0.9, right=90, wrong=10), Line(0.5, right=100), Line(0.1, wrong=50))

    assert curve.errors == pytest.approx([0.05, 0.05, 1.0])


def test_a_cell_without_labels_takes_the_rate_between_its_neighbours() -> None:
    curve = a_curve(
        Line(0.9, right=100, probability=1.0),
        Line(0.8, unlabelled=10, probability=0.05),
        Line(0.7, right=12, wrong=3, unlabelled=285, probability=0.05),
    )

    assert curve.errors == pytest.approx([0.0, 0.1, 0.2])


def test_weighted_labels_make_a_weighted_curve() -> None:
    # Of one confidence, 2 of 100 audits among 2,000 and 100 of 500 escalations are wrong.
    audited = Line(0.9, right=98, wrong=2, unlabelled=1900, probability=0.05)
    curve = a_curve(audited, Line(0.9, right=400, wrong=100, probability=1.0))

    assert curve.errors == pytest.approx([140 / 2500])


def test_labels_that_speak_for_nothing_make_no_curve() -> None:
    assert curve_of(a_ladder(Line(0.9, right=20, unlabelled=2980, probability=0.05))) is None
    assert curve_of(a_ladder(Line(0.9, unlabelled=20))) is None


def test_the_fixed_sequence_keeps_its_promise_and_the_naive_rule_does_not() -> None:
    lines = simulate(a_curve(*WORKED), 5000, TERMS, np.random.default_rng(1), runs=300)

    for n in (2500, 5000, 10_000, 20_000):
        proved = a_line(lines, Rule.FIXED_SEQUENCE, n)
        assert proved.broken * 300 <= binom.ppf(1 - 1e-6, 300, 0.05)
        assert proved.broken_low <= proved.broken <= proved.broken_high
        assert proved.best == pytest.approx(0.4)
    # 2.4 % lies so near to 2 % that a naive look takes it in about a fifth of the runs.
    assert a_line(lines, Rule.NAIVE, 2500).broken > 0.1


def test_more_labels_buy_autonomy() -> None:
    lines = simulate(a_curve(*WORKED), 800, TERMS, np.random.default_rng(1), runs=200)

    bought = [a_line(lines, Rule.FIXED_SEQUENCE, n).autonomy for n in (400, 800, 1600, 3200)]

    assert bought == sorted(bought)
    assert bought[-1] > bought[0] + 0.1


def test_where_confidence_says_nothing_there_is_nothing_to_gain() -> None:
    flat = Curve(np.full(50, 0.02), np.full(50, 0.025))

    lines = simulate(flat, 2000, TERMS, np.random.default_rng(1), runs=200)

    for n in (1000, 2000, 4000, 8000):
        proved = a_line(lines, Rule.FIXED_SEQUENCE, n)
        assert proved.best == 0.0
        assert proved.certified == proved.broken <= binom.ppf(1 - 1e-6, 200, 0.05) / 200


def test_the_same_seed_gives_the_same_answer() -> None:
    scores, ask = some_scores(*WORKED), Ask(AT)

    one, other = (
        simulations(scores, one_type(), ask, MODEL, np.random.default_rng(7)) for _ in range(2)
    )

    assert one == other
    assert [found.action_type for found in one] == ["act"]
    assert sorted({line.n for line in one[0].lines}) == [2500, 5000, 10_000, 20_000]


def test_a_type_without_labels_is_not_simulated() -> None:
    scores = some_scores(Line(0.9, unlabelled=500), Line(0.2, unlabelled=500))

    assert simulations(scores, one_type(), Ask(AT), MODEL, np.random.default_rng(1)) == ()

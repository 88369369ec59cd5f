import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm, t
from statsmodels.regression.linear_model import OLS

from hitl.stats.crossed import Crossed, Votes, crossed_difference, crossed_mean
from hitl.stats.draw import inclusion_probabilities, systematic_draw

Numbers = NDArray[np.float64]


def everybody(table: Numbers, least: float = -1.0, most: float = 1.0) -> Votes:
    """Items by raters, NaN for no vote."""
    items, raters = np.nonzero(~np.isnan(table))
    return Votes(table[items, raters], items, raters, None, least, most)


def preferences(
    rng: np.random.Generator, raters: int, bias: float, items: int = 60, drift: float = 0.0
) -> Numbers:
    """Wins, ties and losses of raters with a leaning each, on items that truly differ by nothing on average."""
    latent = rng.normal(0.0, 0.7, (items, 1)) + rng.normal(0.0, bias, (1, raters)) + drift
    latent = latent + rng.normal(0.0, 1.0, (items, raters))
    return (latent > 0.5).astype(float) - (latent < -0.5)


def limits(found: Crossed) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


tables = st.tuples(st.integers(8, 20), st.integers(2, 5), st.integers(0, 9999)).map(
    lambda drawn: np.random.default_rng(drawn[2]).choice([-1.0, 0.0, 1.0], drawn[:2])
)


def test_two_raters_and_eight_items_by_hand() -> None:
    # Rater 0 votes 1 on items 0 to 5, rater 1 on items 0 to 1; all others vote 0: the mean is 8/16.
    table = np.zeros((8, 2))
    table[:6, 0] = table[:2, 1] = 1.0

    found = crossed_mean(everybody(table, least=0.0))

    # Sums of deviations: items 1, 1, 0, 0, 0, 0, -1, -1; raters 2, -2; single votes 16 times a quarter.
    by_item, by_rater, by_both = 8 / 7 * 4 / 256, 2 / 1 * 8 / 256, 16 / 15 * 4 / 256
    assert found.estimate == 0.5
    assert found.standard_error == pytest.approx(math.sqrt(by_item + by_rater - by_both))
    t_items, t_raters = t.ppf(0.975, 7), t.ppf(0.975, 1)
    reach = math.sqrt(t_items**2 * (by_item - by_both) + t_raters**2 * by_rater)
    assert 0.5 - reach < 0.0
    assert limits(found) == (0.0, 1.0)
    assert (found.n, found.n_items, found.n_raters) == (16, 8, 2)
    wide = crossed_mean(everybody(table, least=-math.inf, most=math.inf))
    assert limits(wide) == pytest.approx((0.5 - reach, 0.5 + reach))


@given(tables)
def test_the_variance_is_that_of_statsmodels_where_all_rate_all(table: Numbers) -> None:
    votes = everybody(table)
    groups = np.column_stack([votes.items, votes.raters])

    found = crossed_mean(votes)

    fit = OLS(votes.values, np.ones(votes.values.size)).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    one_way = [
        OLS(votes.values, np.ones(votes.values.size)).fit(
            cov_type="cluster", cov_kwds={"groups": group}
        )
        for group in groups.T
    ]
    floor = max(float(way.cov_params()[0, 0]) for way in one_way)
    assert found.standard_error is not None
    assert found.standard_error**2 == pytest.approx(
        max(float(fit.cov_params()[0, 0]), floor), abs=1e-12
    )


@given(tables, st.integers(0, 9999))
def test_the_variance_of_a_difference_is_that_of_statsmodels(before: Numbers, seed: int) -> None:
    after = np.random.default_rng(seed).choice([-1.0, 0.0, 1.0], before.shape)
    one, other = everybody(before), everybody(after)
    values = np.concatenate([one.values, other.values])
    arm = np.repeat([0.0, 1.0], one.values.size)
    groups = [np.concatenate([one.items, other.items]), np.concatenate([one.raters, other.raters])]

    found = crossed_difference(one, other)

    n = values.size
    design = np.column_stack([np.ones(n), arm])
    # A regression counts one parameter more than two means of fixed groups do.
    as_means = (n - 2) / (n - 1)
    variances = [
        float(
            OLS(values, design).fit(cov_type="cluster", cov_kwds={"groups": by}).cov_params()[1, 1]
        )
        * as_means
        for by in (np.column_stack(groups), *groups)
    ]
    assert found.estimate == pytest.approx(after.mean() - before.mean())
    assert found.standard_error is not None
    assert found.standard_error**2 == pytest.approx(max(variances), abs=1e-12)


@given(tables)
def test_negated_votes_mirror_the_limits(table: Numbers) -> None:
    low, high = limits(crossed_mean(everybody(table)))

    assert limits(crossed_mean(everybody(-table))) == pytest.approx((-high, -low))


@given(tables, st.integers(0, 9999))
def test_order_names_and_unit_of_weights_change_nothing(table: Numbers, seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = everybody(table)
    weights = rng.uniform(0.5, 3.0, votes.values.size)
    turn = rng.permutation(votes.values.size)

    found = crossed_mean(replace(votes, weights=weights))
    other = crossed_mean(
        Votes(
            votes.values[turn], 7 - 3 * votes.items[turn], 100 + 5 * votes.raters[turn],
            weights[turn] * 9.0, -1.0, 1.0,
        )
    )  # fmt: skip

    assert other.estimate == pytest.approx(found.estimate)
    assert other.reason == found.reason
    assert (other.low, other.high) == pytest.approx((found.low, found.high))


@given(tables)
def test_saying_a_vote_twice_is_no_evidence(table: Numbers) -> None:
    votes = everybody(table)
    twice = Votes(*(np.repeat(part, 2) for part in (votes.values, votes.items, votes.raters)), None, -1.0, 1.0)  # fmt: skip

    assert limits(crossed_mean(twice)) == pytest.approx(limits(crossed_mean(votes)))


@given(tables)
def test_the_limits_hold_the_estimate_stay_within_the_ends_and_are_never_one_point(
    table: Numbers,
) -> None:
    found = crossed_mean(everybody(table))

    low, high = limits(found)
    assert -1.0 <= low <= (found.estimate or 0.0) <= high <= 1.0
    assert high - low >= 1.0 - 0.025 ** (1 / len(table))


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("raters", [2, 5])
def test_votes_that_are_all_alike_prove_what_so_many_items_can(value: float, raters: int) -> None:
    unseen = 1.0 - 0.025 ** (1 / 60)

    found = crossed_mean(everybody(np.full((60, raters), value)))

    expected = (value - unseen * (value + 1.0), value + unseen * (1.0 - value))
    assert limits(found) == pytest.approx(expected)
    assert found.standard_error == 0.0


def test_one_vote_less_for_the_candidate_never_helps_it_near_agreement() -> None:
    table = np.ones((60, 3))
    low = limits(crossed_mean(everybody(table)))[0]
    for item in range(6):
        table[item, item % 3] -= 1.0
        lower = limits(crossed_mean(everybody(table)))[0]
        assert lower < low
        low = lower


def test_what_both_sides_share_cancels_in_their_difference() -> None:
    before = preferences(np.random.default_rng(2), raters=4, bias=0.8)
    same = crossed_difference(everybody(before), everybody(before))
    apart = crossed_difference(
        everybody(before), replace(everybody(before), items=1_000 + np.nonzero(before == before)[0])
    )

    assert same.estimate == 0.0
    assert same.standard_error == pytest.approx(0.0)
    assert (apart.n_items, same.n_items) == (120, 60)
    assert (apart.standard_error or 0.0) > 0.02


@pytest.mark.parametrize("raters", [2, 3, 5, 8])
@pytest.mark.parametrize("bias", [0.0, 0.3, 0.6])
def test_limits_by_item_and_rater_keep_their_level(raters: int, bias: float) -> None:
    rng, runs, missed = np.random.default_rng(20 + raters), 400, 0
    for _ in range(runs):
        low, high = limits(crossed_mean(everybody(preferences(rng, raters, bias))))
        missed += not low <= 0.0 <= high

    # 6 % and the luck of 400 runs; a true level of 5 % reaches that once in a few thousand.
    assert missed <= 0.09 * runs


def test_limits_that_forget_raters_are_wrong_most_often_where_raters_lean() -> None:
    rng, runs = np.random.default_rng(3), 400
    naive = by_item = crossed = 0
    for _ in range(runs):
        table = preferences(rng, raters=5, bias=0.6)
        mean, n = table.mean(), table.size
        naive += abs(mean) > norm.ppf(0.975) * table.std(ddof=1) / math.sqrt(n)
        by_item += abs(mean) > t.ppf(0.975, 59) * table.mean(axis=1).std(ddof=1) / math.sqrt(60)
        low, high = limits(crossed_mean(everybody(table)))
        crossed += not low <= 0.0 <= high

    assert naive > 0.45 * runs
    assert by_item > 0.3 * runs
    assert crossed <= 0.09 * runs


def test_a_difference_of_arms_keeps_its_level_where_raters_lean_alike_in_both() -> None:
    rng, runs, missed = np.random.default_rng(4), 300, 0
    for _ in range(runs):
        strict = rng.normal(0.0, 0.6, (1, 3))
        item = rng.normal(0.0, 0.7, (60, 1))
        arms = [((item + strict + rng.normal(0.0, 1.0, (60, 3))) > 1.0) * 1.0 for _ in range(2)]
        found = crossed_difference(*(everybody(arm, least=0.0) for arm in arms))
        low, high = limits(found)
        missed += not low <= 0.0 <= high

    assert missed <= 0.09 * runs


def test_weights_of_one_over_the_chance_speak_of_all_items() -> None:
    rng, runs, missed, estimates, plain = np.random.default_rng(6), 200, 0, [], []
    size = rng.gamma(2.0, 1.0, 400) + 0.5
    chances = inclusion_probabilities(size, 80)
    # Items that are likelier to be chosen are worse for the candidate.
    truth = np.clip(0.6 - 0.3 * size, -0.9, 0.9)
    for _ in range(runs):
        chosen = systematic_draw(chances, rng.permutation(400), rng)
        table = truth[chosen, None] + rng.uniform(-0.1, 0.1, (80, 4))
        votes = replace(everybody(table), weights=np.repeat(1.0 / chances[chosen], 4))
        found = crossed_mean(votes)
        low, high = limits(found)
        estimates.append(found.estimate or 0.0)
        plain.append(table.mean())
        missed += not low <= truth.mean() <= high

    assert np.mean(estimates) == pytest.approx(truth.mean(), abs=0.01)
    assert np.mean(plain) < truth.mean() - 0.15
    assert missed <= 0.09 * runs


def test_a_single_rater_has_a_mean_and_no_limits() -> None:
    found = crossed_mean(everybody(np.ones((60, 1))))

    assert (found.estimate, found.low, found.high) == (1.0, None, None)
    assert "single rater" in found.reason


def test_a_side_of_a_difference_with_a_single_rater_has_no_limits() -> None:
    table = np.zeros((20, 2))
    alone = table.copy()
    alone[:, 1] = np.nan

    found = crossed_difference(everybody(table), everybody(alone))

    assert (found.estimate, found.low) == (0.0, None)
    assert "single rater" in found.reason


@pytest.mark.parametrize("items", [1, 7])
def test_few_items_have_a_mean_and_no_limits(items: int) -> None:
    found = crossed_mean(everybody(np.ones((items, 3))))

    assert (found.estimate, found.low) == (1.0, None)
    assert "expected 8 or more" in found.reason


def test_items_that_hardly_weigh_do_not_count_as_items() -> None:
    votes = everybody(np.ones((30, 3)))
    weights = np.where(votes.items < 3, 1e6, 1.0)

    found = crossed_mean(replace(votes, weights=weights))

    assert found.low is None
    assert found.reason.startswith("3 items by weight")


def test_no_vote_is_no_mean() -> None:
    nothing, something = everybody(np.full((9, 2), np.nan)), everybody(np.zeros((9, 2)))

    assert (crossed_mean(nothing).estimate, crossed_mean(nothing).reason) == (None, "no vote")
    assert crossed_difference(nothing, something).estimate is None
    assert "one side" in crossed_difference(something, nothing).reason


def test_durations_without_spread_cannot_be_bounded() -> None:
    table = np.full((20, 3), 41.0)

    found = crossed_mean(everybody(table, least=-math.inf, most=math.inf))

    assert (found.estimate, found.low) == (41.0, None)
    assert "without any spread" in found.reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": np.array([1.0, np.nan])}, "finite"),
        ({"values": np.array([1.0, 2.0])}, "from -1.0 to 1.0"),
        ({"items": np.array([1])}, "an item, a rater"),
        ({"raters": np.array([1, 2, 3])}, "an item, a rater"),
        ({"weights": np.array([1.0, 0.0])}, "above 0"),
        ({"weights": np.array([1.0, np.inf])}, "above 0"),
    ],
)
def test_votes_that_are_none_are_refused(
    change: dict[str, NDArray[np.generic]], message: str
) -> None:
    votes = Votes(np.array([1.0, 0.0]), np.array([0, 1]), np.array([0, 1]), None, -1.0, 1.0)

    with pytest.raises(ValueError, match=message):
        crossed_mean(replace(votes, **change))  # type: ignore[arg-type]  # each of its own type


def test_a_confidence_beyond_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        crossed_mean(everybody(np.zeros((9, 2))), confidence=1.0)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.stats.control import beta_draws, control_factor, effective_mass, weight_draws


def test_the_factor_is_the_covariance_over_the_variance() -> None:
    # Gaps -1, 0, 1 and values 0, 3, 1: covariance (1 x 1 - 0) / 3 over variance 2 / 3.
    assert control_factor(np.array([0.0, 3.0, 1.0]), np.array([-1.0, 0.0, 1.0])) == pytest.approx(0.5)  # fmt: skip


def test_a_gap_that_never_moves_takes_nothing_off() -> None:
    assert control_factor(np.array([0.1, 0.3]), np.array([0.2, 0.2])) == 0.0


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=20))
def test_the_factor_lies_within_0_and_1_and_never_adds_variance(
    pairs: list[tuple[float, float]],
) -> None:
    values, gaps = np.array(pairs).T

    factor = control_factor(values, gaps)

    assert 0.0 <= factor <= 1.0
    assert np.var(values - factor * gaps) <= np.var(values) + 1e-12


def test_columns_share_one_factor_so_that_shares_still_add_up() -> None:
    rng = np.random.default_rng(1)
    values, gaps = rng.dirichlet([1, 2, 3], 50), rng.dirichlet([1, 2, 3], 50)
    gaps -= rng.dirichlet([1, 2, 3], 50)

    assert np.allclose((values - control_factor(values, gaps) * gaps).sum(axis=1), 1.0)


def test_rates_are_drawn_around_what_was_seen_with_the_rate_itself_first() -> None:
    drawn = beta_draws(np.array([10.0, 0.0]), np.array([100.0, 0.0]), 4_000, np.random.default_rng(2))  # fmt: skip

    assert drawn[0].tolist() == [0.1, 0.5]
    # Jeffreys: Beta(10.5, 90.5) has mean 10.5 / 101; without a trial anything is possible.
    assert drawn[1:, 0].mean() == pytest.approx(10.5 / 101, abs=0.002)
    assert np.quantile(drawn[1:, 1], [0.025, 0.975]) == pytest.approx([0.0015, 0.9985], abs=0.003)


@pytest.mark.parametrize("size", [5, 20, 200])
def test_weights_give_a_mean_the_unbiased_variance(size: int) -> None:
    rng = np.random.default_rng(size)
    values = rng.normal(size=size)

    weights = weight_draws(np.full(size, float(size)), 20_000, rng)
    means = weights @ values / weights.sum(axis=1)

    assert means[0] == pytest.approx(values.mean())
    assert means[1:].std() == pytest.approx(values.std(ddof=1) / np.sqrt(size), rel=0.03)


def test_no_weight_is_ever_nothing() -> None:
    assert weight_draws(np.array([1.0, 2.0]), 5_000, np.random.default_rng(3)).min() > 0.0


def test_one_of_n_even_units_has_the_mass_of_one_in_n() -> None:
    assert effective_mass(np.ones(8)) == pytest.approx(1 / 8)
    assert effective_mass(np.zeros(3)) == 1.0

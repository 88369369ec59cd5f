import math

import pytest
from scipy.stats import norm

from hitl.stats.sequential import (
    level_of_repeated_tests,
    obrien_fleming_limit,
    pocock_limit,
)


# Armitage, McPherson and Rowe (1969), table 2, 5 % tests.
@pytest.mark.parametrize(
    ("looks", "level"),
    [(1, 0.05), (2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193), (20, 0.248)],
)
def test_peeking_inflates_the_level_as_published(looks: int, level: float) -> None:
    assert round(level_of_repeated_tests(looks, float(norm.ppf(0.975))), 3) == level


# Pocock (1977) and O'Brien and Fleming (1979), as tabled by Jennison and Turnbull.
def test_limits_match_the_published_ones() -> None:
    assert [round(pocock_limit(looks), 3) for looks in (2, 5)] == [2.178, 2.413]
    assert [round(obrien_fleming_limit(looks), 3) for looks in (2, 5)] == [1.977, 2.040]


def test_one_look_is_the_ordinary_test() -> None:
    z = float(norm.ppf(0.995))

    assert pocock_limit(1, 0.01) == pytest.approx(z)
    assert obrien_fleming_limit(1, 0.01) == pytest.approx(z)
    assert level_of_repeated_tests(1, z) == pytest.approx(0.01)


def test_a_limit_spends_its_level_and_more_looks_cost_more() -> None:
    limits = [pocock_limit(looks, 0.05) for looks in range(1, 7)]

    assert limits == sorted(limits)
    for looks, limit in enumerate(limits, start=1):
        assert level_of_repeated_tests(looks, limit) == pytest.approx(0.05, abs=1e-9)


def test_two_looks_agree_with_the_bivariate_normal() -> None:
    from scipy.stats import multivariate_normal

    z, correlation = 2.0, math.sqrt(0.5)
    inside = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(
        [z, z], lower_limit=[-z, -z]
    )

    assert level_of_repeated_tests(2, z) == pytest.approx(1 - inside, abs=1e-6)


@pytest.mark.parametrize(("looks", "z"), [(0, 2.0), (201, 2.0), (3, 0.0), (3, math.nan)])
def test_impossible_plans_are_refused(looks: int, z: float) -> None:
    with pytest.raises(ValueError, match="must"):
        level_of_repeated_tests(looks, z)


def test_impossible_levels_are_refused() -> None:
    for limit in (pocock_limit, obrien_fleming_limit):
        with pytest.raises(ValueError, match="alpha"):
            limit(2, 1.0)

import numpy as np
import pytest

from hitl.stats.multiple import holm
from hitl.stats.peers import apart_from_peers


def test_a_unit_that_is_like_its_peers_is_not_apart() -> None:
    found = apart_from_peers([0.1, -0.1, 0.0, 0.05, -0.05], [0.04] * 5)

    assert all(one.p_value is not None and one.p_value > 0.5 for one in found)


def test_an_outlier_does_not_hide_itself_by_widening_the_spread() -> None:
    found = apart_from_peers([3.0, 0.0, 0.1, -0.1, 0.05, -0.05, 0.0], [0.02] * 7)

    assert found[0].spread == 0.0
    assert found[0].p_high is not None
    assert found[0].p_high < 0.0001
    assert found[1].spread is not None
    assert found[1].spread > 1


def test_a_distance_is_that_from_the_mean_of_the_others() -> None:
    (first, *_) = apart_from_peers([1.0, 0.0, 0.2, 0.4], [0.1] * 4)

    assert first.interval is not None
    assert first.interval.estimate == pytest.approx(0.8)


def test_with_fewer_than_three_peers_nothing_is_said() -> None:
    assert [one.interval for one in apart_from_peers([1.0, 2.0, 9.0], [1.0] * 3)] == [None] * 3
    assert apart_from_peers([], []) == ()


@pytest.mark.parametrize("variances", [[0.0, 1, 1, 1], [np.nan, 1, 1, 1], [1, 1, 1]])
def test_a_variance_that_is_none_is_refused(variances: list[float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        apart_from_peers([0.0, 0.0, 0.0, 0.0], variances)


@pytest.mark.validity
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_false_alarms_stay_within_the_stated_rate_however_people_differ(spread: float) -> None:
    rng = np.random.default_rng(17)
    n_worlds, alarms = 600, 0
    for _ in range(n_worlds):
        own = rng.uniform(0.02, 0.3, 12)
        theta = rng.normal(0.4, spread, 12) + rng.normal(0.0, np.sqrt(own))
        p = [one.p_value or 0.0 for one in apart_from_peers(list(theta), list(own))]
        alarms += min(holm(p)) <= 0.05

    # 5 % of 600 is 30; more than 48 would come up once in a thousand such simulations.
    assert alarms <= 48


def test_one_peer_who_bears_all_the_weight_leaves_a_finite_answer() -> None:
    found = apart_from_peers([0.0, 1.0, 2.0, 3.0], [1e-12, 1e12, 1e12, 1e12])
    for one in found:
        assert one.interval is not None
        assert one.interval.low < one.interval.high
        assert one.p_value is not None
        assert 0.0 < one.p_value <= 1.0

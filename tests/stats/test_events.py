import math

import pytest
from scipy.stats import poisson

from hitl.stats.events import event_rate


def test_the_limits_are_those_of_the_table() -> None:
    # Garwood's table: 10 events, 95 %: 4.795 to 18.390.
    found = event_rate(10, 1.0)

    assert (found.estimate, found.n) == (10.0, 10)
    assert (found.low, found.high) == pytest.approx((4.795, 18.390), abs=5e-4)


def test_each_limit_leaves_one_half_of_the_level() -> None:
    found = event_rate(7, 2.0, 0.9)

    assert poisson.sf(6, found.low * 2.0) == pytest.approx(0.05)
    assert poisson.cdf(7, found.high * 2.0) == pytest.approx(0.05)


def test_no_event_still_has_an_upper_limit() -> None:
    assert event_rate(0, 4.0, 0.9).high == pytest.approx(-math.log(0.05) / 4.0)


@pytest.mark.parametrize(("count", "units"), [(-1, 1.0), (1, 0.0), (1, math.nan), (1, math.inf)])
def test_nonsense_is_refused(count: int, units: float) -> None:
    with pytest.raises(ValueError, match="expected a count"):
        event_rate(count, units)

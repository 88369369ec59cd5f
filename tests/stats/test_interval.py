import math

import pytest

from hitl.stats.interval import Interval, check_share, one_sided_level


def test_mirroring_twice_gives_the_interval_back() -> None:
    interval = Interval(0.1, -0.2, 0.3, 0.95, "any", 7)

    assert interval.mirrored() == Interval(-0.1, -0.3, 0.2, 0.95, "any", 7)
    assert interval.mirrored().mirrored() == interval


def test_a_two_sided_confidence_leaves_half_of_the_rest_to_each_limit() -> None:
    assert one_sided_level(0.90) == pytest.approx(0.05)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, math.nan])
def test_a_share_outside_the_open_unit_interval_is_refused_by_name(value: float) -> None:
    with pytest.raises(ValueError, match="margin must lie strictly between 0 and 1"):
        check_share(value, "margin")

import math

import pytest

from hitl.stats.root import bisect


def test_a_root_is_found_to_the_last_float() -> None:
    assert bisect(lambda x: x * x < 2.0, 0.0, 2.0) == pytest.approx(math.sqrt(2.0), abs=1e-15)


def test_nothing_on_the_left_gives_the_lower_end() -> None:
    assert bisect(lambda _: False, -1.0, 1.0) == -1.0


def test_everything_on_the_left_gives_the_upper_end() -> None:
    assert bisect(lambda _: True, -1.0, 1.0) == pytest.approx(1.0, abs=1e-15)


def test_a_width_stops_early_and_stays_on_the_left() -> None:
    found = bisect(lambda x: x < 0.3, 0.0, 1.0, width=0.01)

    assert 0.29 <= found < 0.3


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="empty range"):
        bisect(lambda _: True, 1.0, 0.0)

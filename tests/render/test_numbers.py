from math import inf, nan

import pytest

from hitl.render import numbers
from tests.render.sample_parts import an_interval


@pytest.mark.parametrize("missing", [None, nan, inf])
def test_what_is_not_known_is_a_dash(missing: float | None) -> None:
    written = {
        numbers.percent(missing),
        numbers.points(missing),
        numbers.ratio(missing),
        numbers.p_value(missing),
        numbers.number(missing),
        numbers.quantity("latency_ms", missing),
        numbers.rule_number("floor", missing, "limit"),
    }

    assert written == {"—"}
    assert (
        numbers.percent_range(0.1, None)
        == numbers.points_range(None)
        == numbers.ratio_range(None)
        == "—"
    )


def test_nearly_all_is_never_written_as_all() -> None:
    assert numbers.percent(0.99999) == "> 99.9 %"
    assert numbers.percent(0.00001) == "< 0.1 %"
    assert numbers.percent(0.0) == "0 %"


def test_intervals_carry_a_true_minus() -> None:
    assert numbers.points_range(an_interval(-0.1, -0.168, 0.012, 9)) == "−16.8 to +1.2 pt"


@pytest.mark.parametrize(
    ("rule", "value", "side", "written"),
    [
        ("margin", 0.05, "limit", "−5.0 pt"),
        ("margin", -0.117, "found", "−11.7 pt"),
        ("corrected_margin", -0.05, "limit", "−5.0 pt"),
        ("corrected_margin", -0.117, "found", "−11.7 pt"),
        ("max_shift", 0.03, "limit", "± 3.0 pt"),
        ("floor", 0.9, "limit", "90.0 %"),
        ("max_regressions", 24.0, "found", "24"),
        ("latency_ms.p95.max_ratio", 1.2, "limit", "× 1.20"),
        ("cost_usd.mean.max", 0.0031, "limit", "0.0031 USD"),
    ],
)
def test_a_rule_speaks_its_own_unit(rule: str, value: float, side: str, written: str) -> None:
    assert numbers.rule_number(rule, value, "limit" if side == "limit" else "found") == written

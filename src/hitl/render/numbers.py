"""How numbers are written: one place, so that every view says the same.

What is not known is a dash, never `nan` and never 0. A share that is not exactly 0 or 1 is never rounded to it.
"""

from math import isfinite
from typing import Literal

from hitl.record.parts import ArmMeasure, ArmRate, IntervalPart

UNKNOWN = "—"
_MEASURES = {
    "latency_ms": "Latency",
    "cost_usd": "Cost",
    "output_tokens": "Output tokens",
    "input_tokens": "Input tokens",
    "output_chars": "Reply length",
}


def is_known(value: float | None) -> bool:
    """Whether there is a finite number."""
    return value is not None and isfinite(value)


def count(value: int | None) -> str:
    """Return a whole number with separators.

    >>> count(12345), count(None)
    ('12,345', '—')
    """
    return UNKNOWN if value is None else f"{value:,}"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun.

    >>> counted(1, "case"), counted(1200, "case")
    ('1 case', '1,200 cases')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(value: float | None) -> str:
    """Return a share as a percentage.

    >>> percent(0.925), percent(0.9999), percent(1.0), percent(0.0002)
    ('92.5 %', '> 99.9 %', '100 %', '< 0.1 %')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    return f"{_bare_percent(value)} %"


def level(confidence: float) -> str:
    """Return a confidence level.

    >>> level(0.95)
    '95 %'
    """
    return f"{confidence * 100:g} %"


def percent_range(low: float | None, high: float | None) -> str:
    """Return an interval of shares.

    >>> percent_range(0.81, 1.0)
    '81.0 to 100 %'
    """
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return UNKNOWN
    return f"{_bare_percent(low)} to {_bare_percent(high)} %"


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points, signed.

    >>> points(-0.031), points(0.0), points(0.00001)
    ('−3.1 pt', '0.0 pt', '+0.0 pt')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    return f"{_signed(value)} pt"


def points_range(part: IntervalPart | None) -> str:
    """Return the interval of a difference in percentage points."""
    return UNKNOWN if part is None else signed_range(part.low, part.high)


def signed_range(low: float | None, high: float | None) -> str:
    """Return two limits of a difference in percentage points.

    >>> signed_range(-0.02, 0.031), signed_range(None, 0.031)
    ('−2.0 to +3.1 pt', '—')
    """
    if low is None or high is None:
        return UNKNOWN
    return f"{_signed(low)} to {_signed(high)} pt"


def ratio(value: float | None) -> str:
    """Return a factor.

    >>> ratio(0.08), ratio(1.234), ratio(12.34), ratio(0.0004)
    ('× 0.08', '× 1.23', '× 12.3', '× 0.0004')
    """
    return UNKNOWN if value is None or not isfinite(value) else f"× {_factor(value)}"


def ratio_range(part: IntervalPart | None) -> str:
    """Return the interval of a factor."""
    if part is None or part.low is None or part.high is None:
        return UNKNOWN
    return f"{_factor(part.low)} to {_factor(part.high)}"


def p_value(value: float | None) -> str:
    """Return a p-value.

    >>> p_value(0.00004), p_value(0.0312), p_value(1.0), p_value(None)
    ('p < 0.001', 'p = 0.031', 'p = 1', '—')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    if value < 0.001:
        return "p < 0.001"
    return "p = 1" if value >= 0.9995 else f"p = {value:.3f}"


def number(value: float | None) -> str:
    """Return a plain number with as many figures as it deserves."""
    return UNKNOWN if value is None or not isfinite(value) else _minus(_figures(value))


def signed(value: float | None) -> str:
    """Return a difference with its sign and as many figures as it deserves.

    >>> signed(550.2), signed(-0.31), signed(0.0), signed(None)
    ('+550', '−0.31', '0', '—')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    return f"+{number(value)}" if value > 0 else number(value)


def grade(value: float | None) -> str:
    """Return a grade, or a mean of grades.

    >>> grade(4.0), grade(3.856), grade(None)
    ('4.00', '3.86', '—')
    """
    return UNKNOWN if value is None or not isfinite(value) else _minus(f"{value:,.2f}")


def grade_range(part: IntervalPart | None) -> str:
    """Return the interval of a mean grade."""
    if part is None or part.low is None or part.high is None:
        return UNKNOWN
    return f"{grade(part.low)} to {grade(part.high)}"


def grade_change(value: float | None) -> str:
    """Return a difference of grades, signed.

    >>> grade_change(-0.218), grade_change(0.0), grade_change(None)
    ('−0.22', '+0.00', '—')
    """
    return UNKNOWN if value is None or not isfinite(value) else _minus(f"{value:+,.2f}")


def grade_change_range(part: IntervalPart | None) -> str:
    """Return the interval of a difference of grades."""
    if part is None or part.low is None or part.high is None:
        return UNKNOWN
    return f"{grade_change(part.low)} to {grade_change(part.high)}"


def passed(arm: ArmRate) -> str:
    """Return how many cases pass, of how many."""
    return f"{arm.n_passed:,} of {arm.n:,}"


def quantity(measure: str, value: float | None) -> str:
    """Return a value of a measure with its unit, read from the measure's suffix.

    >>> quantity("latency_ms", 812.4), quantity("latency_ms", 23456.0), quantity("cost_usd", 0.00213)
    ('812 ms', '23.5 s', '0.00213 USD')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    if measure.endswith("_ms"):
        return f"{value / 1000:,.1f} s" if value >= 10_000 else f"{_figures(value)} ms"
    unit = " USD" if measure.endswith("_usd") else ""
    return f"{number(value)}{unit}"


def compared(arm: ArmMeasure, statistic: str) -> float | None:
    """Return the number of an arm that the ratio of its measure compares."""
    return {"mean": arm.mean, "p95": arm.p95}.get(statistic, arm.median)


def measure_name(measure: str) -> str:
    """Return what people call a measure."""
    return _MEASURES.get(measure, measure)


def rule_number(rule: str, value: float | None, side: Literal["found", "limit"]) -> str:
    """Return a rule's value or limit in the unit that the rule speaks."""
    if value is None or not isfinite(value):
        return UNKNOWN
    if rule in {"margin", "corrected_margin", "max_shift"}:
        return _limit_in_points(rule, value) if side == "limit" else points(value)
    if rule == "floor":
        return percent(value)
    if rule.endswith(".max_ratio"):
        return ratio(value)
    if rule.startswith("forecast."):
        return forecast_number(rule.split(".")[1], value, is_change=rule.endswith(".max_increase"))
    return quantity(rule.split(".", 1)[0], value) if "." in rule else number(value)


def forecast_number(measure: str, value: float | None, *, is_change: bool = False) -> str:
    """Return a number of the forecast in its unit.

    >>> forecast_number("override_rate", 0.061), forecast_number("p95_wait_minutes", 31.4)
    ('6.1 %', '31.4 min')
    >>> forecast_number("override_rate", 0.02, is_change=True), forecast_number("utilisation", 1.31)
    ('+2.0 pt', '131 %')
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    if measure.endswith("_rate"):
        return points(value) if is_change else percent(value)
    if measure == "utilisation":
        return points(value) if is_change else f"{_figures(value * 100)} %"
    unit = {
        "p95_wait_minutes": " min",
        "reviewer_hours_per_week": " h",
        "cost_usd_per_week": " USD",
    }
    return number(value) + unit.get(measure, "")


def _limit_in_points(rule: str, value: float) -> str:
    return f"± {points(abs(value)).lstrip('+')}" if rule == "max_shift" else points(-abs(value))


def _bare_percent(value: float) -> str:
    if value in {0.0, 1.0}:
        return f"{value * 100:.0f}"
    if 0 < value < 0.001:
        return "< 0.1"
    if 0.999 < value < 1:
        return "> 99.9"
    return _minus(f"{value * 100:.1f}")


def _signed(value: float) -> str:
    return _minus(f"{value * 100:+.1f}") if value else "0.0"


def _figures(value: float) -> str:
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.0995 else f"{value:.3g}"


def _factor(value: float) -> str:
    return f"{value:.2f}" if 0.0995 <= value < 10 else _figures(value)


def _minus(text: str) -> str:
    return text.replace("-", "−")

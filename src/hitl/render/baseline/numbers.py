"""How the numbers of a baseline are written, by their unit; what is refused is said, never blank and never 0."""

from math import isfinite
from typing import assert_never

from hitl.decisions.measures.parts import Calibration, Measured, TargetPart
from hitl.decisions.measures.words import Stand, Unit
from hitl.render import numbers
from hitl.render.baseline.words import NOT_SAID, target_unit

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_BILLION = 1_000_000_000
NO_INTERVAL = "no interval"
BETWEEN = "; "
"""What stands between the parts of a reason."""


def is_said(measured: Measured | None) -> bool:
    """Whether there is a number: it is measured, and finite."""
    return (
        measured is not None
        and measured.stand is Stand.MEASURED
        and numbers.is_known(measured.value)
    )


def figure(measured: Measured | None) -> str:
    """Return the number with its unit, or that it is not said."""
    if measured is None or not is_said(measured):
        return NOT_SAID
    return in_unit(measured.unit, measured.value)


def interval(measured: Measured) -> str:
    """Return the two limits with their unit, or that there are none."""
    limits = range_in_unit(measured.unit, measured.low, measured.high)
    return NO_INTERVAL if limits == numbers.UNKNOWN else limits


def why_not(measured: Measured | None) -> str:
    """Return why a number is not said."""
    if measured is None:
        return "this baseline does not have it"
    return measured.reason or "no reason is given in the baseline"


def beyond(reason: str, told: str) -> str:
    """Return what of a reason was not told yet.

    >>> beyond("few; old; by one person", "old; new")
    'few; by one person'
    """
    known = told.split(BETWEEN)
    return BETWEEN.join(part for part in reason.split(BETWEEN) if part not in known)


def basis(measured: Measured) -> str:
    """Return on how many decisions a number stands, and of how many it speaks where these are more."""
    stands_on = f"n = {measured.n:,}"
    return (
        stands_on
        if measured.population == measured.n
        else f"{stands_on} of {measured.population:,}"
    )


def in_unit(unit: Unit, value: float | None) -> str:
    """Return a value with its unit.

    >>> in_unit(Unit.SHARE, 0.081), in_unit(Unit.SECONDS, 95.0), in_unit(Unit.LOG_ODDS, 0.4)
    ('8.1 %', '95 s', '+0.40')
    """
    return numbers.UNKNOWN if value is None or not isfinite(value) else _written(unit, value)


def range_in_unit(unit: Unit, low: float | None, high: float | None) -> str:
    """Return two limits, with the unit once where both have the same.

    >>> range_in_unit(Unit.SECONDS, 40.0, 95.0), range_in_unit(Unit.SECONDS, 40.0, 240.0)
    ('40 to 95 s', '40 s to 4 min')
    """
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return numbers.UNKNOWN
    if unit is Unit.SHARE:
        return numbers.percent_range(low, high)
    if unit is Unit.SCORE and max(abs(low), abs(high)) >= 1:
        return f"{low:,.2f} to {high:,.2f}".replace("-", "−")
    first, second = in_unit(unit, low), in_unit(unit, high)
    tail = second.rpartition(" ")[2]
    shared = " " in second and first.endswith(f" {tail}")
    return f"{first.removesuffix(f' {tail}') if shared else first} to {second}"


def duration(seconds: float) -> str:
    """Return a time in the unit that people would say.

    >>> duration(0.4), duration(95.2), duration(300), duration(5400), duration(36_000), duration(200_000)
    ('0.40 s', '95.2 s', '5 min', '90 min', '10 h', '2.31 days')
    """
    size = abs(seconds)
    if size < 2 * _MINUTE:
        return f"{numbers.number(seconds)} s"
    if size < 2 * _HOUR:
        return f"{numbers.number(seconds / _MINUTE)} min"
    if size < 2 * _DAY:
        return f"{numbers.number(seconds / _HOUR)} h"
    return f"{numbers.number(seconds / _DAY)} days"


def dollars(value: float) -> str:
    """Return an amount; a limit beyond all reason is not written out.

    >>> dollars(1234.5), dollars(0.0203), dollars(5e48)
    ('1,234.50 USD', '0.0203 USD', 'over 1,000,000,000 USD')
    """
    if value > _BILLION:
        return f"over {_BILLION:,} USD"
    return f"{value:,.2f} USD" if value >= 1 else f"{value:.3g} USD"


def score(value: float | None) -> str:
    """Return a score with three decimals, two from 1 on.

    >>> score(0.0312), score(-1.5), score(None)
    ('0.031', '−1.50', '—')
    """
    if value is None or not isfinite(value):
        return numbers.UNKNOWN
    return (f"{value:.3f}" if abs(value) < 1 else f"{value:,.2f}").replace("-", "−")


def in_target(name: str, value: float | None) -> str:
    """Return a value as its target counts it.

    >>> in_target("escalation_rate", 0.15), in_target("review_latency_p95_minutes", 5.0)
    ('15.0 %', '5 min')
    """
    unit = target_unit(name)
    if not unit:
        return numbers.percent(value)
    return f"{numbers.number(value)} {unit}" if numbers.is_known(value) else numbers.UNKNOWN


def target_range(target: TargetPart) -> str:
    """Return the interval of a metric beside its target, that it is exact, or that there is none."""
    if target.low is None or target.high is None:
        return NO_INTERVAL
    if target.low == target.high:
        return "exact"
    unit = target_unit(target.name)
    if not unit:
        return numbers.percent_range(target.low, target.high)
    return f"{numbers.number(target.low)} to {numbers.number(target.high)} {unit}"


def wanted(target: TargetPart) -> str:
    """Return the range in which a metric should lie.

    >>> from hitl.decisions.measures.words import Met
    >>> wanted(TargetPart(name="error_escape_rate", at_most=0.02, n=0, met=Met.UNMEASURED))
    'at most 2.0 %'
    """
    low, high = in_target(target.name, target.at_least), in_target(target.name, target.at_most)
    if target.at_least is not None and target.at_most is not None:
        return f"{low} to {high}"
    if target.at_least is not None:
        return f"at least {low}"
    return f"at most {high}" if target.at_most is not None else "no limit"


def calibrated(part: Calibration) -> str:
    """Return the calibration error beside what chance alone would give, and what that means."""
    if not numbers.is_known(part.error):
        return f"Calibration error {NOT_SAID}{_because(part.note)}."
    found = f"Calibration error {score(part.error)}"
    if part.null_low is None or part.null_high is None or part.is_miscalibrated is None:
        return f"{found}; whether that is more than chance cannot be said{_because(part.note)}."
    band = f"{found}; by chance alone {score(part.null_low)} to {score(part.null_high)}"
    if part.is_miscalibrated:
        return f"{band}: confidence is not what it says."
    return f"{band}: no sign of miscalibration."


def _because(note: str) -> str:
    return f": {note.rstrip('.')}" if note else ""


def _written(unit: Unit, value: float) -> str:
    match unit:
        case Unit.SHARE:
            return numbers.percent(value)
        case Unit.SECONDS:
            return duration(value)
        case Unit.PER_10000 | Unit.WEIGHT:
            return numbers.number(value)
        case Unit.USD:
            return dollars(value)
        case Unit.LOG_ODDS:
            return f"{value:+.2f}".replace("-", "−")
        case Unit.SCORE:
            return score(value)
        case _:
            assert_never(unit)

"""What a model's confidence means, and what labels would buy, in words that the page and the terminal share."""

from collections.abc import Mapping

from hitl.recalibrate.parts import Figure, Fit, ScoreCalibration, Simulated
from hitl.render import numbers
from hitl.render.baseline.numbers import score
from hitl.render.text import brief

NONE = "none"
"""The fit that leaves scores as they are."""
_MOST_PARAMETERS = 4
_TITLES: Mapping[str, str] = {
    "none": "as it is",
    "temperature": "temperature",
    "platt": "Platt",
    "beta": "beta",
    "isotonic": "isotonic",
}
_SAME = 1e-12
_NARROW = 0.2
"""Width of an interval of the AUC from which on it says little."""


def whose(found: ScoreCalibration) -> str:
    """Return of which decisions a calibration speaks."""
    return "all action types" if found.action_type is None else brief(found.action_type, 60)


def method(name: str) -> str:
    """Return what people call a way to repair scores.

    >>> method("platt"), method("none")
    ('Platt', 'as it is')
    """
    return _TITLES.get(name) or brief(name, 40)


def finding(found: ScoreCalibration) -> str:
    """Return whether confidence means what it says, and what would repair it, in one sentence or two."""
    raw = fit_of(found, NONE)
    if found.is_constant:
        return f"The model says the same of nearly everything{_share(found)}: {_reason(found, 'no threshold can tell its decisions apart')}."
    if found.is_uninformative and not _is_narrow(found.auc):
        return f"Whether confidence tells right from wrong cannot be said{_auc(found.auc)}: {_reason(found, 'too few labels')}."
    if found.is_uninformative:
        return f"Confidence is not seen to tell right from wrong{_auc(found.auc)}: {_reason(found, 'no threshold can stand on it')}."
    if raw is None or raw.error is None:
        return f"Whether confidence means what it says cannot be said: {_reason(found, 'no repair was judged')}."
    return f"Calibration error {score(raw.error.value)}, by chance alone {limits(raw.error)}: {_judged(raw.error, found)}{_repair(found)}."


def fit_of(found: ScoreCalibration, name: str | None) -> Fit | None:
    """Return the fit of a name; none where there is none."""
    return next((one for one in found.fits if one.method == name), None)


def is_beyond_chance(figure: Figure) -> bool:
    """Whether a calibration error lies above what perfect scores would show."""
    return figure.high is not None and figure.value > figure.high


def tone(found: ScoreCalibration) -> str:
    """Return the state whose colours a calibration has."""
    raw = fit_of(found, NONE)
    if found.is_constant:
        return "fail"
    if found.is_uninformative:
        return "fail" if _is_narrow(found.auc) else "unmeasured"
    if raw is None or raw.error is None or raw.error.high is None:
        return "unmeasured"
    return "undecided" if is_beyond_chance(raw.error) else "pass"


def limits(figure: Figure | None) -> str:
    """Return both limits of a number; of a calibration error, the band in which perfect scores would lie."""
    if figure is None or figure.low is None or figure.high is None:
        return numbers.UNKNOWN
    return f"{score(figure.low)} to {score(figure.high)}"


def with_limits(figure: Figure | None) -> str:
    """Return a number with its limits.

    >>> with_limits(Figure(value=0.71, low=0.64, high=0.79, n=100))
    '0.710 (0.640 to 0.790)'
    """
    if figure is None:
        return numbers.UNKNOWN
    return score(figure.value) + (
        f" ({limits(figure)})" if limits(figure) != numbers.UNKNOWN else ""
    )


def parameters(fit: Fit) -> str:
    """Return what was fitted; of a table, how many steps it has."""
    said = [
        f"{brief(name, 30)} {score(value) if isinstance(value, float) else numbers.counted(len(value), 'point')}"
        for name, value in list(fit.parameters.items())[:_MOST_PARAMETERS]
    ]
    return ", ".join(said)


def broken(line: Simulated) -> str:
    """Return how often a rule broke its promise, with exact limits."""
    return f"{numbers.percent(line.broken)} ({numbers.percent_range(line.broken_low, line.broken_high)})"


def is_broken(line: Simulated, delta: float) -> bool:
    """Whether a rule is seen to break its promise more often than it may."""
    return line.broken_low > delta + _SAME


def _share(found: ScoreCalibration) -> str:
    return "" if found.top_share is None else f" ({numbers.percent(found.top_share)} of it)"


def _judged(error: Figure, found: ScoreCalibration) -> str:
    if error.high is None:
        return _reason(found, "whether that is more than chance cannot be said")
    if not is_beyond_chance(error):
        return _reason(found, "no sign that confidence is not what it says")
    return _reason(found, "confidence is not what it says") + _spread(found.slope)


def _spread(slope: Figure | None) -> str:
    """A slope tells how far apart scores lie, and not whether they are too high: all may be too low, and the slope below 1."""
    if slope is None or slope.low is None or slope.high is None:
        return ""
    if slope.high < 1:
        return (
            f"; high and low values lie further apart than the results (slope {score(slope.value)})"
        )
    return (
        f"; high and low values lie less far apart than the results (slope {score(slope.value)})"
        if slope.low > 1
        else ""
    )


def _repair(found: ScoreCalibration) -> str:
    chosen = fit_of(found, found.recommended)
    if chosen is None or chosen.error is None:
        return ""
    return (
        f". {method(chosen.method)[0].upper()}{method(chosen.method)[1:]} brings it to {score(chosen.error.value)}"
        " on decisions that it was not fitted on"
    )


def _is_narrow(auc: Figure | None) -> bool:
    """A wide interval holds 0.5 because little is known, and not because there is little to know."""
    return (
        auc is not None
        and auc.low is not None
        and auc.high is not None
        and auc.high - auc.low <= _NARROW
    )


def _auc(auc: Figure | None) -> str:
    return "" if auc is None else f" (AUC {score(auc.value)}, {limits(auc)})"


def _reason(found: ScoreCalibration, otherwise: str) -> str:
    return brief(found.reason, 400).rstrip(".") or otherwise

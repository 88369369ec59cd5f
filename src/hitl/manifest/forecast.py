"""What a release says of the forecast: which of its numbers a gate class may limit, and where replies name the decision."""

from enum import StrEnum

from hitl.document.schema import Document, Identifier

FORECAST = "forecast"
"""Stands where a gate class names no subset: it is about the traffic, and not about cases."""
_PREFIX = "forecast."


class Setting(StrEnum):
    """A policy under which the candidate is forecast."""

    AS_IT_IS = "as_it_is"
    """The policy of the release, unchanged."""
    RECALIBRATED = "recalibrated"
    """With the thresholds that a recalibration proposes."""
    HELD = "held"
    """With thresholds that the reviewers can carry."""


class ForecastMeasure(StrEnum):
    """A number of the forecast that a gate class may limit, as `forecast.NAME`."""

    OVERRIDE_RATE = "override_rate"
    ESCALATION_RATE = "escalation_rate"
    AUTO_RESOLVE_RATE = "auto_resolve_rate"
    ERROR_ESCAPE_RATE = "error_escape_rate"
    REVIEWS_PER_WEEK = "reviews_per_week"
    REVIEWER_HOURS_PER_WEEK = "reviewer_hours_per_week"
    COST_USD_PER_WEEK = "cost_usd_per_week"
    P95_WAIT_MINUTES = "p95_wait_minutes"
    """Of the pool that waits longest."""
    UTILISATION = "utilisation"
    """Of the pool with the most work for its people."""


class DecisionFields(Document):
    """Where a reply's JSON says what the decision is; a field of the reply itself goes before it."""

    action_type: Identifier | None = None
    """Path of the action type, such as `action.kind`."""
    confidence: Identifier | None = None
    """Path of the confidence, a number from 0 to 1."""
    risk: Identifier | None = None
    """Path of a stated risk; it raises the risk of the action type and never lowers it."""


def names_forecast(metric: str | None) -> bool:
    """Say whether a metric is meant to be a number of the forecast, known or not."""
    return metric is not None and metric.startswith(_PREFIX)


def forecast_measure(metric: str | None) -> ForecastMeasure | None:
    """Return the number of the forecast that a metric names; None for any other metric.

    Raises:
        ValueError: the forecast has no such number.

    >>> forecast_measure("forecast.override_rate"), forecast_measure("latency_ms")
    (<ForecastMeasure.OVERRIDE_RATE: 'override_rate'>, None)
    """
    if metric is None or not names_forecast(metric):
        return None
    name = metric.removeprefix(_PREFIX)
    if name not in set(ForecastMeasure):
        known = ", ".join(_PREFIX + one for one in ForecastMeasure)
        raise ValueError(f"the forecast has no {name[:60]!r}; expected one of {known}")
    return ForecastMeasure(name)

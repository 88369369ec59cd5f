"""A gate class: a subset, the authority of its failure, and the rules that decide it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from hitl.document.schema import Amount, Count, Document, Identifier, Json, OpenShare, Slug
from hitl.manifest.forecast import FORECAST, Setting, forecast_measure, names_forecast

DEFAULT_MARGIN = 0.05
"""A gate class that states no rule gets this margin."""


class Authority(StrEnum):
    """What a failure may do."""

    BLOCK = "block"
    CONDITIONAL = "conditional"
    SIGNAL = "signal"
    ROLLBACK_TRIGGER = "rollback_trigger"


class Statistic(StrEnum):
    """What of a measure is compared."""

    MEAN = "mean"
    MEDIAN = "median"
    P95 = "p95"


class GateClass(Document):
    """Rules of one subset; all that is stated must hold."""

    subset: Slug = FORECAST
    """A subset of the golden set; it may stand in several gate classes. A class on the forecast alone may leave it out."""
    authority: Authority
    """What a failure of these rules may do."""
    margin: OpenShare | None = None
    """Proof that the candidate's pass rate is not worse by more than this (paired non-inferiority)."""
    max_shift: OpenShare | None = None
    """Proof that the pass rate moved by no more than this in either direction (paired equivalence)."""
    floor: OpenShare | None = None
    """The one-sided lower limit of the candidate's pass rate is at least this."""
    max_regressions: Count | None = None
    """Most cases that the previous arm passes and the candidate fails, in any repeat more than before."""
    max_failures: Count | None = None
    """Most cases that the candidate fails in any repeat."""
    min_cases: Annotated[int, Field(ge=1)] | None = None
    """Fewest cases on which a verdict may stand."""
    metric: Identifier | None = None
    """latency_ms, cost_usd, output_tokens, input_tokens, output_chars, a numeric label, or a number of the forecast such
    as `forecast.override_rate`."""
    statistic: Statistic = Statistic.MEDIAN
    """What of the metric is compared, over case means."""
    max: Amount | None = None
    """The candidate's statistic is at most this."""
    max_ratio: Annotated[float, Field(gt=0)] | None = None
    """candidate / previous is at most this."""
    max_increase: float | None = None
    """candidate - previous is at most this."""
    setting: Setting = Setting.AS_IT_IS
    """Of a forecast metric: under which policy."""
    on_failure: tuple[dict[Identifier, Json], ...] = ()
    """Conditions under which a conditional failure may ship, such as `{force_review: remediation}`."""

    @model_validator(mode="after")
    def _metric_and_limits_go_together(self) -> Self:
        limits = (self.max, self.max_ratio, self.max_increase)
        if self.metric is None and any(limit is not None for limit in limits):
            raise ValueError(
                "`max`, `max_ratio` and `max_increase` need a `metric`, such as latency_ms"
            )
        if self.metric is not None and all(limit is None for limit in limits):
            raise ValueError("`metric` needs a limit: `max`, `max_ratio` or `max_increase`")
        if self.metric is None and "statistic" in self.model_fields_set:
            raise ValueError("`statistic` needs a `metric`, such as latency_ms")
        if self.on_failure and self.authority is not Authority.CONDITIONAL:
            raise ValueError(
                "`on_failure` belongs to authority `conditional`; no condition lifts another authority"
            )
        if any(
            not condition or any(value in (None, False, "") for value in condition.values())
            for condition in self.on_failure
        ):
            raise ValueError(
                "`on_failure` has a condition that asks for nothing; expected something like {rollout_percent: 5}"
            )
        return self

    @model_validator(mode="after")
    def _forecast_is_sound(self) -> Self:
        given = self.model_fields_set
        if forecast_measure(self.metric) is None:
            if "setting" in given:
                raise ValueError(
                    "`setting` belongs to a forecast metric, such as forecast.override_rate"
                )
            if "subset" not in given:
                raise ValueError(
                    "`subset` is missing; only a class on the forecast alone may leave it out"
                )
            return self
        if "statistic" in given:
            raise ValueError("`statistic` does not apply to a forecast, which is one number")
        if self.subset == FORECAST and self.reads_cases:
            raise ValueError("has rules on cases and names no `subset`; expected two classes")
        return self

    @property
    def is_forecast(self) -> bool:
        """Whether its metric is a number of the forecast."""
        return names_forecast(self.metric)

    @property
    def is_about_traffic(self) -> bool:
        """Whether it is about the forecast alone, and no case of the golden set."""
        return self.is_forecast and self.subset == FORECAST

    @property
    def reads_cases(self) -> bool:
        """Whether a rule of its own reads how cases passed."""
        rules = (self.margin, self.max_shift, self.floor, self.max_regressions, self.max_failures)
        return any(rule is not None for rule in (*rules, self.min_cases))

    def effective(self) -> "GateClass":
        """Return the class with the documented default rule if it states none.

        `min_cases` alone says how many cases are enough, and not what they must show.
        """
        rules = (
            self.margin,
            self.max_shift,
            self.floor,
            self.max_regressions,
            self.max_failures,
            self.metric,
        )
        if all(rule is None for rule in rules):
            return self.model_copy(update={"margin": DEFAULT_MARGIN})
        return self

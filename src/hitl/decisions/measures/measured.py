"""One number or its refusal: the only way in which a baseline says anything."""

from dataclasses import dataclass

from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.words import Metric, Stand, Unit
from hitl.stats.interval import Interval

_SHARES = {
    Metric.OVERRIDE_RATE, Metric.APPROVE_RATE, Metric.MODIFY_RATE, Metric.REJECT_RATE, Metric.PASSED_ON_RATE,
    Metric.TIMEOUT_RATE, Metric.REVIEWER_AGREEMENT, Metric.ESCALATION_RATE, Metric.SYNC_REVIEW_RATE,
    Metric.AUTO_RESOLVE_RATE, Metric.ERROR_ESCAPE_RATE, Metric.LABELLED_ERROR_RATE, Metric.DETECTION_RATE,
    Metric.DETECTED_ESCAPE_RATE, Metric.PRECISION, Metric.RECALL, Metric.REVIEW_PRECISION, Metric.REVIEW_RECALL,
    Metric.BAD_IF_OVERRIDDEN, Metric.BAD_IF_APPROVED,
}  # fmt: skip
_UNITS = {
    Metric.ESCALATIONS_PER_10000: Unit.PER_10000,
    Metric.REVIEW_SECONDS_MEDIAN: Unit.SECONDS,
    Metric.REVIEW_SECONDS_P95: Unit.SECONDS,
    Metric.REVIEW_SECONDS_GEOMETRIC_MEAN: Unit.SECONDS,
    Metric.WAIT_SECONDS_MEDIAN: Unit.SECONDS,
    Metric.WAIT_SECONDS_P95: Unit.SECONDS,
    Metric.WEIGHTED_FALSE_POSITIVES: Unit.WEIGHT,
    Metric.COST_PER_CORRECTED: Unit.USD,
    Metric.OUTCOME_LOG_ODDS: Unit.LOG_ODDS,
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a number is about, and how much of it has what the number needs."""

    population: int
    attributed: int
    has: str
    """What the attributed ones do, such as `name the model that answered`."""
    nothing: str = "there is no such decision"
    """Why there is no number where the population is empty."""
    what: str = "decisions"
    """What the population is."""

    @property
    def unattributed(self) -> float | None:
        """Share of the population that lacks what the number needs."""
        return (self.population - self.attributed) / self.population if self.population else None

    @property
    def gap(self) -> str:
        """What of the population the number does not cover; empty if it covers all."""
        if not self.has or self.attributed >= self.population:
            return ""
        return f"{only(self.attributed, self.population, self.what)} {self.has}"

    def refusal(self, floor: float) -> str:
        """Return why no number can stand on this; empty if one can."""
        if not self.population:
            return self.nothing
        if self.attributed and reaches(self.attributed, self.population, floor):
            return ""
        return f"{only(self.attributed, self.population, self.what)} {self.has}; the floor is {percent(floor)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval, in the unit of its metric."""

    value: float
    low: float | None
    high: float | None
    method: str
    n: int
    k: int | None = None

    @classmethod
    def of(cls, interval: Interval, k: int | None = None) -> "Figure":
        """Return the figure of an interval."""
        return cls(interval.estimate, interval.low, interval.high, interval.method, interval.n, k)

    def scaled(self, factor: float) -> "Figure":
        """Return the figure in another unit."""
        low, high = (None if one is None else one * factor for one in (self.low, self.high))
        return Figure(self.value * factor, low, high, self.method, self.n, self.k)


def unit_of(metric: Metric) -> Unit:
    """Return what a metric counts in."""
    return Unit.SHARE if metric in _SHARES else _UNITS.get(metric, Unit.SCORE)


def measured(metric: Metric, basis: Basis, figure: Figure, *notes: str) -> Measured:
    """State a number; notes say what limits it, beside what of its population it does not cover."""
    return Measured(
        metric=metric,
        stand=Stand.MEASURED,
        reason=joined(basis.gap, *notes),
        unit=unit_of(metric),
        value=rounded(figure.value),
        low=rounded(figure.low),
        high=rounded(figure.high),
        method=figure.method,
        k=figure.k,
        n=figure.n,
        population=basis.population,
        unattributed=rounded(basis.unattributed),
    )


def refused(metric: Metric, basis: Basis, reason: str) -> Measured:
    """State that there is no number, and why."""
    return Measured(
        metric=metric,
        stand=Stand.REFUSED,
        reason=reason,
        unit=unit_of(metric),
        n=basis.attributed,
        population=basis.population,
        unattributed=rounded(basis.unattributed),
    )


def joined(*notes: str) -> str:
    """Return notes as one text."""
    return "; ".join(dict.fromkeys(note for note in notes if note))


def reaches(k: int, n: int, floor: float) -> bool:
    """Say whether a share is at least the floor; a product of floats must not refuse a share that is just the floor.

    >>> reaches(7, 100, 0.07), 7 >= 0.07 * 100
    (True, False)
    """
    return k >= floor * n - 1e-9


def counted(n: int, what: str) -> str:
    """Return a number of things that are named in the singular.

    >>> counted(1, "decision"), counted(1234, "day")
    ('1 decision', '1,234 days')
    """
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def only(k: int, n: int, what: str) -> str:
    """Return how few of a number there are.

    >>> only(765, 1234, "decisions"), only(0, 7, "decisions")
    ('only 62 % of 1,234 decisions', 'none of 7 decisions')
    """
    if k:
        return f"only {percent(k / n)} of {n:,} {what}"
    return f"none of {n:,} {what}" if n > 1 else f"none of the {what} (there is one)"


def percent(share: float) -> str:
    """Return a share as text; one that is not 0 or 1 is never rounded to it.

    >>> percent(0.8), percent(0.99999), percent(0.0001), percent(1.0)
    ('80 %', '99.9 %', '0.1 %', '100 %')
    """
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    return f"{min(max(share * 100, 0.1), 99.9):.1f}".removesuffix(".0") + " %"


def rounded(value: float | None) -> float | None:
    """Keep twelve significant digits: the last few depend on the machine's linear algebra."""
    return None if value is None else float(f"{value:.12g}")

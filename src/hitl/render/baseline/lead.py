"""What a release owner reads first: one sentence, the count of targets, and what the log does not tell."""

from collections import Counter

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Attribution
from hitl.decisions.measures.words import Met, Metric
from hitl.render import numbers
from hitl.render.baseline.numbers import basis, figure, interval, is_said, why_not
from hitl.render.baseline.sections import all_decisions, of
from hitl.render.text import brief

_REASON = 300


def headline(baseline: Baseline) -> str:
    """Return what people do with what the model proposes, in one sentence."""
    override = of(all_decisions(baseline), Metric.OVERRIDE_RATE)
    if override is None or not is_said(override):
        return f"How often people override cannot be said: {brief(why_not(override), _REASON).rstrip('.')}."
    limits = f"{interval(override)}, {basis(override)}"
    return f"People changed or rejected {figure(override)} of what they acted on ({limits})."


def targets_in_words(baseline: Baseline) -> str:
    """Return how many targets are in which state, every target counted once."""
    found = Counter(target.met for target in baseline.targets)
    states = [f"{found[met]:,} {met.value}" for met in Met if found[met]]
    return ", ".join(states) or "no target"


def days(first: str | None, last: str | None) -> str:
    """Return the days of a log or of a model.

    >>> days("2026-05-01", "2026-05-31"), days("2026-05-01", "2026-05-01"), days(None, None)
    ('2026-05-01 to 2026-05-31', '2026-05-01', 'the log gives no time')
    """
    if first is None or last is None:
        return brief(first or last or "the log gives no time", 40)
    return brief(first, 40) if first == last else f"{brief(first, 40)} to {brief(last, 40)}"


def missing(part: Attribution) -> str:
    """Return the share of decisions of which the log does not tell a column.

    >>> missing(Attribution(key="lane", n=75, population=100, is_enough=False))
    '25.0 %'
    """
    return numbers.percent(1 - part.n / part.population) if part.population else numbers.UNKNOWN


def least_known(attribution: tuple[Attribution, ...], most: int) -> tuple[Attribution, ...]:
    """Return the columns that the log tells of the fewest decisions, worst first."""
    rows = [part for part in attribution if part.n < part.population]
    return tuple(sorted(rows, key=lambda part: part.n / part.population)[:most])

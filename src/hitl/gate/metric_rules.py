"""Metric rules: limits on latency, cost, tokens, length or a numeric grade."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hitl.gate.rules import RuleResult, Terms
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import GateClass
from hitl.score.measures import Chance, MeasureColumns, compare_columns, statistic_interval
from hitl.stats.interval import Interval

T = TypeVar("T")


def metric_rules(
    gate: GateClass, columns: MeasureColumns, terms: Terms, chance: Chance
) -> list[RuleResult]:
    """Apply the metric limits of a gate class.

    A limit holds when the one-sided upper limit of the measure respects it, is broken when the
    lower one does not, and is undecided between.
    """
    confidence = 2 * terms.confidence - 1
    found: list[tuple[str, float, Interval | None]] = []
    if gate.max is not None:
        alone = _if_known(
            columns,
            lambda: statistic_interval(columns, gate.statistic, confidence, chance),
        )
        found.append(("max", gate.max, alone))
    if gate.max_ratio is not None or gate.max_increase is not None:
        comparison = _if_known(
            columns, lambda: compare_columns(columns, gate.statistic, confidence, chance)
        )
        if gate.max_ratio is not None:
            found.append(("max_ratio", gate.max_ratio, comparison.ratio if comparison else None))
        if gate.max_increase is not None:
            found.append(
                ("max_increase", gate.max_increase, comparison.increase if comparison else None)
            )
    return [
        _decide(f"{gate.metric}.{gate.statistic}.{rule}", limit, interval, columns, terms)
        for rule, limit, interval in found
    ]


def _if_known(columns: MeasureColumns, measure: Callable[[], T | None]) -> T | None:
    """Measure where no case lacks a value: unlike a pass rate, a lost latency has no worst value to assume."""
    return measure() if columns.missing_share == 0 else None


def _decide(
    rule: str, limit: float, interval: Interval | None, columns: MeasureColumns, terms: Terms
) -> RuleResult:
    n = int(columns.known.sum())
    empty = RuleResult(rule, terms.authority, None, limit, State.UNMEASURED, n, None, None, "")
    if interval is None:
        return replace(empty, message=f"not measured: {_why(columns)}")
    seen = f"{interval.estimate:.4g} [{interval.low:.4g}, {interval.high:.4g}] at {terms.confidence * 100:g}% a side (n = {n})"
    if interval.high <= limit:
        state, word = State.PASS, "within the limit"
    elif interval.low > limit:
        state, word = State.FAIL, "above the limit"
    else:
        state, word = State.UNDECIDED, "straddles the limit"
    message = f"{word}: {seen}, limit {limit:g}"
    return replace(
        empty,
        value=interval.estimate,
        state=state,
        low=interval.low,
        high=interval.high,
        message=message,
    )


def _why(columns: MeasureColumns) -> str:
    n, of = int(columns.known.sum()), len(columns)
    if columns.missing_share > 0:
        return f"{of - n} of {of} cases lack {columns.name} in an arm, and the lost ones may be the worst"
    return f"too few cases, or no value to divide by, for an interval (n = {n})"

"""A comparison of decision logs as one HTML page that needs nothing else, loads nothing and runs nothing."""

from dataclasses import dataclass

from jinja2 import Environment

from hitl.decisions.change.comparison import LogComparison
from hitl.decisions.change.parts import MetricChange
from hitl.decisions.measures.words import Metric, Stand
from hitl.render import log_compare_words as words
from hitl.render import numbers
from hitl.render.baseline import numbers as baseline_numbers
from hitl.render.baseline import words as baseline_words
from hitl.render.chart import WIDTH
from hitl.render.log_compare_chart import (
    Axis,
    Pair,
    Parts,
    level_axis,
    pair_of,
    part_axis,
    parts_of,
)
from hitl.render.paper import paper, style_hash
from hitl.render.text import brief

_SECTIONS: tuple[tuple[str, str, tuple[Metric, ...]], ...] = (
    ("people", "What people did", (
        Metric.OVERRIDE_RATE, Metric.APPROVE_RATE, Metric.MODIFY_RATE, Metric.REJECT_RATE, Metric.PASSED_ON_RATE,
        Metric.TIMEOUT_RATE, Metric.REVIEWER_AGREEMENT,
    )),
    ("routes", "Where decisions went", (
        Metric.ESCALATION_RATE, Metric.SYNC_REVIEW_RATE, Metric.AUTO_RESOLVE_RATE, Metric.ESCALATIONS_PER_10000,
    )),
    ("time", "How long it took, and how content people were", (
        Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, Metric.SATISFACTION,
    )),
    ("truth", "Errors and outcomes", (
        Metric.ERROR_ESCAPE_RATE, Metric.LABELLED_ERROR_RATE, Metric.BAD_IF_APPROVED, Metric.OUTCOME_LOG_ODDS,
    )),
)  # fmt: skip
_MOST_SOURCES = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of a table."""

    metric: MetricChange
    title: str
    sentence: str
    is_said: bool
    pair: Pair | None
    parts: Parts | None


@dataclass(frozen=True, slots=True)
class Section:
    """Metrics of one subject, on one scale."""

    id: str
    title: str
    axis: Axis | None
    rows: tuple[Row, ...]


def render_log_comparison(comparison: LogComparison) -> str:
    """Return the page: self-contained, no script, and every text of a log escaped."""
    style = _ENVIRONMENT.get_template("log_compare_style.css.jinja").render()
    said = [one for one in comparison.metrics if one.crude.stand is Stand.MEASURED]
    bars = part_axis(comparison.metrics)
    return _ENVIRONMENT.get_template("log_compare.html.jinja").render(
        comparison=comparison,
        style_hash=style_hash(style),
        headline=headline(comparison),
        changed=words.changed_lines(comparison),
        sections=[_section(comparison, bars, *one) for one in _SECTIONS],
        bars=bars,
        actions=[one for one in comparison.metrics if one.by_action_type],
        limits=[f"{words.title(one)}: {one.reason}." for one in said if one.reason],
        most_sources=_MOST_SOURCES,
    )


def headline(comparison: LogComparison) -> str:
    """Return what became of the override rate, which most readers came for."""
    override = next(one for one in comparison.metrics if one.metric is Metric.OVERRIDE_RATE)
    return words.sentence(override)


def _section(
    comparison: LogComparison, bars: Axis, name: str, title: str, wanted: tuple[Metric, ...]
) -> Section:
    found = [one for one in comparison.metrics if one.metric in wanted]
    axis = level_axis(found)
    rows = [
        Row(
            metric=one,
            title=words.title(one),
            sentence=baseline_words.METRICS[one.metric].sentence,
            is_said=one.crude.stand is Stand.MEASURED,
            pair=pair_of(one, axis),
            parts=parts_of(one, bars),
        )
        for one in found
    ]
    return Section(name, title, axis, tuple(rows))


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(numbers=numbers, said=baseline_numbers, words=words, width=WIDTH)
    environment.filters.update(brief=brief, count=numbers.count, percent=numbers.percent)
    return environment


_ENVIRONMENT = _environment()

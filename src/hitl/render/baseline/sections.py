"""What stands where on the page of a baseline: the numbers of all decisions, and one number by the values of a key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group, Measured
from hitl.decisions.measures.words import Metric
from hitl.render.baseline.chart import Axis, Dot, axis_of, dot
from hitl.render.baseline.numbers import BETWEEN, is_said, why_not
from hitl.render.baseline.words import METRICS, Words, group_name, key_word

MOST_LINES = 40
"""Groups in one picture; the largest are kept."""
_NAME = 80
_SHORT = 40
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One number of all decisions; none where the baseline does not have it."""

    words: Words
    measured: Measured | None
    dot: Dot | None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One number of a group."""

    name: str
    is_named: bool
    measured: Measured
    dot: Dot | None


@dataclass(frozen=True, slots=True)
class Chart:
    """One number by the values of a key, on one scale."""

    title: str
    key: str
    sentence: str
    axis: Axis | None
    lines: tuple[GroupLine, ...]
    note: str
    """What limits every one of the numbers."""
    n_left_out: int

    @property
    def has_reference(self) -> bool:
        """Whether the number of all decisions is drawn beside those of the groups."""
        return any(line.dot is not None and line.dot.reference is not None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Silence:
    """A number that is said of no group of a key."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """Numbers that are read together."""

    id: str
    short: str
    """Its name among the contents."""
    title: str
    lead: str
    axis: Axis | None
    lines: tuple[Line, ...]
    note: str
    """What limits every one of its numbers."""
    charts: tuple[Chart, ...]
    silent: tuple[Silence, ...]
    """Charts that are not drawn, because nothing can be said."""


@dataclass(frozen=True, slots=True)
class _Plan:
    id: str
    short: str
    title: str
    lead: str
    metrics: tuple[Metric, ...]
    charts: tuple[tuple[Metric, tuple[str, ...]], ...] = ()
    """Numbers drawn by key; no key means every one of which there are groups."""


_PLANS = (
    _Plan(
        "people",
        "People",
        "What people do with proposals",
        "Nobody acting is no approval, and nobody coming in time is no rejection.",
        (
            Metric.OVERRIDE_RATE, Metric.REVIEWER_AGREEMENT, Metric.APPROVE_RATE, Metric.MODIFY_RATE,
            Metric.REJECT_RATE, Metric.PASSED_ON_RATE, Metric.TIMEOUT_RATE,
        ),
        ((Metric.OVERRIDE_RATE, ()),),
    ),
    _Plan(
        "lanes",
        "Lanes",
        "What runs alone",
        "",
        (Metric.ESCALATION_RATE, Metric.SYNC_REVIEW_RATE, Metric.AUTO_RESOLVE_RATE, Metric.ESCALATIONS_PER_10000),
    ),
    _Plan(
        "time",
        "Time",
        "Time that people take",
        "Pictures of times have a logarithmic scale.",
        (
            Metric.REVIEW_SECONDS_MEDIAN, Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, Metric.REVIEW_SECONDS_P95,
            Metric.WAIT_SECONDS_MEDIAN, Metric.WAIT_SECONDS_P95,
        ),
        ((Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, ("action_type",)), (Metric.WAIT_SECONDS_MEDIAN, ("reviewer_pool",))),
    ),
    _Plan(
        "errors",
        "Errors",
        "Errors",
        "People label what they look at. A rate of all decisions needs to know how likely each was to be looked at.",
        (
            Metric.ERROR_ESCAPE_RATE, Metric.LABELLED_ERROR_RATE, Metric.DETECTION_RATE, Metric.DETECTED_ESCAPE_RATE,
            Metric.REVIEW_PRECISION, Metric.REVIEW_RECALL, Metric.WEIGHTED_FALSE_POSITIVES,
        ),
        ((Metric.PRECISION, ("action_type",)), (Metric.RECALL, ("action_type",))),
    ),
    _Plan(
        "outcomes",
        "Outcomes",
        "How decisions turned out",
        "The outcome of an overridden decision tells of what the person did, not of what was proposed.",
        (Metric.BAD_IF_OVERRIDDEN, Metric.BAD_IF_APPROVED, Metric.OUTCOME_LOG_ODDS),
    ),
    _Plan("cost", "Cost", "Cost and satisfaction", "", (Metric.COST_PER_CORRECTED, Metric.SATISFACTION)),
)  # fmt: skip
CALIBRATION = (
    Metric.ECE,
    Metric.SPIEGELHALTER_Z,
    Metric.CALIBRATION_SLOPE,
    Metric.CALIBRATION_INTERCEPT,
    Metric.AUC,
)


def sections(baseline: Baseline) -> tuple[Section, ...]:
    """Return the sections of the page, but for targets, calibration and tables side by side."""
    whole = all_decisions(baseline)
    return tuple(_section(plan, whole, baseline) for plan in _PLANS)


def lines_of(whole: Group, metrics: Iterable[Metric]) -> tuple[Axis | None, tuple[Line, ...]]:
    """Return numbers of all decisions with the axis that they share."""
    by_metric = {one.metric: one for one in whole.measures}
    found = [(metric, by_metric.get(metric)) for metric in metrics]
    axis = axis_of(one for _, one in found if one is not None)
    return axis, tuple(
        Line(METRICS[metric], one, dot(one, axis, "all decisions") if one else None)
        for metric, one in found
    )


def all_decisions(baseline: Baseline) -> Group:
    """Return the group of all decisions; without measures where the baseline has none."""
    found = (group for group in baseline.groups if not group.by)
    return next(found, Group(by={}, n=baseline.log.n, measures=()))


def single_keys(baseline: Baseline) -> dict[str, list[Group]]:
    """Return the groups by one key, by that key."""
    keys: dict[str, list[Group]] = {}
    for group in baseline.groups:
        if len(group.by) == 1:
            keys.setdefault(next(iter(group.by)), []).append(group)
    return keys


def _section(plan: _Plan, whole: Group, baseline: Baseline) -> Section:
    axis, lines = lines_of(whole, plan.metrics)
    charts = tuple(_charts(plan, whole, baseline))
    spoken = [chart for chart in charts if any(is_said(line.measured) for line in chart.lines)]
    silent = [_silence(chart) for chart in charts if chart not in spoken]
    note = _shared_note(line.measured for line in lines)
    return Section(
        plan.id, plan.short, plan.title, plan.lead, axis, lines, note, tuple(spoken), tuple(silent)
    )


def _silence(chart: Chart) -> Silence:
    reasons = list(dict.fromkeys(why_not(line.measured) for line in chart.lines))
    more = f"; and {len(reasons) - 1:,} more reasons in baseline.json" if len(reasons) > 1 else ""
    return Silence(chart.title, f"{reasons[0]}{more}")


def _shared_note(measures: Iterable[Measured | None]) -> str:
    """Return what limits every number that is said, if there are several."""
    said = [one.reason.split(BETWEEN) for one in measures if one is not None and is_said(one)]
    if len(said) < _SEVERAL:
        return ""
    return BETWEEN.join(part for part in said[0] if all(part in parts for parts in said))


def _charts(plan: _Plan, whole: Group, baseline: Baseline) -> Iterator[Chart]:
    keys = single_keys(baseline)
    for metric, names in plan.charts:
        wanted = {name: keys[name] for name in names or keys if name in keys}
        axis = axis_of(
            one for groups in wanted.values() for group in groups if (one := of(group, metric))
        )
        overall = of(whole, metric)
        all_value = overall.value if overall is not None and is_said(overall) else None
        for name, groups in wanted.items():
            if any(of(group, metric) for group in groups):
                yield _chart(metric, name, groups, axis, all_value)


def _chart(
    metric: Metric, key: str, groups: list[Group], axis: Axis | None, all_value: float | None
) -> Chart:
    kept = largest(groups, MOST_LINES)
    lines = [
        GroupLine(
            name=group_name(group.by, _NAME),
            is_named=None not in group.by.values(),
            measured=one,
            dot=dot(one, axis, group_name(group.by, _SHORT), all_value),
        )
        for group in kept
        if (one := of(group, metric)) is not None
    ]
    words = METRICS[metric]
    return Chart(
        title=f"{words.title} by {key_word(key)}",
        key=key_word(key),
        sentence=words.sentence,
        axis=axis,
        lines=tuple(lines),
        note=_shared_note(line.measured for line in lines),
        n_left_out=len(groups) - len(kept),
    )


def of(group: Group, metric: Metric) -> Measured | None:
    """Return a number of a group."""
    return next((one for one in group.measures if one.metric is metric), None)


def largest(groups: list[Group], most: int) -> list[Group]:
    """Return at most so many groups, the largest, in their order."""
    kept = sorted(range(len(groups)), key=lambda at: -groups[at].n)[:most]
    return [groups[at] for at in sorted(kept)]

"""How a comparison of decision logs is said: changes in their unit, and each metric as a sentence."""

from typing import assert_never

from hitl.decisions.change.comparison import LogComparison
from hitl.decisions.change.parts import (
    Change,
    DistributionPart,
    MetricChange,
    MixSplit,
    SideLevel,
    SidePart,
)
from hitl.decisions.change.words import Mix, Scale
from hitl.decisions.measures.words import Stand, Unit
from hitl.render import numbers
from hitl.render.baseline.numbers import in_unit, range_in_unit, score
from hitl.render.baseline.words import METRICS, UNNAMED
from hitl.render.text import brief, one_line

NO_CHANGE = {Scale.DIFFERENCE: 0.0, Scale.RATIO: 1.0}
_NAME = 60
_SMALLEST = {Unit.SHARE: 5e-4, Unit.PER_10000: 0.05, Unit.SECONDS: 5e-3, Unit.SCORE: 5e-4}
"""Half of the last digit that is written, by what values count in."""
_MIXES = {Mix.CONFIDENCE: "confidence", Mix.ACTION_TYPE: "action types"}


def title(metric: MetricChange) -> str:
    """Return what people call a metric."""
    return METRICS[metric.metric].title


def level(metric: MetricChange, side: SideLevel | None) -> str:
    """Return a metric of one side."""
    return in_unit(metric.unit, side.value if side else None)


def level_range(metric: MetricChange, side: SideLevel | None) -> str:
    """Return its interval."""
    return range_in_unit(metric.unit, side.low, side.high) if side else numbers.UNKNOWN


def moved(metric: MetricChange, value: float | None) -> str:
    """Return a change, signed, in the unit of the metric."""
    if metric.scale is Scale.RATIO:
        return numbers.ratio(value)
    match metric.unit:
        case Unit.SHARE:
            return numbers.points(value)
        case Unit.PER_10000:
            return _signed(value, 1)
        case Unit.SCORE | Unit.WEIGHT:
            return _signed(value, 3)
        case Unit.LOG_ODDS | Unit.SECONDS | Unit.USD:
            return _signed(value, 2)
        case _:
            assert_never(metric.unit)


def moved_range(metric: MetricChange, change: Change | None) -> str:
    """Return the interval of a change."""
    if change is None or change.low is None or change.high is None:
        return numbers.UNKNOWN
    low, high = (moved(metric, end) for end in (change.low, change.high))
    if metric.scale is Scale.RATIO:
        return f"{low} to {high.removeprefix('× ')}"
    return f"{low.removesuffix(' pt')} to {high}"


def is_beyond_chance(metric: MetricChange, change: Change | None) -> bool:
    """Whether the interval of a change does not hold that nothing changed."""
    if change is None or change.low is None or change.high is None:
        return False
    return not change.low <= NO_CHANGE[metric.scale] <= change.high


def is_nothing(metric: MetricChange, value: float | None) -> bool:
    """Whether a part is too small to be written, or not known."""
    return value is None or abs(value - NO_CHANGE[metric.scale]) < _SMALLEST.get(metric.unit, 5e-3)


def sentence(metric: MetricChange) -> str:
    """Return what became of a metric and which part of it is mix, or why that is not said."""
    crude = metric.crude
    if crude.stand is Stand.REFUSED or crude.value is None:
        return f"{title(metric)} is not compared: {one_line(crude.reason)}."
    first, second = (level(metric, side) for side in (metric.before, metric.after))
    if not is_beyond_chance(metric, crude):
        head = f"{title(metric)} did not change beyond chance: {first} before, {second} after"
        return f"{head} ({moved_range(metric, crude)})."
    verb = "rose" if crude.value > NO_CHANGE[metric.scale] else "fell"
    return f"{title(metric)} {verb} from {first} to {second}; {_parted(metric, crude.value, metric.split)}."


def changed_lines(comparison: LogComparison) -> list[str]:
    """Return a sentence for each metric that changed beyond chance; one line where none did."""
    said = [one for one in comparison.metrics if one.crude.stand is Stand.MEASURED]
    changed = [sentence(one) for one in said if is_beyond_chance(one, one.crude)]
    nothing = f"Nothing, beyond chance, in the {numbers.counted(len(said), 'metric')} that can be compared."
    return changed or [nothing if said else "Nothing can be compared; the reasons stand below."]


def _parted(metric: MetricChange, whole: float, split: MixSplit) -> str:
    within, mix, unshared = split.within, split.mix, split.unshared
    if split.stand is Stand.REFUSED or within is None or within.value is None or mix is None:
        return f"which part of it is mix is not said: {one_line(split.reason)}"
    rest = "" if is_nothing(metric, unshared) else f"; {moved(metric, unshared)} came with kinds of work that one side lacks"  # fmt: skip
    if metric.unit is Unit.SHARE and min(within.value * whole, mix * whole) >= 0:
        return f"{_points(within.value)} of the {_points(whole)} points remain with the same mix; {_points(mix)} are mix{rest}"
    same = f"with the same mix it is {moved(metric, within.value)}"
    return f"{same}, and the mix makes {moved(metric, mix)}{rest}"


def side_words(side: SidePart) -> str:
    """Return what one side is made of, on one line."""
    names = [one.resolved_model for one in side.models]
    named = [brief(name, _NAME) for name in names[:3] if name is not None]
    named += [f"model {UNNAMED}"] if None in names else []
    more = len(names) - 3
    who = brief(side.model, _NAME) if side.model else ", ".join(named) + (f" and {more} more" if more > 0 else "")  # fmt: skip
    days = f"{side.first_day} to {side.last_day}" if side.first_day else "no day"
    people = numbers.counted(side.n_reviewers, "reviewer")
    return f"{who}; {days}; n = {side.n:,}, {people}"


def action_name(name: str | None) -> str:
    """Return the name of an action type."""
    return UNNAMED if name is None else brief(name, _NAME) or "“”"


def action_lines(comparison: LogComparison) -> list[str]:
    """Return the changes within action types that stand though all were looked at."""
    return [
        f"{title(metric)} · {action_name(one.action_type)}: {in_unit(metric.unit, one.before)} to "
        f"{in_unit(metric.unit, one.after)} ({moved_range(metric, one.change)}), n = {one.n_before:,} and {one.n_after:,}"
        for metric in comparison.metrics
        for one in metric.by_action_type
        if one.stands
    ]


def shift_line(shift: DistributionPart) -> str:
    """Return how far a distribution moved, beside what chance reaches."""
    name = f"Distribution of {_MIXES[shift.mix]}"
    if shift.psi is None or shift.limit is None:
        return f"{name} is not compared: {one_line(shift.reason)}."
    found = "shifted" if shift.is_beyond_chance else "did not shift beyond chance"
    sizes = f"n = {shift.n_before:,} and {shift.n_after:,}"
    return f"{name} {found}: PSI {score(shift.psi)}, chance reaches {score(shift.limit)}; Jensen-Shannon {score(shift.jensen_shannon)} bit; {sizes}."


def maturity_line(comparison: LogComparison) -> str:
    """Return which decisions outcomes and labels are compared on."""
    part = comparison.maturity
    if part.until is None:
        return "Outcomes and labels are not compared: no decision is known to be old enough."
    return (
        f"Outcomes and labels: decisions up to {part.until} only ({part.days} days before the log's last day), "
        f"n = {part.n_before:,} and {part.n_after:,}; "
        f"outcome known of {_share(part.outcome_known_before)} and {_share(part.outcome_known_after)} of approved ones, "
        f"label of {_share(part.label_known_before)} and {_share(part.label_known_after)} of all."
    )


def _share(value: float | None) -> str:
    return numbers.percent(value)


def _signed(value: float | None, digits: int) -> str:
    return numbers.UNKNOWN if value is None else f"{value:+,.{digits}f}".replace("-", "−")


def _points(value: float) -> str:
    return f"{abs(value) * 100:.1f}"

"""One metric on both sides: as it was seen, which part is mix, and within each action type."""

from hitl.decisions.change.actions import action_changes
from hitl.decisions.change.crude import crude_change, refused_change
from hitl.decisions.change.parts import MetricChange
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.sample import Sample
from hitl.decisions.change.split import refused_split, split_change
from hitl.decisions.change.yardstick import Yardstick
from hitl.decisions.measures.measured import joined
from hitl.decisions.measures.words import Stand


def metric_change(
    yardstick: Yardstick, before: Sample, after: Sample, rules: ComparisonRules, note: str = ""
) -> MetricChange:
    """Return everything that is said of one metric; the note is what limits it."""
    crude = crude_change(yardstick, before, after, rules)
    found = crude.yardstick
    split = split_change(found, crude.change, before, after, rules)
    parts, left_out = (
        action_changes(found, before, after, rules)
        if crude.change.stand is Stand.MEASURED
        else ((), 0)
    )
    return MetricChange(
        metric=found.metric,
        unit=found.unit,
        scale=found.scale,
        cluster=found.cluster,
        reason=joined(crude.note, note),
        before=crude.before,
        after=crude.after,
        crude=crude.change,
        split=split,
        by_action_type=parts,
        n_action_types_left_out=left_out,
    )


def refused_metric(yardstick: Yardstick, reason: str, n: int) -> MetricChange:
    """Return a metric of which nothing can be said."""
    return MetricChange(
        metric=yardstick.metric,
        unit=yardstick.unit,
        scale=yardstick.scale,
        cluster=yardstick.cluster,
        reason=reason,
        crude=refused_change(reason, n),
        split=refused_split(reason),
    )

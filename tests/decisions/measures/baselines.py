"""Baselines of small logs that a test writes row by row."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hitl.decisions.counts import Counts
from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.measure import measure_baseline
from hitl.decisions.measures.parts import Group, Measured, TargetPart
from hitl.decisions.measures.rules import BaselineRules, LogFacts, VersionChange
from hitl.decisions.measures.words import Metric, Stand
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log

AT = datetime(2026, 11, 1, tzinfo=UTC)
MODEL = "acme/model-2026-05-01"
Row = dict[str, object]
_USUAL: Row = {"at": "2026-05-01T12:00:00Z", "resolved_model": MODEL, "action_type": "reply"}


def rows(n: int, **values: object) -> list[Row]:
    """Return n equal rows of what is given, with a time, a model and an action type unless told otherwise."""
    return [_USUAL | values for _ in range(n)]


def reviewed(n: int, action: str, **values: object) -> list[Row]:
    """Return n rows of the lane `queue` on which somebody acted."""
    usual = {"lane": "queue", "human_action": action, "reviewer_id": "r1", "reviewer_pool": "p"}
    return rows(n, **(usual | values))


def counted(log: Sequence[Row]) -> Counts:
    """Count rows, written to a file with the columns that they have."""
    names = list(
        dict.fromkeys(name for row in log for name, value in row.items() if value is not None)
    )
    ids = count()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["decision_id", *names])
            for row in log:
                values = ["" if row.get(name) is None else row[name] for name in names]
                writer.writerow([f"d-{next(ids)}", *values])
        with open_log([str(path)], AT) as opened:
            return count_log(opened)


def baseline_of(
    log: Sequence[Row] | Counts,
    rules: BaselineRules | None = None,
    versions: Sequence[VersionChange] = (),
) -> Baseline:
    """Measure a log."""
    counts = log if isinstance(log, Counts) else counted(log)
    facts = LogFacts(("log.csv",), "0", AT.isoformat(), versions=tuple(versions))
    return measure_baseline(counts, facts, rules or BaselineRules(), np.random.default_rng(7))


def group_of(baseline: Baseline, **by: str | None) -> Group:
    """Return the group with these keys."""
    return next(group for group in baseline.groups if group.by == by)


def found(baseline: Baseline, metric: Metric, **by: str | None) -> Measured:
    """Return one number."""
    return next(one for one in group_of(baseline, **by).measures if one.metric is metric)


def value(baseline: Baseline, metric: Metric, **by: str | None) -> float:
    """Return one number that must be there."""
    one = found(baseline, metric, **by)
    assert one.stand is Stand.MEASURED, one.reason
    assert one.value is not None
    return one.value


def why(baseline: Baseline, metric: Metric, **by: str | None) -> str:
    """Return why a number is refused; it must be."""
    one = found(baseline, metric, **by)
    assert one.stand is Stand.REFUSED, one.value
    assert (one.value, one.low, one.high) == (None, None, None)
    return one.reason


def target(baseline: Baseline, name: str) -> TargetPart:
    """Return one of the six targets."""
    return next(one for one in baseline.targets if one.name == name)

"""Do people override what would have turned out badly?"""

from collections.abc import Iterator

import numpy as np

from hitl.decisions.measures.group import OVERRIDDEN, GroupCounts
from hitl.decisions.measures.measured import Basis, Figure, counted, joined, measured, refused
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.people import rate_by_person
from hitl.decisions.measures.tables import MATURE
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction, Outcome
from hitl.stats.association import association

_JUDGED = "what was overridden never ran, so its outcome is a judgement"
_APPROVED = (HumanAction.APPROVE,)
_ARMS = {
    Metric.BAD_IF_OVERRIDDEN: (OVERRIDDEN, "overrode"),
    Metric.BAD_IF_APPROVED: (_APPROVED, "approved"),
}


def outcome_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield the association of override and bad outcome, and both conditional rates, of mature decisions."""
    bases = {metric: _basis(group, metric) for metric in _ARMS}
    left = _left_out(group)
    yield _log_odds(group, list(bases.values()), left)
    for metric, basis in bases.items():
        if reason := basis.refusal(group.rules.coverage_floor):
            yield refused(metric, basis, joined(reason, left))
            continue
        trials = {MATURE: 1, "human_action": _ARMS[metric][0], "outcome": tuple(Outcome)}
        figure = rate_by_person(group, trials, {"outcome": Outcome.BAD})
        judged = _JUDGED if metric is Metric.BAD_IF_OVERRIDDEN else ""
        yield measured(metric, basis, figure, judged, left)


def _basis(group: GroupCounts, metric: Metric) -> Basis:
    actions, name = _ARMS[metric]
    seen = group.cells.where(human_action=actions, **{MATURE: 1})
    days = group.rules.outcome_maturity_days
    nothing = f"people {name} no decision that is {days} days older than the log's last day"
    if group.cells.n and not group.cells.where(**{MATURE: (0, 1)}).n:
        nothing = "no decision has a time (`at`), so which are old enough is not known"
    has = f"that people {name} say how they turned out"
    return Basis(seen.n, seen.where(outcome=tuple(Outcome)).n, has, nothing)


def _left_out(group: GroupCounts) -> str:
    decided = group.cells.where(human_action=(*OVERRIDDEN, *_APPROVED))
    young = decided.n - decided.where(**{MATURE: 1}).n
    days = group.rules.outcome_maturity_days
    return f"left out: {counted(young, 'decision')} younger than {counted(days, 'day')}, or without a time" if young else ""  # fmt: skip


def _log_odds(group: GroupCounts, bases: list[Basis], left: str) -> Measured:
    metric = Metric.OUTCOME_LOG_ODDS
    both = Basis(
        sum(basis.population for basis in bases), sum(basis.attributed for basis in bases), ""
    )
    reasons = [basis.refusal(group.rules.coverage_floor) for basis in bases]
    if any(reasons):
        return refused(metric, both, joined(*reasons, left))
    known = group.cells.where(**{MATURE: 1})
    table = np.array([
        [known.where(human_action=actions, outcome=outcome).n for outcome in (Outcome.BAD, Outcome.GOOD)]
        for actions, _ in _ARMS.values()
    ])  # fmt: skip
    found = association(table, group.rules.confidence)
    if found.log_odds_ratio is None:
        missing = "bad" if not table[:, 0].any() else "good"
        return refused(metric, both, joined(f"no outcome is {missing}: nothing can be compared", left))  # fmt: skip
    figure = Figure.of(found.log_odds_ratio, int(table[0, 0]))
    return measured(metric, both, figure, _JUDGED, left)

"""What people did with the decisions that came to them."""

from collections.abc import Iterator, Mapping

from hitl.decisions.counts import Table
from hitl.decisions.measures.group import ACTED, DECIDED, FIRST, OVERRIDDEN, GroupCounts
from hitl.decisions.measures.measured import Basis, Figure, measured, only, reaches, refused
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.people import rate_by_person, satisfaction_by_person
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction
from hitl.stats.ratio import plain_rate

_RATES: dict[Metric, tuple[tuple[HumanAction, ...], tuple[HumanAction, ...]]] = {
    Metric.OVERRIDE_RATE: (OVERRIDDEN, ACTED),
    Metric.APPROVE_RATE: ((HumanAction.APPROVE,), ACTED),
    Metric.MODIFY_RATE: ((HumanAction.MODIFY,), ACTED),
    Metric.REJECT_RATE: ((HumanAction.REJECT,), ACTED),
    Metric.PASSED_ON_RATE: ((HumanAction.ESCALATE,), ACTED),
    Metric.TIMEOUT_RATE: ((HumanAction.TIMEOUT,), tuple(HumanAction)),
    Metric.REVIEWER_AGREEMENT: ((HumanAction.APPROVE,), DECIDED),
}
"""Metric → actions counted, among actions."""


def action_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield the rates of what people did; nobody's silence counts as anything."""
    basis = came_to_people(group.cells)
    reason = basis.refusal(group.rules.coverage_floor)
    notes = (laneless(group), one_person(group))
    for metric, (_, trials) in _RATES.items():
        among = group.cells.where(human_action=trials)
        if reason or not among.n:
            nobody = (
                f"a person acted on none of {basis.attributed:,} decisions; the others timed out"
            )
            yield refused(metric, basis, reason or nobody)
        else:
            yield measured(metric, basis, _figure(group, metric), *notes)


def _figure(group: GroupCounts, metric: Metric) -> Figure:
    events, trials = ({"human_action": actions} for actions in _RATES[metric])
    if metric is not Metric.TIMEOUT_RATE:
        return rate_by_person(group, trials, events)
    # Nobody came, so no row of the numerator can name a person.
    among = group.cells.where(**trials)
    rate = plain_rate(among.where(**events).n, among.n, group.rules.confidence)
    return Figure.of(rate.interval, rate.k)


def satisfaction(group: GroupCounts) -> Measured:
    """Return how content reviewers were with the proposals on which they acted."""
    acted = {"human_action": ACTED}
    among = group.cells.where(**acted)
    basis = Basis(
        among.n,
        among.total("n_satisfaction_milli"),
        "say how content the reviewer was",
        "a person acted on no decision",
    )
    if reason := basis.refusal(group.rules.coverage_floor):
        return refused(Metric.SATISFACTION, basis, reason)
    return measured(Metric.SATISFACTION, basis, satisfaction_by_person(group, acted))


def detection(group: GroupCounts) -> Measured:
    """Return the share of planted errors that people did not approve."""
    acted = {"human_action": ACTED}
    n = group.planted.where(**acted).n
    nothing = (
        f"a person acted on none of {group.planted.n:,} planted errors"
        if group.planted.n
        else "the log has no planted errors (`seeded_error`)"
    )
    basis = Basis(n, n, "", nothing, "planted errors")
    if not n:
        return refused(Metric.DETECTION_RATE, basis, nothing)
    caught = {"human_action": tuple(action for action in ACTED if action != HumanAction.APPROVE)}
    figure = rate_by_person(group, acted, caught, is_planted=True)
    return measured(Metric.DETECTION_RATE, basis, figure)


def came_to_people(cells: Table) -> Basis:
    """Return the rows that a person should have looked at or did, and how many say what happened."""
    n_known = cells.where(human_action=tuple(HumanAction)).n
    n_silent = cells.where(human_action=None, lane=FIRST).n
    nothing = "no decision was sent to a person, and no row says what a person did"
    return Basis(n_known + n_silent, n_known, "that came to a person say what the person did", nothing)  # fmt: skip


def counted_people(people: Table | None, wanted: Mapping[str, object]) -> int:
    """Return how many rows with some values name a person; 0 where people are not counted by the group's keys."""
    return 0 if people is None else people.where(**wanted).n


def one_person(group: GroupCounts) -> str:
    """Return that one person did all that is named, if so: then nothing shows how people differ."""
    people = None if group.people is None else group.people.where(human_action=ACTED)
    if people is None or len(set(people.keys["reviewer_id"].tolist())) != 1:
        return ""
    return "one person did all that names a person: how people differ is not seen"


def laneless(group: GroupCounts) -> str:
    """Return what follows for people's rates from rows without a lane; empty if nothing."""
    cells = group.cells
    n = cells.n - cells.where(lane=None).n
    if reaches(n, cells.n, group.rules.coverage_floor):
        return ""
    # Without a number where there is none, so that the same is said of every group of such a log.
    named = f"{only(n, cells.n, 'decisions')} name the lane" if n else "no decision names the lane"
    return f"{named}: it speaks for those with a human action, and decisions that waited in vain are not seen"

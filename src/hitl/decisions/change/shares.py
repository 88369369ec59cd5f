"""The metrics that are shares: which decisions each is about, which it stands on, and which are hits."""

from collections.abc import Callable
from dataclasses import dataclass

from hitl.decisions.change.rows import Mask, Rows
from hitl.decisions.change.sample import Sample
from hitl.decisions.change.words import Cluster
from hitl.decisions.measures.group import ACTED, ALONE, DECIDED, FIRST, OVERRIDDEN
from hitl.decisions.measures.measured import Basis
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction, Lane, Outcome

Chooser = Callable[[Rows], Mask]


@dataclass(frozen=True, slots=True)
class ShareRule:
    """How one share is counted."""

    metric: Metric
    about: Chooser
    """The population."""
    known: Chooser
    """Those of it that have what the number needs."""
    among: Chooser
    """Those of these that are counted."""
    hit: Chooser
    """Those of these that are hits."""
    has: str
    """What known ones do, in words."""
    cluster: Cluster = Cluster.REVIEWER
    needs_maturity: bool = False
    """Whether it has to be waited for, as an outcome."""

    def sample(self, rows: Rows) -> Sample:
        """Return the counts of one side."""
        about = rows.chosen(self.about(rows))
        known = about.chosen(self.known(about))
        basis = Basis(about.n, known.n, self.has)
        counted = known.chosen(self.among(known))
        return Sample.of_hits(counted, self.hit(counted), basis)


def _all(rows: Rows) -> Mask:
    return rows.sums["n"] > 0


def _due(rows: Rows) -> Mask:
    """A person should have looked, or somebody did."""
    return rows.is_one_of("lane", *FIRST) | rows.has("human_action")


def _looked(rows: Rows) -> Mask:
    return rows.has("human_action")


def _laned(rows: Rows) -> Mask:
    return rows.has("lane")


def _labelled(rows: Rows) -> Mask:
    return rows.has("correct")


def _wrong(rows: Rows) -> Mask:
    wrong: Mask = rows.keys["correct"] == 0
    return wrong


def _approved(rows: Rows) -> Mask:
    return rows.is_one_of("human_action", HumanAction.APPROVE)


def _told(rows: Rows) -> Mask:
    return rows.has("outcome")


def _bad(rows: Rows) -> Mask:
    return rows.is_one_of("outcome", Outcome.BAD)


def _did(*actions: HumanAction) -> Chooser:
    return lambda rows: rows.is_one_of("human_action", *actions)


def _in_lane(*lanes: Lane) -> Chooser:
    return lambda rows: rows.is_one_of("lane", *lanes)


def _reviewed_first(rows: Rows) -> Mask:
    return _in_lane(*FIRST)(rows) & _did(*ACTED)(rows)


def _ran_alone(rows: Rows) -> Mask:
    return _in_lane(*ALONE)(rows) & ~_did(*OVERRIDDEN)(rows)


def _escalated(rows: Rows) -> Mask:
    return _in_lane(Lane.ESCALATE)(rows) | _did(HumanAction.ESCALATE)(rows)


def _of_people(metric: Metric, hit: Chooser, among: Chooser | None = None) -> ShareRule:
    return ShareRule(metric, _due, _looked, among or _did(*ACTED), hit, "say what the person did")


def _of_lanes(metric: Metric, hit: Chooser) -> ShareRule:
    return ShareRule(metric, _all, _laned, _all, hit, "name their lane", Cluster.DAY)


SHARES: tuple[ShareRule, ...] = (
    _of_people(Metric.OVERRIDE_RATE, _did(*OVERRIDDEN)),
    _of_people(Metric.APPROVE_RATE, _approved),
    _of_people(Metric.MODIFY_RATE, _did(HumanAction.MODIFY)),
    _of_people(Metric.REJECT_RATE, _did(HumanAction.REJECT)),
    _of_people(Metric.PASSED_ON_RATE, _did(HumanAction.ESCALATE)),
    ShareRule(
        Metric.TIMEOUT_RATE, _due, _looked, _all, _did(HumanAction.TIMEOUT), "say what the person did", Cluster.DAY
    ),
    _of_people(Metric.REVIEWER_AGREEMENT, _approved, _did(*DECIDED)),
    _of_lanes(Metric.ESCALATION_RATE, _in_lane(*FIRST)),
    _of_lanes(Metric.SYNC_REVIEW_RATE, _reviewed_first),
    _of_lanes(Metric.AUTO_RESOLVE_RATE, _ran_alone),
    _of_lanes(Metric.ESCALATIONS_PER_10000, _escalated),
    ShareRule(
        Metric.LABELLED_ERROR_RATE, _labelled, _labelled, _all, _wrong, "have a label", needs_maturity=True
    ),
    ShareRule(
        Metric.BAD_IF_APPROVED, _approved, _told, _all, _bad, "say how they turned out", needs_maturity=True
    ),
)  # fmt: skip
"""Every share, in the order of the documentation."""

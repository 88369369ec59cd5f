"""What stands against a target although its numbers meet it: rows that the numbers do not show, or that nobody read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hitl.decisions.counts import Table
from hitl.decisions.measures.actions import came_to_people, counted_people
from hitl.decisions.measures.group import ACTED, ALONE, DECIDED, GroupCounts
from hitl.decisions.measures.lanes import lane_basis
from hitl.decisions.measures.measured import counted, joined, only, percent, reaches
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.rules import LogFacts
from hitl.decisions.measures.words import Metric, Stand
from hitl.decisions.words import HumanAction

FAST = "less than 2 seconds, which is no time to read anything"
_MOST_WORDS = 5
_APPROVE = {"human_action": HumanAction.APPROVE}


@dataclass(frozen=True, slots=True)
class Doubt:
    """The share of a metric's decisions that may lie on the other side of its target, and why."""

    lack: float = 0.0
    reason: str = ""


def doubts(
    group: GroupCounts, found: Mapping[Metric, Measured], facts: LogFacts
) -> Mapping[str, Doubt]:
    """Return what stands against targets, by their names in a policy; targets without doubt are not in it."""
    return {
        "error_escape_rate": _also(_escape(group, found), dropped_note(facts, "correct")),
        "review_latency_p95_minutes": _latency(group),
        "reviewer_agreement": _also(_agreement(group), dropped_note(facts, "human_action")),
    }


def dropped_note(facts: LogFacts, column: str) -> str:
    """Return which words of a column the mapping takes for no value; empty if none."""
    words = dict(facts.dropped_words).get(column, ())
    if not words:
        return ""
    shown = ", ".join(f"`{word[:40]}`" for word in words[:_MOST_WORDS])
    more = f" and {len(words) - _MOST_WORDS:,} more" if len(words) > _MOST_WORDS else ""
    return f"the mapping takes {shown}{more} in `{column}` for no value: such rows count as if nothing were said"


def _also(doubt: Doubt, note: str) -> Doubt:
    return replace(doubt, reason=joined(doubt.reason, note))


def fast_note(cells: Table) -> str:
    """Return how many approvals were too quick to be any; empty if none was."""
    approved = cells.where(**_APPROVE)
    n, fast = approved.total("n_is_fast"), approved.total("sum_is_fast")
    return (
        f"{percent(fast / n)} of {counted(n, 'approval')} with a time took {FAST}" if fast else ""
    )


def _agreement(group: GroupCounts) -> Doubt:
    cells, floor = group.cells, group.rules.coverage_floor
    decided = cells.where(human_action=DECIDED).n
    came = came_to_people(cells)
    fast = cells.where(**_APPROVE).total("sum_is_fast")
    unsigned = _unsigned(group)
    unseen = _unseen(group)
    left = came.attributed - decided
    is_left = not reaches(decided, came.attributed, floor)
    unknown = unseen + (left if is_left else 0)
    whole = decided + unknown
    return Doubt(
        min(1.0, (fast + unsigned + unknown) / whole) if whole else 0.0,
        joined(
            fast_note(cells),
            f"{counted(unsigned, 'approval')} of what ran alone, with neither a person nor a time: software may have written such" if unsigned else "",
            f"{unseen:,} more may have come to a person, and what the person did is not known" if unseen else "",
            f"{only(decided, came.attributed, 'decisions')} that came to a person were decided, the others timed out or were passed on" if is_left and came.attributed else "",
        ),
    )  # fmt: skip


def _latency(group: GroupCounts) -> Doubt:
    acted = group.cells.where(human_action=ACTED)
    timed = acted.total("n_is_fast")
    fast = acted.total("sum_is_fast")
    waiting = group.cells.where(human_action=HumanAction.TIMEOUT).n + _unseen(group)
    whole = acted.n + waiting
    return Doubt(
        1.0 - (timed - fast) / whole if whole else 0.0,
        joined(
            f"{percent(fast / timed)} of {counted(timed, 'review')} with a time took {FAST}"
            if fast
            else "",
            f"{waiting:,} more came to a person, or may have, and nobody acted" if waiting else "",
        ),
    )


def _escape(group: GroupCounts, found: Mapping[Metric, Measured]) -> Doubt:
    corrected = found[Metric.DETECTED_ESCAPE_RATE]
    planted = group.planted.where(human_action=ACTED).n
    if planted and corrected.stand is Stand.REFUSED:
        return Doubt(1.0, corrected.reason)
    labelled = group.cells.where(lane=ALONE, correct=(0, 1))
    fast = labelled.where(correct=1, human_action=ACTED).total("sum_is_fast")
    reason = f"{counted(fast, 'label')} of `correct` after {FAST}" if fast else ""
    return Doubt(fast / labelled.n if fast else 0.0, reason)


def _unseen(group: GroupCounts) -> int:
    """Decisions that came to a person, or may have, with no word of what the person did."""
    cells = group.cells
    came = came_to_people(cells)
    silent = came.population - came.attributed
    if lane_basis(cells).refusal(group.rules.coverage_floor):
        return silent
    return silent + cells.where(human_action=None, lane=None).n


def _unsigned(group: GroupCounts) -> int:
    approved = group.cells.where(lane=ALONE, **_APPROVE)
    named = counted_people(group.people, {"lane": ALONE, **_APPROVE})
    return approved.n - max(named, approved.total("n_is_fast"))

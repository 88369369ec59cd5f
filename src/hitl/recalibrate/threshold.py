"""The lowest threshold above which errors are proved rare enough, for one action type of one model."""

from dataclasses import dataclass, replace

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.measures.measured import percent
from hitl.recalibrate.labelling import Reviews, find_labelling
from hitl.recalibrate.ladder import Ladder, build_ladder
from hitl.recalibrate.reasons import (
    advice,
    failure,
    limit_text,
    silence,
    too_few,
    untestable,
    without_confidence,
)
from hitl.recalibrate.scores import GRAIN
from hitl.recalibrate.shortfall import labels_missing
from hitl.recalibrate.terms import Ask as Ask
from hitl.recalibrate.terms import Terms as Terms
from hitl.recalibrate.words import State
from hitl.stats.fixed_sequence import FixedSequence, Steps, fixed_sequence
from hitl.stats.threshold_plan import quantile_grid, start_step

MOST_THRESHOLDS = 100
"""Thresholds that are tested at most."""


@dataclass(frozen=True)
class Finding:
    """What could be said of one action type of one model."""

    state: State
    reason: str
    n: int
    n_eligible: int = 0
    n_labelled: int = 0
    n_wrong: int = 0
    terms: Terms | None = None
    ladder: Ladder | None = None
    """Counts at the thresholds that were tested or might have been."""
    scored: Table | None = None
    """The decisions behind it."""
    sequence: FixedSequence | None = None
    threshold: int | None = None
    """The certified threshold in ten-thousandths; None if there is none."""
    labels_needed: int | None = None
    notes: tuple[str, ...] = ()

    def described(self) -> str:
        """Return in words how a threshold was proved, or was to be."""
        if self.sequence is None or self.ladder is None or self.terms is None:
            return ""
        column = self.sequence.chosen if self.sequence.chosen is not None else -1
        owed = int(self.ladder.missing[:, column].sum())
        found = f"{self.sequence.method}; {self.ladder.labelling.method(owed)}"
        if self.terms.detection < 1.0:
            found += f"; reviewers find {percent(self.terms.detection)} of the errors or more, so {limit_text(self.terms.tested)} found had to be proved"
        return found


def certify(
    typed: Table, terms: Terms, reviews: Reviews, in_force: int | None, closed: str = ""
) -> Finding:
    """Find the lowest threshold of one action type that keeps the target with the promised chance.

    The thresholds that are tested are quantiles of the confidence, the start comes from numbers of labels; neither
    depends on what a label says. What is missing is told apart from what was tested and did not hold.

    Args:
        typed: the decisions of one model and type.
        terms: what has to hold.
        reviews: what people did with them, and whether labels exist for it.
        in_force: the threshold that the policy has now, in ten-thousandths; it is kept where it lets the same
            decisions run.
        closed: why nothing of the type can run alone; empty if it can.
    """
    eligible = typed.where(eligible=1)
    labelled = eligible.where(label=(0, 1))
    scored = eligible.between("score", 0, GRAIN + 1)
    state, reason = untestable(typed.n, eligible.n, scored, closed)
    counted = Finding(
        state or State.UNLABELLED,
        reason,
        typed.n,
        eligible.n,
        labelled.n,
        labelled.where(label=0).n,
        terms,
        notes=without_confidence(eligible.n, scored.n),
    )
    if not scored.n or state is State.CLOSED:
        return counted
    labelling = find_labelling(
        scored, reviews, is_stated=terms.is_stated, owes_seen=terms.owes_seen
    )
    ladder = build_ladder(scored, _grid(scored), labelling)
    counted = replace(counted, ladder=ladder, scored=scored)
    if state is not None:
        return counted
    reason = labelling.refusal or silence(labelled.n, terms)
    if reason:
        return replace(counted, reason=reason)
    return _walked(counted, ladder, terms, in_force)


def _walked(counted: Finding, ladder: Ladder, terms: Terms, in_force: int | None) -> Finding:
    start = _start(ladder, terms)
    steps = Steps(ladder.sizes, ladder.judged, ladder.wrong)
    found = fixed_sequence(steps, terms.tested, terms.delta, start)
    counted = replace(counted, sequence=found)
    if found.chosen is not None:
        chosen = int(ladder.thresholds[found.chosen])
        threshold = in_force if _is_same(counted.scored, chosen, in_force) else chosen
        return replace(counted, state=State.CERTIFIED, reason="", threshold=threshold)
    needed = labels_missing(ladder, terms.tested, terms.delta)
    if start is None:
        state, reason = State.UNLABELLED, too_few(ladder, terms)
    else:
        state, reason = failure(ladder, found, start, terms)
    reason = f"{reason}; {advice(needed)}"
    return replace(counted, state=state, reason=reason, labels_needed=needed)


def _is_same(scored: Table | None, chosen: int, in_force: int | None) -> bool:
    """Say whether no decision lies between two thresholds."""
    if scored is None or in_force is None:
        return False
    return not scored.between("score", min(chosen, in_force), max(chosen, in_force)).n


def _grid(scored: Table) -> list[int]:
    """Return scores that serve as thresholds: quantiles, whatever the labels say."""
    counts = np.bincount(scored.keys["score"], scored.sums["n"], GRAIN + 1).astype(np.int64)
    places = quantile_grid(counts[::-1], MOST_THRESHOLDS)
    return [GRAIN - int(place) for place in places]


def _start(ladder: Ladder, terms: Terms) -> int | None:
    """Return the column to begin with, from numbers of labels alone; None where there are too few.

    Where labels are weighted they count for what they say of all decisions, and each chance that has decisions there
    must have a label.
    """
    start = start_step(ladder.effective(), terms.tested, terms.delta)
    if start is None:
        return None
    is_silent = ((ladder.sizes > 0) & (ladder.judged == 0)).any(axis=0)
    spoken = np.flatnonzero(~is_silent[start:])
    return start + int(spoken[0]) if spoken.size else None

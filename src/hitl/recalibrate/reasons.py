"""Why a threshold could not be proved, in words that say what to do."""

import math

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.measures.measured import percent
from hitl.recalibrate.ladder import Ladder
from hitl.recalibrate.scores import GRAIN
from hitl.recalibrate.terms import Terms
from hitl.recalibrate.words import State
from hitl.stats.fixed_sequence import FixedSequence
from hitl.stats.risk_tail import stratified_uppers
from hitl.stats.threshold_plan import least_labels

CONSTANT = 0.95
"""Share of the decisions with one confidence, to two digits, from which nothing can be told apart."""
_FEW = 20
"""Decisions below which one confidence is no sign of anything."""
_MANY_OWED = 0.1
"""Share of decisions without the label that they should have, from which errors are not the first thing to mend."""


def untestable(n: int, n_eligible: int, scored: Table, closed: str) -> tuple[State | None, str]:
    """Return why there is nothing to test; no state where there is.

    Args:
        n: decisions of the type.
        n_eligible: those that could run alone.
        scored: those of them with a confidence.
        closed: why nothing of the type can run alone.
    """
    if closed:
        return State.CLOSED, closed
    if not n:
        return State.ABSENT, "the log holds no decision of this type by the model"
    if not n_eligible:
        return State.UNLABELLED, f"none of its {n:,} decisions could have run alone at any confidence: a rule of the policy, a stated risk, or what is missing sent each to a person"  # fmt: skip
    if not scored.n:
        return State.UNLABELLED, f"none of the {n_eligible:,} decisions that could run alone has a usable confidence"  # fmt: skip
    digits = np.bincount((scored.keys["score"] + 50) // 100, scored.sums["n"])
    share = float(digits.max()) / scored.n
    if scored.n >= _FEW and share >= CONSTANT:
        return State.CONSTANT, f"the model says {digits.argmax() / 100:g} of {percent(share)} of the {scored.n:,} decisions that could run alone, so its confidence tells none from another"  # fmt: skip
    return None, ""


def without_confidence(n_eligible: int, n_scored: int) -> tuple[str, ...]:
    """Return a note on decisions that have no confidence; none if each has one."""
    if n_scored == n_eligible:
        return ()
    return (f"{n_eligible - n_scored:,} of {n_eligible:,} decisions that could run alone have no usable confidence; they go to a person",)  # fmt: skip


def silence(n_labelled: int, terms: Terms) -> str:
    """Return why labels say nothing at all; empty if they do."""
    if not n_labelled:
        return "no decision that could run alone has a label"
    if terms.detection <= 0.0:
        return "reviewers caught none of the planted errors, so their labels prove nothing"
    return ""


def too_few(ladder: Ladder, terms: Terms) -> str:
    """Return how many labels there are, and how many could prove anything."""
    labels, least = int(ladder.n[-1]), least_labels(terms.tested, terms.delta)
    effective = int(ladder.effective()[-1])
    if effective >= least:
        return "decisions with some review probability have no label at all"
    fewest = f"{least:,} without an error are the fewest that prove an error rate of {limit_text(terms.tested)} at this level"
    if labels >= least:
        return f"{labels:,} decisions that could run alone have a label, weighted like {effective:,} drawn from all; {fewest}; have more of the decisions audited that run alone"
    return f"{labels:,} decisions that could run alone have a label; {fewest}"


def failure(ladder: Ladder, found: FixedSequence, start: int, terms: Terms) -> tuple[State, str]:
    """Return whether errors or labels that are not there stopped the test where it began, and how."""
    begin = f"from a confidence of {ladder.thresholds[start] / GRAIN:g}, where the test begins,"
    owed, n_all = int(ladder.missing[:, start].sum()), int(ladder.n_all[start])
    if owed and (owed >= _MANY_OWED * n_all or _holds_without_owed(ladder, start, terms)):
        return State.UNLABELLED, f"{begin} {owed:,} of {n_all:,} decisions should have a label and have none, so they count as wrong; label them, or write `review_probability` if they were not to be seen"  # fmt: skip
    k, n = int(ladder.k[start]), int(ladder.n[start])
    limit = limit_text(min(1.0, found.steps[start].upper / terms.detection))
    return State.UNCERTIFIED, f"{begin} {k:,} of {n:,} labelled decisions {'is' if k == 1 else 'are'} wrong: the error rate may be {limit}, and {limit_text(terms.target)} was to be proved"  # fmt: skip


def advice(needed: int | None) -> str:
    """Return how many labels would settle it, in words."""
    if needed is None:
        return "with errors as frequent as seen, no number of labels would prove it"
    return f"with errors as frequent as seen, about {needed:,} labelled decisions would settle it"


def limit_text(limit: float) -> str:
    """Return an upper limit in percent, never rounded down.

    >>> limit_text(0.02), limit_text(0.020001), limit_text(0.00001)
    ('2 %', '2.01 %', '0.01 %')
    """
    # Less a trace, so that a limit that is a whole number of hundredths in decimals stays one.
    hundredths = math.ceil(limit * 10_000 - 1e-9)
    return f"{hundredths / 100:g} %"


def _holds_without_owed(ladder: Ladder, start: int, terms: Terms) -> bool:
    upper = stratified_uppers(
        ladder.sizes[:, [start]],
        ladder.labelled[:, [start]],
        ladder.errors[:, [start]],
        terms.delta,
    )
    return bool(upper[0] <= terms.tested)

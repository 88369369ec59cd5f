"""Does a model's confidence mean what it says, and what would repair it?"""

import numpy as np

from hitl.decisions.counts import MISSING, Table
from hitl.recalibrate.calibration.labels import (
    FITTED,
    JUDGED,
    Labelled,
    Stated,
    labelled,
    stated,
)
from hitl.recalibrate.calibration.repairs import CONFIDENCE, is_within, repairs
from hitl.recalibrate.parts import Figure, Fit, ScoreCalibration
from hitl.recalibrate.scores import Scores
from hitl.stats.calibration import spiegelhalter
from hitl.stats.calibration_line import calibration_line
from hitl.stats.discrimination import discrimination
from hitl.stats.interval import Interval

_LONGEST = 200
NEARLY_ALL = 0.95
"""Share of decisions with one confidence from which on it tells nothing apart."""
FEWEST_OF_EACH = 20
"""Fewer right or wrong labels cannot show that confidence carries no information."""
_SAME_CHANCE = (
    "calibration takes the labelled decisions of each confidence to speak for all decisions of that confidence;"
    " where labels are of some decisions only, choose these at random within a confidence"
)


def calibrations(
    scores: Scores, model: str | None, rng: np.random.Generator
) -> tuple[ScoreCalibration, ...]:
    """Judge the confidence of a model, for all action types together, then for each by name.

    Repairs are fitted on one half of the labelled decisions and judged on the other. The simplest is recommended whose
    smooth calibration error lies within the band that perfect scores would show, if that of the confidence as it is
    does not. Labels are not weighted: see `calibration_notes`.

    Args:
        scores: the counts of a log.
        model: identity of the model; None for the decisions of which the log names none.
        rng: a seeded generator, for the bands.
    """
    table = scores.table.where(model=model)
    parts = [(None, table), *((name, table.where(action_type=name)) for name in _types(table))]
    return tuple(_calibration(name, part, rng) for name, part in parts)


def calibration_notes(scores: Scores, model: str | None) -> tuple[str, ...]:
    """Return what has to be assumed of the labels of a model, where not every decision with a confidence has one."""
    table = scores.table.where(model=model)
    known = table.keys["score"] != MISSING
    is_open = known & (table.keys["label"] == MISSING) & (table.sums["n"] > 0)
    is_labelled = known & (table.keys["label"] != MISSING)
    return (_SAME_CHANCE,) if is_open.any() and is_labelled.any() else ()


def _types(table: Table) -> list[str]:
    codes = set(table.keys["action_type"].tolist()) - {MISSING}
    found = sorted(table.words["action_type"][code] for code in codes)
    # No policy can have a type whose name nobody could type.
    return [
        name
        for name in found
        if name.isprintable() and name == name.strip() and len(name) <= _LONGEST
    ]


def _calibration(name: str | None, table: Table, rng: np.random.Generator) -> ScoreCalibration:
    spread, rows = stated(table), labelled(table)
    auc = slope = test = None
    if rows.total:
        auc = discrimination(rows.n, rows.k, rows.score, CONFIDENCE).auc
        slope = calibration_line(rows.n, rows.k, rows.score, CONFIDENCE).slope
        test = spiegelhalter(rows.n, rows.k, rows.score)
    fits: tuple[Fit, ...] = ()
    recommended = None
    reason = _no_repair(spread, rows, auc)
    if not reason:
        fits = repairs(labelled(table, FITTED), labelled(table, JUDGED), rng)
        recommended, reason = _choice(fits)
    return ScoreCalibration(
        action_type=name,
        n=rows.total,
        n_values=spread.n_values if spread else 0,
        top_share=spread.n_top / spread.n if spread else None,
        is_constant=_is_constant(spread),
        is_uninformative=_is_uninformative(auc),
        auc=_figure(auc),
        slope=_figure(slope),
        spiegelhalter_p=test.p_two_sided if test else None,
        fits=fits,
        recommended=recommended,
        reason=reason,
    )


def _is_constant(spread: Stated | None) -> bool:
    return spread is not None and spread.n_top >= NEARLY_ALL * spread.n


def _is_uninformative(auc: Interval | None) -> bool:
    return auc is None or auc.low <= 0.5


def _no_repair(spread: Stated | None, rows: Labelled, auc: Interval | None) -> str:
    """Return why no repair is worth fitting; empty where one is."""
    if spread is None:
        return "no decision has a confidence"
    if _is_constant(spread):
        return _constant(spread, rows)
    if not rows.total:
        return "no decision with a confidence has a label"
    return _uninformative(rows, auc) if _is_uninformative(auc) else ""


def _figure(found: Interval | None) -> Figure | None:
    if found is None:
        return None
    return Figure(value=found.estimate, low=found.low, high=found.high, n=found.n)


def _constant(spread: Stated, rows: Labelled) -> str:
    said = f"the model says {spread.top:.2f} of {spread.n_top:,} of {spread.n:,} decisions"
    is_right = (
        f", and is right in {rows.right:,} of {rows.total:,} with a label" if rows.total else ""
    )
    return f"{said}{is_right}: a number that hardly changes cannot tell right from wrong, so no threshold can stand on it"


def _uninformative(rows: Labelled, auc: Interval | None) -> str:
    right, wrong = rows.right, rows.total - rows.right
    if auc is None or min(right, wrong) < FEWEST_OF_EACH:
        return f"{right:,} right and {wrong:,} wrong labels; it takes {FEWEST_OF_EACH} of each to see whether confidence tells them apart"
    return (
        f"right decisions are not seen to have more confidence than wrong ones (n = {rows.total:,}),"
        " so no repair can make it useful, and no threshold can stand on it"
    )


def _choice(fits: tuple[Fit, ...]) -> tuple[str | None, str]:
    raw, *others = fits
    if raw.error is None:
        return None, raw.reason
    if is_within(raw):
        return (
            None,
            f"confidence is no further from the truth than chance allows (n = {raw.error.n:,}); it needs no repair",
        )
    for fit in others:
        if is_within(fit):
            return fit.method, ""
    return None, "confidence is not what it says, and no repair brings it within what chance allows"

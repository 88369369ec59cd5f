"""A baseline as one HTML page that needs nothing else, loads nothing and runs nothing."""

from jinja2 import Environment

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group
from hitl.decisions.measures.words import Met
from hitl.render import numbers
from hitl.render.baseline import numbers as baseline_numbers
from hitl.render.baseline import reliability
from hitl.render.baseline import words as baseline_words
from hitl.render.baseline.chart import target_dot
from hitl.render.baseline.lead import days, headline, least_known, missing, targets_in_words
from hitl.render.baseline.sections import (
    CALIBRATION,
    all_decisions,
    lines_of,
    sections,
    single_keys,
)
from hitl.render.baseline.sides import MODEL, by_model, by_other_keys
from hitl.render.chart import WIDTH
from hitl.render.paper import paper, style_hash
from hitl.render.text import brief

MOST_ROWS = 40
"""Rows of the tables of models and columns, and names of sources."""
MOST_DIAGRAMS = 5
"""Reliability diagrams: of all decisions, then of the models."""
MOST_CALIBRATIONS = 24
"""Groups whose calibration stands in the tables."""
_MOST_MISSING = 4
_STATES = {
    Met.MET: "pass",
    Met.MISSED: "fail",
    Met.UNDECIDED: "undecided",
    Met.UNMEASURED: "unmeasured",
}
"""The states whose colours and shapes every page has."""


def render_baseline(baseline: Baseline) -> str:
    """Return the page: self-contained, no script, and every text of a log escaped."""
    style = _ENVIRONMENT.get_template("baseline_style.css.jinja").render()
    axis, lines = lines_of(all_decisions(baseline), CALIBRATION)
    calibrated = [group for group in baseline.groups if group.calibration is not None]
    return _ENVIRONMENT.get_template("baseline.html.jinja").render(
        baseline=baseline,
        log=baseline.log,
        whole=all_decisions(baseline),
        style_hash=style_hash(style),
        headline=headline(baseline),
        tally=targets_in_words(baseline),
        targets=[
            (one, _STATES[one.met], target_dot(one, _STATES[one.met])) for one in baseline.targets
        ],
        least_known=least_known(baseline.log.attribution, _MOST_MISSING),
        sections=sections(baseline),
        calibration_axis=axis,
        calibration_lines=lines,
        diagrams=_diagrams(baseline),
        calibrated=calibrated[:MOST_CALIBRATIONS],
        n_calibrated_left=max(0, len(calibrated) - MOST_CALIBRATIONS),
        models=by_model(baseline),
        folds=by_other_keys(baseline),
    )


def _diagrams(baseline: Baseline) -> list[tuple[Group, reliability.Diagram]]:
    groups = [all_decisions(baseline), *single_keys(baseline).get(MODEL, [])]
    return [
        (group, reliability.reliability(group.calibration, baseline_words.group_name(group.by, 40)))
        for group in groups
        if group.calibration is not None and group.calibration.bins
    ][:MOST_DIAGRAMS]


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(
        numbers=numbers,
        said=baseline_numbers,
        words=baseline_words,
        plot=reliability,
        days=days,
        missing=missing,
        width=WIDTH,
        most_rows=MOST_ROWS,
    )
    environment.filters.update(brief=brief, count=numbers.count, percent=numbers.percent)
    return environment


_ENVIRONMENT = _environment()

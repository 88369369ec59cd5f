"""A recalibration as one HTML page that needs nothing else, loads nothing and runs nothing."""

from dataclasses import dataclass

from jinja2 import Environment

from hitl.recalibrate.parts import CurvePoint, Recalibration, TypeResult
from hitl.render import numbers
from hitl.render.baseline.numbers import score
from hitl.render.paper import paper, style_hash
from hitl.render.recalibration import calibration_words, sight, words
from hitl.render.recalibration.chart import Drawn, picture
from hitl.render.recalibration.diff import diff_lines
from hitl.render.recalibration.points import at, marks, thinned
from hitl.render.text import brief

MOST_OPEN = 8
"""Action types that are drawn without being unfolded."""


@dataclass(frozen=True, slots=True)
class Row:
    """One threshold of a table."""

    point: CurvePoint
    previous: CurvePoint | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One action type."""

    result: TypeResult
    drawn: Drawn | None
    rows: tuple[Row, ...]
    n_left_out: int
    """Points that the table leaves out."""


def render_recalibration(document: Recalibration, diff: str = "") -> str:
    """Return the page: self-contained, no script, and every text of a log or policy escaped."""
    style = _ENVIRONMENT.get_template("recalibration_style.css.jinja").render()
    parts = [_part(one, document.target) for one in document.types]
    return _ENVIRONMENT.get_template("recalibration.html.jinja").render(
        document=document,
        style_hash=style_hash(style),
        parts=parts,
        reasons=words.reasons(document.types),
        diff=diff_lines(diff),
        assumptions=tuple(words.assumptions(document)),
    )


def _part(result: TypeResult, target: float) -> Part:
    rows = tuple(
        Row(point, at(result.previous_curve, point.threshold), marks(result, point))
        for point in thinned(result)
    )
    return Part(result, picture(result, target), rows, len(result.curve) - len(rows))


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(
        numbers=numbers,
        words=words,
        scores=calibration_words,
        plot=sight,
        score=score,
        most_open=MOST_OPEN,
    )
    environment.filters.update(brief=brief, count=numbers.count, percent=numbers.percent)
    return environment


_ENVIRONMENT = _environment()

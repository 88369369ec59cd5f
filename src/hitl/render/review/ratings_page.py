"""Ratings as one HTML page that needs nothing else, loads nothing and runs nothing."""

from dataclasses import dataclass

from jinja2 import Environment

from hitl.render import numbers
from hitl.render.chart import WIDTH, Scale
from hitl.render.paper import paper, style_hash
from hitl.render.review import ratings_words, words
from hitl.review.votes import Coefficient, Estimate, Preferences, Ratings

_BAR = 600
"""Width of the bar of wins, ties and losses, in its own units."""
_AGREEMENT = Scale(-0.2, 1.0)
_NET = Scale(-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the bar."""

    name: str
    title: str
    shape: str
    n: int
    share: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Range:
    """An interval on a scale."""

    start: float | None
    end: float | None
    dot: float | None
    zero: float
    limit: float | None
    says: str


def ratings_html(ratings: Ratings) -> str:
    """Return the page: self-contained, no script, and every text escaped."""
    style = _ENVIRONMENT.get_template("review_ratings_style.css.jinja").render()
    found = ratings.preferences
    return _ENVIRONMENT.get_template("review_ratings.html.jinja").render(
        ratings=ratings,
        style_hash=style_hash(style),
        bar=bar(found) if found else (),
        net=_net(found.net) if found else None,
        agreement=[(one, _coefficient(one, ratings)) for one in ratings.agreement],
    )


def bar(found: Preferences) -> tuple[Piece, ...]:
    """Return wins, ties, losses and undecided items as stretches of one bar; none without items."""
    counts = (
        ("win", "candidate better", "▲", found.wins),
        ("tie", "equal", "●", found.ties),
        ("loss", "candidate worse", "▼", found.losses),
        ("open", "undecided", "○", found.undecided),
    )
    total = sum(n for *_, n in counts)
    pieces, x = [], 0.0
    for name, title, shape, n in counts:
        share = n / total if total else 0.0
        pieces.append(
            Piece(name, title, shape, n, share, round(x * _BAR, 1), round(share * _BAR, 1))
        )
        x += share
    return tuple(pieces) if total else ()


def _net(one: Estimate) -> Range:
    return _drawn(_NET, one, 0.0, None, f"{numbers.points(one.estimate)}, {numbers.signed_range(one.low, one.high)}")  # fmt: skip


def _coefficient(one: Coefficient, ratings: Ratings) -> Range:
    is_bound = one.subject == "action" and one.name in {"krippendorff_alpha", "gwet_ac1"}
    limit = _AGREEMENT.at(ratings.least_agreement) if is_bound else None
    says = f"{numbers.grade(one.estimate)}, {ratings_words.coefficient_range(one)}"
    return _drawn(_AGREEMENT, one, 0.0, limit, says)


def _drawn(
    scale: Scale, one: Estimate | Coefficient, zero: float, limit: float | None, says: str
) -> Range:
    start, end, dot = (None if at is None else scale.at(at) for at in (one.low, one.high, one.estimate))  # fmt: skip
    return Range(start, end, dot, scale.at(zero), limit, says)


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(
        numbers=numbers, said=ratings_words, words=words, width=WIDTH, bar_width=_BAR
    )
    environment.filters.update(count=numbers.count, percent=numbers.percent)
    return environment


_ENVIRONMENT = _environment()

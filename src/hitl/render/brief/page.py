"""The brief as one HTML page that needs nothing else, loads nothing and runs nothing."""

from dataclasses import dataclass

from jinja2 import Environment

from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.brief.content import NOTHING_TO_WATCH, brief_of
from hitl.render.brief.examples import Example
from hitl.render.difference import Piece, mark_words
from hitl.render.paper import paper, style_hash
from hitl.render.words import authority_effect, authority_word


@dataclass(frozen=True, slots=True)
class Side:
    """One arm's reply in pieces."""

    name: str
    mark: str
    tag: str
    pieces: tuple[Piece, ...]
    left_out: int


def render_brief_page(record: ReleaseRecord) -> str:
    """Return `brief.html`: self-contained, no script, and every text of a model escaped."""
    style = _ENVIRONMENT.get_template("brief_style.css.jinja").render()
    return _ENVIRONMENT.get_template("brief.html.jinja").render(
        found=brief_of(record),
        record=record,
        style_hash=style_hash(style),
        nothing_to_watch=NOTHING_TO_WATCH,
    )


def sides(example: Example) -> tuple[Side, Side]:
    """Return both replies with the words marked that only one of them has."""
    before, after = mark_words(example.previous.text, example.candidate.text)
    return (
        Side("Previous", example.previous_mark, "del", before, example.previous.left_out),
        Side("Candidate", example.candidate_mark, "ins", after, example.candidate.left_out),
    )


def _environment() -> Environment:
    environment = paper()
    environment.globals.update(authority_effect=authority_effect, numbers=numbers, sides=sides)
    environment.filters.update(
        authority_word=authority_word, count=numbers.count, percent=numbers.percent
    )
    return environment


_ENVIRONMENT = _environment()

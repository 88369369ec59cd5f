"""The pages that reviewers work in: plain forms, drawn on the server, better with a little script.

Neither style nor script stands in a page, so that a strict content security policy holds. What a page says depends on its
view alone, and a view holds nothing that tells whose an output is.
"""

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup, escape

from hitl.golden.case import Severity
from hitl.render import numbers
from hitl.render.paper import paper
from hitl.render.review import words
from hitl.render.review.diff import Run, difference, whole
from hitl.render.review.views import ItemView, ListView
from hitl.review.parts import PacketItem
from hitl.review.votes import LONGEST_TEXT, SideMark, Vote
from hitl.review.words import Action, Choice, ErrorCategory, Mode, SideName


@dataclass(frozen=True, slots=True)
class ShownSide:
    """One output with what was said of it."""

    name: SideName
    title: str
    """Such as `Output A`."""
    label: str
    """Whose it is, in an open review."""
    text: tuple[Run, ...]
    tool_calls: tuple[Run, ...]
    confidence: float | None
    mark: SideMark | None
    first_key: int
    """Digit that approves it; the next three are the other actions."""

    @property
    def called(self) -> str:
        """What a question calls it."""
        name = self.title.replace("Output", "output", 1)
        name = f"the {name}" if name == "output" else name
        return f"{name} ({self.label})" if self.label else name


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item as its form draws it."""

    item: PacketItem
    sides: tuple[ShownSide, ...]
    vote: Vote | None
    asks_preference: bool
    is_marked: bool
    """Whether there are words to mark."""
    note: str
    """What the marks do not cover."""


def item_page(view: ItemView) -> str:
    """Return the page of one item; problems of the form that was sent stand first."""
    shown = shown_item(view.item, view.frame.mode, view.vote)
    return _ENVIRONMENT.get_template("review_item_page.html.jinja").render(
        view=view, frame=view.frame, shown=shown
    )


def list_page(view: ListView) -> str:
    """Return a reviewer's list: progress, what is left, the way to lock."""
    return _ENVIRONMENT.get_template("review_list_page.html.jinja").render(
        view=view, frame=view.frame
    )


def lock_page(view: ListView) -> str:
    """Return the page on which votes are signed; its fields are `token`, `accept_blanks` and `csrf`."""
    return _ENVIRONMENT.get_template("review_lock_page.html.jinja").render(
        view=view, frame=view.frame
    )


def entry_page(problem: str, csrf: str) -> str:
    """Return the page that asks for an access token."""
    return _ENVIRONMENT.get_template("review_entry_page.html.jinja").render(
        problem=problem, csrf=csrf
    )


def problem_page(status: int, message: str, back: str = "/") -> str:
    """Return the page that says why something could not be done.

    Args:
        status: of the answer.
        message: what happened, and what to do next.
        back: where to go on, a path of this server.
    """
    return _ENVIRONMENT.get_template("review_problem_page.html.jinja").render(
        status=status, message=message, back=back
    )


def shown_item(item: PacketItem, mode: Mode, vote: Vote | None) -> ShownItem:
    """Return an item with the words marked that only one of its outputs has."""
    marks = {mark.side: mark for mark in vote.marks} if vote else {}
    texts, tool_calls, note = _compared(item)
    sides = tuple(
        ShownSide(
            side.side,
            _title(item, side.side),
            side.label,
            texts[at],
            tool_calls[at],
            side.confidence,
            marks.get(side.side),
            1 if side.side is SideName.A else 5,
        )
        for at, side in enumerate(item.sides)
    )
    is_pair = len(sides) == 2
    is_marked = any(not run.is_kept for runs in (*texts, *tool_calls) for run in runs)
    return ShownItem(item, sides, vote, is_pair and mode is not Mode.SINGLE, is_marked, note)


def script(*names: str) -> str:
    """Return scripts of the review's pages, one after the other."""
    folder = files("hitl.render.review") / "script"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def review_paper() -> Environment:
    """Return the environment with what the templates of a review need."""
    environment = paper()
    environment.globals.update(
        numbers=numbers,
        words=words,
        written=_written,
        actions=tuple(Action),
        categories=tuple(ErrorCategory),
        severities=tuple(Severity),
        choices=Choice,
        longest=LONGEST_TEXT,
        open_mode=Mode.SHADOW,
    )
    environment.filters.update(count=numbers.count, percent=numbers.percent)
    return environment


def _written(text: str) -> Markup:
    """Return what a field holds, escaped and nothing else: it is sent back, and must come back as it was written."""
    return escape(text)


def _title(item: PacketItem, side: SideName) -> str:
    return f"Output {side}" if len(item.sides) == 2 else "Output"


def _compared(
    item: PacketItem,
) -> tuple[tuple[tuple[Run, ...], ...], tuple[tuple[Run, ...], ...], str]:
    if len(item.sides) != 2:
        only = item.sides[0]
        return (whole(only.text),), (whole(only.tool_calls),), ""
    left, right = item.sides
    texts = difference(left.text, right.text)
    calls = difference(left.tool_calls, right.tool_calls)
    note = texts.note or calls.note
    return (texts.left, texts.right), (calls.left, calls.right), note


_ENVIRONMENT = review_paper()
STYLE = _ENVIRONMENT.get_template("review_style.css.jinja").render()
"""Of every page; served as `/static/review.css`."""
SCRIPT = script("keys.js", "typed.js", "served.js")
"""Of every page; served as `/static/review.js`."""

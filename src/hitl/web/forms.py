"""The form of an item, read into a vote; what does not fit is kept, so that nobody types twice."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from hitl.golden.case import Severity
from hitl.review.ballot import vote_problems
from hitl.review.parts import PacketItem
from hitl.review.votes import LONGEST_TEXT, SideMark, Vote
from hitl.review.words import Action, Choice, ErrorCategory, Mode, SideName
from hitl.web.desk.refusals import UnfitError
from hitl.web.desk.voting import Sent

E = TypeVar("E", bound=StrEnum)
_MOST_DIGITS = 12


class Do(StrEnum):
    """What the buttons of an item do."""

    SAVE = "save"
    LATER = "later"
    UNDO = "undo"
    CONFIDENCE = "confidence"


def sent_vote(form: Mapping[str, str], item: PacketItem, mode: Mode) -> Sent:
    """Return what a form wants to save.

    Raises:
        UnfitError: what would be no vote at all.
    """
    draft = draft_vote(form, item)
    marks = tuple(mark for mark in draft.marks if mark.action)
    problems = [*_too_long(form, item)]
    if len(marks) < len(item.sides):
        problems += vote_problems(draft.model_copy(update={"marks": marks}), item, mode)
    if problems:
        raise UnfitError(*problems)
    return Sent(_revision(form), marks, draft.preference, draft.reason)


def draft_vote(form: Mapping[str, str], item: PacketItem) -> Vote:
    """Return what a form holds, however incomplete: for showing it again, never for saving."""
    # Built without checks on purpose: a draft may lack an action, or be too long.
    return Vote.model_construct(
        item_id=item.item_id,
        marks=tuple(_mark(form, side.side) for side in item.sides),
        preference=_member(Choice, form.get("preference")),
        reason=form.get("reason", ""),
        decided_at="",
    )


def is_blank(draft: Vote) -> bool:
    """Return whether a draft says nothing at all."""
    marks = (
        mark.action or mark.category or mark.severity or mark.right_answer for mark in draft.marks
    )
    return not any(marks) and draft.preference is None and not draft.reason


def _mark(form: Mapping[str, str], side: SideName) -> SideMark:
    fields: dict[str, Any] = {
        "side": side,
        "action": _member(Action, form.get(f"action_{side}")),
        "category": _member(ErrorCategory, form.get(f"category_{side}")),
        "severity": _member(Severity, form.get(f"severity_{side}")),
        "right_answer": form.get(f"right_answer_{side}", ""),
    }
    return SideMark.model_construct(None, **fields)


def _too_long(form: Mapping[str, str], item: PacketItem) -> Iterator[str]:
    texts = {"reason": "the reason"} | {
        f"right_answer_{side.side}": f"the right answer to output {side.side}"
        for side in item.sides
    }
    for name, words in texts.items():
        if len(form.get(name, "")) > LONGEST_TEXT:
            yield f"{words} is too long; at most {LONGEST_TEXT:,} characters are kept"


def _member(kind: type[E], given: str | None) -> E | None:
    return next((member for member in kind if member.value == given), None)


def _revision(form: Mapping[str, str]) -> int:
    given = form.get("revision", "")
    # What is no number is older than everything.
    return int(given) if given.isascii() and given.isdigit() and len(given) < _MOST_DIGITS else -1

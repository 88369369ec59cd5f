"""Grades that people gave to a random part of a run's replies."""

from pathlib import Path

from hitl.document.lines import Lines
from hitl.document.schema import Count, Document, Identifier
from hitl.run.arm import Arm
from hitl.score.judged import PeopleGrades, ReplyKey


class HumanGrade(Document):
    """One line of a labels file: what a person said of one reply."""

    case_id: Identifier
    """The case that the reply answers."""
    arm: Arm
    """previous or candidate."""
    repeat: Count = 0
    """Which reply of the arm to the case."""
    human: bool | int | float
    """Whether it passes, or the grade on the scale of the rubric."""


def load_human_grades(path: Path) -> PeopleGrades:
    """Read a labels file, plain or gzipped.

    Raises:
        DocumentError: every line that is not such a grade, and every reply that is graded twice.
    """
    lines = Lines(path, HumanGrade)
    found: dict[ReplyKey, bool | float] = {}
    places: dict[ReplyKey, int] = {}
    for number, row in lines:
        key = ReplyKey(row.arm, row.case_id, row.repeat)
        if key in places:
            problem = f"the {row.arm} reply to {row.case_id!r} (repeat {row.repeat}) is graded twice (first in line {places[key]}); expected one grade each"
            lines.complain(number, "case_id", problem)
        places.setdefault(key, number)
        found.setdefault(key, row.human)
    lines.check()
    return found

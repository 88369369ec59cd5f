"""Labels of people that name replies of a release, for a judge that is yet to be asked about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake
from hitl.golden.golden_set import Rubric
from hitl.run.arm import Arm
from hitl.score.judge.certificate_parts import PASS_OR_FAIL
from hitl.score.judge.label_rows import (
    LabelColumns,
    RowError,
    human_labels,
    name_in,
    parsed_rows,
    present,
)
from hitl.score.suite import Suite

CASE, REPEAT = "case_id", "repeat"
PREFERENCES = ("previous", "tie", "candidate")
"""Labels of people who compared both replies of a case."""


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What people said of one reply, or of both replies to a case."""

    case_id: str
    human: tuple[str, ...]
    arm: Arm | None
    """None: both replies were compared."""
    repeat: int = 0
    line: int = 0


def names_replies(path: Path, columns: LabelColumns) -> bool:
    """Say whether the rows name replies and hold no label of a judge, so that it has to be asked.

    The first line that is a JSON object decides; broken lines are told when the rows are read.
    """
    for _, content in iterate_lines(path):
        try:
            value = strict_json(content)
        except ValueError:
            continue
        if isinstance(value, dict):
            return CASE in value and columns.judge not in value
    return False


def read_reply_rows(path: Path, columns: LabelColumns, *, pairwise: bool) -> tuple[ReplyRow, ...]:
    """Read rows that name replies, plain or gzipped; columns that are not named here are left alone.

    Raises:
        DocumentError: every line that is no such row, holds a label of a judge, or names a reply again.
    """
    rows, mistakes = parsed_rows(
        path, lambda value, number: _row(value, columns, number, pairwise=pairwise)
    )
    mistakes += _repeated(rows, str(path))
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(rows)


def check_rows(
    rows: Sequence[ReplyRow], suite: Suite, rubric: Rubric, source: str, *, pairwise: bool
) -> None:
    """Refuse labels that cannot be held against an answer, before anything is asked.

    Raises:
        DocumentError: every case that the set does not have, and every label that is none.
    """
    labels = labels_of(rows, rubric, pairwise=pairwise)
    mistakes = []
    for row in rows:
        if row.case_id not in suite.index:
            problem = f"no case {row.case_id!r} in the golden set; expected labels of its replies"
            mistakes.append(Mistake(source, row.line, CASE, problem))
        mistakes += [
            Mistake(source, row.line, "human", f"{label!r} is no label; expected {_one_of(labels)}")
            for label in row.human
            if label not in labels
        ]
    if mistakes:
        raise DocumentError(mistakes)


def labels_of(rows: Sequence[ReplyRow], rubric: Rubric, *, pairwise: bool) -> tuple[str, ...]:
    """Return what people could say: a preference, whether a reply passes, or a grade of the scale."""
    if pairwise:
        return PREFERENCES
    if is_pass_or_fail(rows):
        return PASS_OR_FAIL
    return tuple(str(grade) for grade in range(rubric.scale[0], rubric.scale[1] + 1))


def is_pass_or_fail(rows: Sequence[ReplyRow]) -> bool:
    """Say whether people said true or false, and not grades; the first label decides."""
    first = next((label for row in rows for label in row.human), None)
    return first in PASS_OR_FAIL


def _row(
    value: dict[str, object], columns: LabelColumns, number: int, *, pairwise: bool
) -> ReplyRow:
    if columns.judge in value:
        problem = (
            "holds a label of the judge, and other rows do not; expected it in every row or in none"
        )
        raise RowError(columns.judge, problem)
    repeat = value.get(REPEAT, 0)
    if type(repeat) is not int or repeat < 0:
        raise RowError(REPEAT, "expected 0, 1, ...")
    human = (
        label for column in columns.human for label in human_labels(present(value, column), column)
    )
    return ReplyRow(
        case_id=name_in(present(value, CASE), CASE),
        human=tuple(human),
        arm=_arm(value, columns.arm, pairwise=pairwise),
        repeat=repeat,
        line=number,
    )


def _arm(value: dict[str, object], column: str, *, pairwise: bool) -> Arm | None:
    if pairwise:
        if value.get(column) is not None:
            raise RowError(column, "names an arm; a comparison is of both arms, so leave it out")
        return None
    word = present(value, column)
    if word not in set(Arm):
        raise RowError(column, f"expected {_one_of([arm.value for arm in Arm])}")
    return Arm(str(word))


def _repeated(rows: Sequence[ReplyRow], source: str) -> Iterator[Mistake]:
    seen: dict[tuple[Arm | None, str, int], int] = {}
    for row in rows:
        first = seen.setdefault((row.arm, row.case_id, row.repeat), row.line)
        if first != row.line:
            problem = f"the reply to {row.case_id!r} is named twice (first in line {first}); put several people's labels into one list"
            yield Mistake(source, row.line, CASE, problem)


def _one_of(labels: Sequence[str]) -> str:
    return ", ".join(labels)

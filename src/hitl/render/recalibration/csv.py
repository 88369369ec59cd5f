"""The curves of a recalibration as one table for spreadsheets."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Literal

from hitl.recalibrate.parts import CurvePoint, Recalibration

COLUMNS = (
    "action_type", "model", "threshold", "n_all", "n", "k", "error", "error_high", "coverage", "escalation", "per_week",
    "misses_per_week", "reviewer_hours_per_week", "is_tested", "passes",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters for which a spreadsheet takes a cell for a formula; some read the full-width forms as well."""


def curve_csv(document: Recalibration) -> bytes:
    """Return one line a point, of every action type and of both models, as UTF-8.

    `model` is `candidate` or `previous`. What is not known is an empty cell. A name that a spreadsheet would take for a
    formula gets an apostrophe before it.
    """
    page = StringIO(newline="")
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in document.types:
        for point in one.curve:
            writer.writerow(_cells(one.action_type, "candidate", point))
        for point in one.previous_curve:
            writer.writerow(_cells(one.action_type, "previous", point))
    return page.getvalue().encode("utf-8", "replace")


def _cells(
    action_type: str, model: Literal["candidate", "previous"], point: CurvePoint
) -> Iterator[str]:
    yield f"'{action_type}" if action_type.startswith(_FORMULA) else action_type
    yield model
    for column in COLUMNS[2:]:
        yield _cell(getattr(point, column))


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f"{value:.12g}"

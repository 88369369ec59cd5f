"""Scores made of a few lines of counts, to recalibrate by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hitl.decisions.counts import MISSING, Table
from hitl.recalibrate.scores import Days, Scores
from hitl.recalibrate.words import ErrorsBy

AT = datetime(2026, 6, 1, tzinfo=UTC)
MODEL, BEFORE = "acme/model-2", "acme/model-1"
_WORDS = {"model": (BEFORE, MODEL), "action_type": ("act", "pay")}
_HALF_MINUTE = 30_000


@dataclass(frozen=True)
class Line:
    """Decisions with one confidence: so many right, wrong, and without a label."""

    confidence: float | None
    right: int = 0
    wrong: int = 0
    unlabelled: int = 0
    probability: float | None = None
    seen: int = 0
    """Without a label though a person acted on them."""
    eligible: bool = True
    model: str = MODEL
    action_type: str = "act"

    def rows(self) -> list[dict[str, int]]:
        chance = MISSING if self.probability is None else round(self.probability * 1000)
        fixed = {
            "model": _WORDS["model"].index(self.model),
            "action_type": _WORDS["action_type"].index(self.action_type),
            "eligible": int(self.eligible),
            "score": MISSING if self.confidence is None else round(self.confidence * 10_000),
            "probability": chance,
            "half": 0,
        }
        parts = ((1, 1, self.right), (0, 1, self.wrong), (-1, 0, self.unlabelled), (-1, 1, self.seen))  # fmt: skip
        return [
            fixed | {"label": label, "person": person, "n": n} for label, person, n in parts if n
        ]


def a_table(lines: Iterable[Line]) -> Table:
    rows = [row for line in lines for row in line.rows()]
    names = ("model", "action_type", "eligible", "score", "probability", "label", "person", "half")
    n = np.array([row["n"] for row in rows], dtype=np.int64)
    sums = {"n": n, "n_review_ms": n, "sum_review_ms": n * _HALF_MINUTE}
    keys = {name: np.array([row[name] for row in rows], dtype=np.int32) for name in names}
    return Table(keys, _WORDS, sums)


def some_scores(*lines: Line, **changes: object) -> Scores:
    """Return scores of a week in May 2026."""
    days = {model: Days(20_580, 20_586) for model in (MODEL, BEFORE)}
    parts: dict[str, object] = {
        "table": a_table(lines),
        "raters": {},
        "errors_by": ErrorsBy.CORRECT,
        "sources": ("log.jsonl",),
        "first_day": 20_580,
        "last_day": 20_586,
        "days": days,
    } | changes
    return Scores(**parts)  # type: ignore[arg-type]  # parts are named as fields are

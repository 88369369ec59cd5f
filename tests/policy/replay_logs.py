"""Small logs to replay, whose every count was worked by hand."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hitl.decisions.source import open_log
from hitl.policy import Policy
from hitl.policy.replay.over_log import Replayed, replay_document, replay_log
from hitl.policy.replay.parts import Replay

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Row = dict[str, Any]


def a_row(name: str, **changes: object) -> Row:
    """Return a decision of the type `act` that ran alone at 9 on a Monday; None takes a field away."""
    row: Row = {
        "decision_id": name,
        "at": "2026-06-01T09:10:00Z",
        "action_type": "act",
        "confidence": 0.9,
        "lane": "auto",
        "reviewer_pool": "triage",
        "review_probability": 0.5,
    } | changes
    return {key: value for key, value in row.items() if value is not None}


def reviewed(name: str, **changes: object) -> Row:
    """Return a decision that a person approved first, after ten minutes."""
    seen: Row = {
        "lane": "queue",
        "review_probability": 1.0,
        "human_action": "approve",
        "reviewer_id": "ana",
        "review_seconds": 60.0,
        "wait_seconds": 600.0,
        "correct": True,
    }
    return a_row(name, **(seen | changes))


def ten_decisions() -> list[Row]:
    """Return ten decisions: four that ran alone, five that people saw, one of an unknown type."""
    return [
        a_row("d1", correct=True),
        a_row("d2"),
        a_row("d3", correct=False),
        a_row("d4"),
        reviewed("d5", confidence=0.7),
        reviewed("d6", confidence=0.7, human_action="reject", correct=False, wait_seconds=7200.0),
        reviewed("d7", confidence=0.3, wait_seconds=60.0, at="2026-06-01T10:00:00Z"),
        reviewed("d8", confidence=0.3, human_action="timeout", correct=None, wait_seconds=None, review_seconds=None),
        reviewed("d9", confidence=None, human_action=None, correct=None, wait_seconds=None, review_seconds=None),
        a_row("d10", action_type="odd", lane="escalate", reviewer_pool="experts"),
    ]  # fmt: skip


def write_rows(path: Path, rows: Iterable[Row]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@contextmanager
def a_replay(log: Path | str, *policies: Policy, sets_aside: bool = False) -> Iterator[Replayed]:
    """Replay a log."""
    with open_log([str(log)], NOW) as opened:
        yield replay_log(opened, policies, sets_aside=sets_aside)


def replayed(log: Path | str, *policies: Policy, sets_aside: bool = False) -> Replay:
    """Return the document of a replay."""
    with a_replay(log, *policies, sets_aside=sets_aside) as found:
        return replay_document(found)

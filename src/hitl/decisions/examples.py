"""A few decisions of one reviewer to talk about."""

from collections.abc import Sequence

from hitl.decisions import quote
from hitl.decisions.reduce import FAST_MS
from hitl.decisions.source import Log

_MOST = 3


def decisions_of(
    log: Log, reviewer: str, model: str | None, actions: Sequence[str], *, only_fast: bool = False
) -> tuple[str, ...]:
    """Return the ids of the latest decisions on which a reviewer acted in one of some ways; none in a log without ids.

    Args:
        log: an opened log.
        reviewer: as the log names them.
        model: that answered; None for any.
        actions: what the person did.
        only_fast: those that took less time than it takes to read a line.
    """
    if "decision_id" not in log.present:
        return ()
    where = [
        f"reviewer_id = {quote.text(reviewer)}",
        f"human_action IN ({quote.texts(actions)})",
        "decision_id IS NOT NULL",
        "(seeded_error IS NULL OR NOT seeded_error)",
    ]
    if model is not None:
        where.append(f"resolved_model = {quote.text(model)}")
    if only_fast:
        where.append(f"review_seconds * 1000 < {FAST_MS}")
    sql = f"SELECT decision_id FROM decisions WHERE {' AND '.join(where)} ORDER BY COALESCE(at_us, 0) DESC, decision_id LIMIT {_MOST}"  # noqa: S608  # quoted
    return tuple(str(row[0]) for row in log.rows(sql))

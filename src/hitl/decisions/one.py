"""One decision of a log, by its id."""

from datetime import UTC, datetime

from hitl.decisions import quote
from hitl.decisions.relation import column_name
from hitl.decisions.schema import BY_NAME, Kind
from hitl.decisions.shown import listed, shown
from hitl.decisions.source import Log
from hitl.errors import UsageError

_NEAR = 5


def find_decision(log: Log, decision_id: str) -> dict[str, object]:
    """Return what a log says of one decision: a value for each of hitl's columns that is not empty.

    Times are ISO 8601 in UTC.

    Raises:
        UsageError: the log names no decisions, has none of this id, or several.
    """
    if "decision_id" not in log.present:
        raise UsageError(f"{log.place}: has no decision_id, so no decision can be found in it; name the column in a mapping")  # fmt: skip
    columns = [BY_NAME[name] for name in log.present]
    names = ", ".join(column_name(column) for column in columns)
    wanted = quote.text(decision_id)
    rows = log.rows(f"SELECT {names} FROM decisions WHERE decision_id = {wanted}")  # noqa: S608  # quoted
    if len(rows) > 1:
        raise UsageError(f"{log.place}: decision {shown(decision_id)!r} stands {len(rows)} times; which one is meant is not known; `hitl log lint` lists repeated rows")  # fmt: skip
    if not rows:
        raise UsageError(f"{log.place}: no decision {shown(decision_id)!r}; {_near(log, decision_id)}")  # fmt: skip
    return {
        column.name: _instant(value) if column.kind is Kind.INSTANT else value
        for column, value in zip(columns, rows[0], strict=True)
        if value is not None
    }


def _near(log: Log, decision_id: str) -> str:
    """Name ids that begin alike, else the first ones."""
    begin = quote.text(decision_id[: max(1, len(decision_id) // 2)])
    order = f"CASE WHEN SUBSTR(decision_id, 1, LENGTH({begin})) = {begin} THEN 0 ELSE 1 END"
    sql = f"SELECT decision_id FROM decisions WHERE decision_id IS NOT NULL ORDER BY {order}, decision_id LIMIT {_NEAR}"  # noqa: S608  # quoted
    found = [str(row[0]) for row in log.rows(sql)]
    return f"ids there are {listed(found)}, ..." if found else "the log is empty"


def _instant(value: object) -> str:
    return datetime.fromtimestamp(int(str(value)) / 1_000_000, UTC).isoformat().replace("+00:00", "Z")  # fmt: skip

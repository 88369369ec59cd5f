"""From the staged rows of a log to how its labels lie in time."""

from hitl.decisions.source import Log
from hitl.recalibrate.copies import label_sql
from hitl.recalibrate.course import Course, Courses
from hitl.recalibrate.words import ErrorsBy

_DAY_US = 86_400_000_000


def courses_of(log: Log, errors_by: ErrorsBy) -> Courses:
    """Return how the labels of staged rows lie in time; rows that repeat a decision are left out.

    Args:
        log: an opened log whose rows are staged, and whose copies are laid down.
        errors_by: what counts as an error.
    """
    sql = f"""WITH labelled AS (
          SELECT resolved_model, action_type, at_us, {label_sql(errors_by)} = 0 AS wrong FROM staged
          WHERE at_us IS NOT NULL AND {label_sql(errors_by)} <> 1 AND rowid NOT IN (SELECT place FROM copies)),
        middles AS (SELECT resolved_model, action_type, QUANTILE_DISC(at_us, 0.5) AS middle FROM labelled GROUP BY ALL)
        SELECT labelled.resolved_model, labelled.action_type, at_us // {_DAY_US}, at_us > middle, COUNT(*), COUNT(CASE WHEN wrong THEN 1 END)
        FROM labelled JOIN middles ON labelled.resolved_model IS NOT DISTINCT FROM middles.resolved_model
          AND labelled.action_type IS NOT DISTINCT FROM middles.action_type GROUP BY ALL ORDER BY ALL"""  # noqa: S608  # constants
    found: dict[tuple[str | None, str | None], list[tuple[int, bool, int, int]]] = {}
    for model, kind, day, is_late, n, k in log.home.rows(sql):
        found.setdefault((model, kind), []).append((int(day), bool(is_late), int(n), int(k)))
    return {key: _course(parts) for key, parts in found.items()}


def _course(parts: list[tuple[int, bool, int, int]]) -> Course:
    halves = [
        (
            sum(n for _, late, n, _ in parts if late is is_late),
            sum(k for _, late, _, k in parts if late is is_late),
        )
        for is_late in (False, True)
    ]
    days: dict[int, int] = {}
    for day, _, n, _ in parts:
        days[day] = days.get(day, 0) + n
    busiest = max(days.items(), key=lambda one: (one[1], one[0]))
    return Course(halves[0], halves[1], busiest)

"""What a log says of itself beside its counts: versions that it names, rows with an id, and rows that look alike."""

from collections.abc import Iterator, Mapping

from hitl.decisions.measures.rules import VersionChange
from hitl.decisions.source import Log

COLUMNS = ("workflow_version", "prompt_version", "prompt_hash")
_FINE = ("confidence", "review_seconds", "wait_seconds", "latency_ms", "cost_usd")
_LEAST_FINE = 2
_DAY_US = 86_400_000_000


def version_changes(
    log: Log, first_day: int | None, last_day: int | None
) -> tuple[VersionChange, ...]:
    """Return for each column that names a version how many it names, and since when the newest is there.

    Args:
        log: an opened log.
        first_day: days since 1970; None for no limit. Earlier rows do not count.
        last_day: the same; later rows do not count.
    """
    where = " AND ".join(("at_us IS NOT NULL", *_limits(first_day, last_day)))
    found = []
    for column in COLUMNS:
        if column not in log.present:
            continue
        # A version counts from its first row, so that two that run side by side are no changes to and fro.
        each = f"SELECT MIN(at_us) AS first_us FROM decisions WHERE {column} IS NOT NULL AND {where} GROUP BY {column}"  # noqa: S608  # constants and whole numbers
        n, newest = log.rows(f"SELECT COUNT(*), MAX(first_us) FROM ({each}) AS versions")[0]  # noqa: S608  # as above
        day = None if newest is None else int(newest) // _DAY_US
        found.append(VersionChange(column, int(n), day))
    return tuple(found)


def rows_with_id(log: Log, first_day: int | None, last_day: int | None) -> int:
    """Return how many rows of some days name the decision; of the others nobody sees whether they stand twice."""
    where = " AND ".join(("decision_id IS NOT NULL", *_limits(first_day, last_day)))
    return int(log.rows(f"SELECT COUNT(*) FROM decisions WHERE {where}")[0][0])  # noqa: S608  # constants and whole numbers


def rows_alike(log: Log, first_day: int | None, last_day: int | None) -> int | None:
    """Return how many rows equal an earlier one of the same instant in each of what is measured, whatever their ids.

    None where fewer than two columns are there that hardly ever agree by chance, such as a confidence and a time.
    """
    fine = [name for name in _FINE if name in log.present]
    if "at" not in log.present or len(fine) < _LEAST_FINE:
        return None
    same = ", ".join(("at_us", *fine))
    some = " OR ".join(f"{name} IS NOT NULL" for name in fine)
    where = " AND ".join(("at_us IS NOT NULL", f"({some})", *_limits(first_day, last_day)))
    each = f"SELECT COUNT(*) AS n FROM decisions WHERE {where} GROUP BY {same} HAVING COUNT(*) > 1"  # noqa: S608  # constants and whole numbers
    return int(log.rows(f"SELECT COALESCE(SUM(n - 1), 0) FROM ({each}) AS alike")[0][0])  # noqa: S608  # as above


def dropped_words(
    values: Mapping[str, Mapping[str, str | None]],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the words of each column that a mapping takes for no value."""
    found = {
        name: tuple(word for word, meant in words.items() if meant is None)
        for name, words in values.items()
    }
    return tuple((name, words) for name, words in found.items() if words)


def _limits(first_day: int | None, last_day: int | None) -> Iterator[str]:
    if first_day is not None:
        yield f"at_us >= {first_day * _DAY_US}"
    if last_day is not None:
        yield f"at_us < {(last_day + 1) * _DAY_US}"

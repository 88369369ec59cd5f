"""What stands out in the rows of a log, whatever is measured: it makes numbers look better or surer than they are."""

from collections.abc import Iterator

from hitl.decisions.counts import MISSING, Table
from hitl.decisions.measures.doubt import dropped_note, fast_note
from hitl.decisions.measures.measured import counted
from hitl.decisions.measures.rules import LogFacts


def notes(days: Table, cells: Table, facts: LogFacts) -> Iterator[str]:
    """Yield what a reader should know of the rows.

    Args:
        days: rows by day, planted ones not counted.
        cells: the same rows.
        facts: what is known of the log beside its counts.
    """
    yield from _gaps(days)
    if facts.n_alike:
        yield f"{counted(facts.n_alike, 'row')} equal an earlier one in every measured value and in the time, but have another id: if the same decision was written twice, intervals are too narrow"
    if told := fast_note(cells):
        yield told
    for column, _ in facts.dropped_words:
        yield dropped_note(facts, column)


def _gaps(table: Table) -> Iterator[str]:
    days = table.keys["day"]
    known = sorted(set(days[days != MISSING].tolist()))
    if not known:
        return
    n_days = known[-1] - known[0] + 1
    if len(known) < n_days:
        yield f"no decision on {n_days - len(known):,} of {n_days:,} days between the first and the last"

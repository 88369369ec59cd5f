"""Which sides `hitl log compare` was asked for, and what it writes."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.decisions.change.comparison import LogComparison
    from hitl.decisions.change.days import Period
    from hitl.decisions.change.rules import ComparisonRules
    from hitl.decisions.change.side import Wanted

_LAST = date(9999, 12, 31)


def sides_asked(
    models: tuple[str | None, str | None],
    periods: tuple[str | None, str | None],
    split: str | None,
) -> "Wanted":
    """Return the sides that were asked for, both models and both periods as they were typed.

    Raises:
        UsageError: a day or a period that is none, or a split beside periods.
    """
    from hitl.decisions.change.days import Period, day_number
    from hitl.decisions.change.side import Wanted

    before, after = (
        _period(text, option) for text, option in zip(periods, ("--before", "--after"), strict=True)
    )
    if split is not None:
        if before or after:
            raise UsageError("--split names both periods; leave out --before and --after")
        day = day_number(_day(split, "--split"))
        before, after = Period(0, day - 1), Period(day, day_number(_LAST))
    return Wanted(models[0], models[1], before, after)


def compared(
    logs: Sequence[str], mapping: Path | None, wanted: "Wanted", rules: "ComparisonRules"
) -> "LogComparison":
    """Return the comparison of logs.

    Raises:
        DocumentError: every fault of the log or its mapping.
        UsageError: sides that cannot be told.
        EvidenceError: a side without decisions.
    """
    from hitl import __version__
    from hitl.cli.clock import now
    from hitl.decisions.change.compare import compare_log
    from hitl.decisions.change.rules import ComparedLog
    from hitl.decisions.mapping import MappingFile
    from hitl.decisions.reduce import count_log
    from hitl.decisions.source import open_log
    from hitl.document.load import load_document

    named = load_document(mapping, MappingFile) if mapping else None
    at = now()
    with open_log(logs, at, named) as opened:
        counts = count_log(opened)
    return compare_log(counts, wanted, rules, ComparedLog(tuple(logs), __version__, at.isoformat()))


def write_comparison(comparison: "LogComparison", folder: Path) -> None:
    """Write `comparison.json` and the page beside it.

    Raises:
        UsageError: the folder cannot be written.
    """
    from hitl.document.write import write_all
    from hitl.render.log_compare_page import render_log_comparison

    content = comparison.model_dump_json(indent=2).encode() + b"\n"
    page = render_log_comparison(comparison).encode()
    write_all(folder, {"comparison.json": content, "index.html": page})


def _period(text: str | None, option: str) -> "Period | None":
    from hitl.decisions.change.days import Period, day_number

    if text is None:
        return None
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError(
            f"{option} {text!r} is no period; expected FROM..TO, such as 2026-05-01..2026-05-14"
        )
    period = Period(day_number(_day(first, option)), day_number(_day(last, option)))
    if period.first > period.last:
        raise UsageError(f"{option} {text!r} ends before it begins")
    return period


def _day(text: str, option: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"{option}: {text!r} is no day; expected a day in UTC such as 2026-05-14"
        ) from error
    if day.year < 1970:
        raise UsageError(f"{option}: {text!r} lies before 1970; expected a day such as 2026-05-14")
    return day

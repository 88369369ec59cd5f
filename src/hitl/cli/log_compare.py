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
    from hitl.decisions.mapping import LogColumns

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
    logs: Sequence[str],
    mapping: "Path | LogColumns | None",
    wanted: "Wanted",
    rules: "ComparisonRules",
) -> "LogComparison":
    """Return the comparison of logs; a mapping is a file, or what a policy says of its log.

    Raises:
        DocumentError: every fault of the log or its mapping.
        UsageError: sides that cannot be told.
        EvidenceError: a side without decisions.
    """
    from hitl import __version__
    from hitl.cli.clock import now
    from hitl.cli.log_options import opened_log
    from hitl.decisions.change.compare import compare_log
    from hitl.decisions.change.rules import ComparedLog
    from hitl.decisions.check import check_log
    from hitl.decisions.reduce import count_log
    from hitl.decisions.versions import rows_alike, rows_with_id, version_changes

    at = now()
    with opened_log(logs, at, mapping) as opened:
        counts = count_log(opened)
        aside = check_log(opened, ()).rows_aside if opened.reading.mapping.only else 0
        nameless, twins = (
            counts.n - rows_with_id(opened, None, None),
            rows_alike(opened, None, None) or 0,
        )
        versions = version_changes(opened, None, None)
    sources = shown_sources(logs)
    log = ComparedLog(sources, __version__, at.isoformat(), versions, nameless, twins, aside)
    return compare_log(counts, wanted, rules, log)


def shown_sources(logs: Sequence[str]) -> tuple[str, ...]:
    """Return the logs as they may be written down: an address without its password.

    >>> shown_sources(["a.parquet", "postgresql://me:secret@host/base::decisions"])
    ('a.parquet', 'postgresql://me:***@host/base::decisions')
    """
    return tuple(_shown_source(name) if "://" in name else name for name in logs)


def _shown_source(name: str) -> str:
    from hitl.decisions.place import shown_address

    address, colons, table = name.rpartition("::")
    if not colons or "/" in table or "]" in table:  # the colons belong to an IPv6 host
        return shown_address(name)
    return f"{shown_address(address)}::{table}"


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

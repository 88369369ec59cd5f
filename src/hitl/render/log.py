"""What a decision log holds and lacks, for a terminal; every word of the log is made harmless."""

from collections.abc import Iterator
from dataclasses import asdict

from hitl.decisions.trace import Coverage, TraceFault, TraceReport
from hitl.render.text import brief

_LINE = 800
"""Characters of one fault; what tells where it is stands last."""


def log_lines(report: TraceReport) -> Iterator[str]:
    """Yield the report line by line: rows, coverage by field, and faults with what each forbids."""
    imported = report.imported
    aside = f", {imported.rows_aside:,} set aside by `only`" if imported.rows_aside else ""
    yield f"{imported.rows_in:,} rows in, {imported.rows_mapped:,} usable, {imported.rows_refused:,} refused{aside}"
    if imported.unused:
        shown = ", ".join(brief(name, 40) for name in imported.unused[:12])
        more = f" and {len(imported.unused) - 12:,} more" if len(imported.unused) > 12 else ""
        yield f"columns that nothing reads: {shown}{more}"
    yield ""
    yield "coverage"
    for line in report.coverage:
        if line.n:
            yield f"  {line.field:<20} {_share(line):>7}  {line.n:,} of {line.n_rows:,}"
    absent = [line.field for line in report.coverage if not line.n]
    if absent:
        yield f"  no row has: {', '.join(absent)}"
    yield ""
    for fault in report.faults:
        yield _fault(fault)
    n_errors, n_warnings = (
        sum(fault.level == level for fault in report.faults) for level in ("error", "warning")
    )
    yield f"{n_errors} errors, {n_warnings} warnings"


def _share(line: Coverage) -> str:
    return "-" if line.share is None else _percent(line.share)


def _percent(share: float) -> str:
    """Whole only where it is whole: 99.99 % is not all."""
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{min(max(share, 0.001), 0.999):.1%}"


def _fault(fault: TraceFault) -> str:
    forbids = f" → {fault.forbids}" if fault.forbids else ""
    head = f"{fault.level}: {fault.code}: {fault.field}"
    return brief(
        f"{head}: {_percent(fault.share)} of rows ({fault.n:,} of {fault.n_rows:,}) {fault.message}{forbids}", _LINE
    )  # fmt: skip


def report_json(report: TraceReport) -> dict[str, object]:
    """Return the report as one JSON document."""
    imported = report.imported
    return {
        "rows_in": imported.rows_in,
        "rows_mapped": imported.rows_mapped,
        "rows_refused": imported.rows_refused,
        "rows_set_aside": imported.rows_aside,
        "unused_columns": list(imported.unused),
        "coverage": [{**asdict(line), "share": line.share} for line in report.coverage],
        "faults": [{**asdict(fault), "share": fault.share} for fault in report.faults],
    }

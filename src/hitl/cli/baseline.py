"""What `hitl baseline` measures, writes and says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.decisions.query import EngineName
from hitl.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from hitl.decisions.counts import Counts
    from hitl.decisions.measures.baseline import Baseline
    from hitl.decisions.measures.rules import BaselineRules, Key
    from hitl.policy.schema import Policy

_SEED = 0
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day that count, days since 1970; None for no limit."""

    first: int | None
    last: int | None

    @classmethod
    def read(cls, first: str | None, last: str | None) -> "Days":
        """Return the days of `--from` and `--to`.

        Raises:
            UsageError: no dates, or the last before the first.
        """
        days = cls(_day("--from", first), _day("--to", last))
        if days.first is not None and days.last is not None and days.last < days.first:
            raise UsageError(f"--to {last} lies before --from {first}; exchange them")
        return days

    @property
    def is_all(self) -> bool:
        """Whether every row counts."""
        return self.first is None and self.last is None

    def of(self, counts: "Counts") -> "Counts":
        """Return the counts of these days; rows without a time lie on none."""
        from hitl.decisions.counts import Counts

        if self.is_all:
            return counts
        low = 0 if self.first is None else self.first
        high = 2**31 - 1 if self.last is None else self.last + 1
        tables = (counts.cells, counts.review, counts.wait, counts.reviewers)
        return Counts(*(table.between("day", low, high) for table in tables))


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers that a user may set."""

    confidence: float
    floor: float
    hourly_cost: float | None
    maturity_days: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    policy: Path | None
    mapping: Path | None
    by: str | None
    days: Days
    limits: Limits
    memory_mb: int
    engine: EngineName


def run_baseline(logs: Sequence[str], asked: Asked, out: Path, *, as_json: bool) -> int:
    """Measure, write and say; return the exit code.

    Raises:
        UsageError: an option that cannot work, or a folder that cannot be written.
        DocumentError: a log, mapping or policy with faults.
        EvidenceError: no row lies in the days that were asked for, or no number can be said.
    """
    from hitl.cli.output import people, print_json
    from hitl.document.write import write_all
    from hitl.render.baseline.page import render_baseline
    from hitl.render.baseline.terminal import print_baseline

    measured = measured_baseline(logs, asked)
    text = measured.model_dump_json(indent=2) + "\n"
    files = {"index.html": render_baseline(measured).encode(), "baseline.json": text.encode()}
    write_all(out, files)
    if as_json:
        print_json(measured.model_dump(mode="json"))
    else:
        console = people()
        print_baseline(measured, console)
        console.print(f"{out / 'baseline.json'}\n{out / 'index.html'}", soft_wrap=True)
    if not _says_something(measured):
        from hitl.cli.output import tell

        tell("hitl: the log supports no number at all; `hitl log lint` says what it lacks")
        return int(EvidenceError.exit_code)
    return 0


def measured_baseline(logs: Sequence[str], asked: Asked) -> "Baseline":
    """Open logs and measure them.

    Raises:
        UsageError: an option that cannot work.
        DocumentError: a log, mapping or policy with faults.
        EvidenceError: no row lies in the days that were asked for.
    """
    from hitl import __version__
    from hitl.cli.clock import now, seeded
    from hitl.cli.log_options import opened_log
    from hitl.decisions.check import check_log
    from hitl.decisions.measures.log_part import days_of
    from hitl.decisions.measures.measure import measure_baseline
    from hitl.decisions.measures.rules import LogFacts
    from hitl.decisions.place import shown_address
    from hitl.decisions.reduce import count_log
    from hitl.decisions.versions import dropped_words, rows_alike, rows_with_id, version_changes

    at = now()
    policy = _policy(asked.policy)
    rules = _rules(asked, policy)
    # A mapping file takes the place of the policy's.
    mapping = asked.mapping or (policy.log_columns if policy else None)
    days = asked.days
    with opened_log(logs, at, mapping, asked.memory_mb, asked.engine) as log:
        whole = count_log(log)
        aside = check_log(log, ()).rows_aside if log.reading.mapping.only else 0
        versions = version_changes(log, days.first, days.last)
        n_identified = rows_with_id(log, days.first, days.last)
        n_alike = rows_alike(log, days.first, days.last)
        dropped = dropped_words(log.reading.mapping.values)
    counts = asked.days.of(whole)
    if not counts.n:
        raise EvidenceError(f"none of {whole.n:,} decisions lies in these days; {_span(whole)}")
    span = days_of(whole.cells)
    facts = LogFacts(
        sources=tuple(shown_address(name) if "://" in name else name for name in logs),
        hitl_version=__version__,
        created_at=at.isoformat(),
        policy=policy.version if policy else None,
        n_aside=aside,
        n_outside=whole.n - counts.n,
        last_day=span[1] if span else None,
        n_identified=n_identified,
        n_alike=n_alike,
        dropped_words=dropped,
        versions=versions,
    )
    return measure_baseline(counts, facts, rules, seeded(_SEED)("calibration band"))


def _policy(path: Path | None) -> "Policy | None":
    from hitl.policy.schema import Policy

    return Policy.load(path) if path else None


def _rules(asked: Asked, policy: "Policy | None") -> "BaselineRules":
    from hitl.decisions.measures.rules import DEFAULT_KEYS, BaselineRules
    from hitl.decisions.targets import Targets

    limits = asked.limits
    if not 0.5 <= limits.confidence < 1:
        raise UsageError(f"--confidence {limits.confidence:g}: expected 0.5 or more and less than 1, such as 0.95")  # fmt: skip
    if not 0 < limits.floor <= 1:
        raise UsageError(f"--floor {limits.floor:g}: expected more than 0 and at most 1, such as 0.8")  # fmt: skip
    if limits.hourly_cost is not None and not 0 <= limits.hourly_cost <= 1_000_000:
        raise UsageError(f"--hourly-cost {limits.hourly_cost:g}: expected US dollars from 0 to 1000000")  # fmt: skip
    return BaselineRules(
        confidence=limits.confidence,
        coverage_floor=limits.floor,
        by=_keys(asked.by) if asked.by is not None else DEFAULT_KEYS,
        hourly_cost_usd=limits.hourly_cost,
        targets=policy.targets if policy else Targets(),
        outcome_maturity_days=limits.maturity_days,
        seed=_SEED,
    )


def _keys(by: str) -> "tuple[Key, ...]":
    from hitl.decisions.measures.rules import Key

    names = [name.strip() for name in by.split(",")]
    wrong = [name for name in names if name not in set(Key)]
    if wrong:
        raise UsageError(f"--by {wrong[0]!r} is no key of groups; expected some of {', '.join(Key)}, separated by commas")  # fmt: skip
    return tuple(Key(name) for name in dict.fromkeys(names))


def _day(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return (datetime.strptime(text, "%Y-%m-%d").date() - _EPOCH).days  # noqa: DTZ007  # a day of UTC, not a time
    except ValueError:
        raise UsageError(f"{option} {text!r} is no date; expected one such as 2026-05-01") from None


def _span(counts: "Counts") -> str:
    from hitl.decisions.measures.log_part import day_text, days_of

    span = days_of(counts.cells)
    if span is None:
        return "no row has a time"
    return f"the log goes from {day_text(span[0])} to {day_text(span[1])}"


def _says_something(measured: "Baseline") -> bool:
    from hitl.decisions.measures.words import Stand

    return any(one.stand is Stand.MEASURED for one in measured.groups[0].measures)

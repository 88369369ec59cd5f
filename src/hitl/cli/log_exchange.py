"""What `hitl log import` and `hitl log export` read, write and say."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import now
from hitl.cli.output import people, print_json
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.decisions.exchange.reviewers import Pseudonyms
    from hitl.decisions.exchange.shape import Shape
    from hitl.decisions.export import ExportPlan
    from hitl.decisions.mapping import LogColumns


@dataclass(frozen=True)
class ImportAsked:
    """The words of `hitl log import`."""

    shape: "Shape"
    out: Path
    mapping: Path | None
    people: Sequence[str]
    hash_reviewers: bool
    salt_env: str | None
    force: bool
    policy: Path | None = None


@dataclass(frozen=True)
class ExportAsked:
    """The words of `hitl log export`."""

    out: Path
    mapping: Path | None
    policy: Path | None
    keep_reviewers: bool
    salt_env: str | None
    keep_days: int | None
    first: str | None
    last: str | None
    at: str | None
    columns: str | None
    force: bool


def run_import(files: Sequence[str], asked: ImportAsked, *, as_json: bool) -> int:
    """Import, say what became of every record, and return the exit code."""
    from hitl.decisions.exchange.importing import ImportPlan, import_log
    from hitl.decisions.exchange.rows import check_out
    from hitl.render.log_import import import_json, import_lines

    if asked.salt_env and not asked.hash_reviewers:
        raise UsageError("--salt-env is for --hash-reviewers; name both")
    check_out(asked.out, may_replace=asked.force, sources=files)
    mapping = _import_mapping(asked)
    hidden = pseudonyms(asked.salt_env) if asked.hash_reviewers else None
    people = frozenset(asked.people)
    name = str(asked.mapping or asked.policy or "mapping")
    plan = ImportPlan(asked.shape, now(), mapping, name, people, hidden)
    imported = import_log(files, plan, asked.out)
    if as_json:
        print_json(import_json(imported, str(asked.out)))
    else:
        _say(list(import_lines(imported, str(asked.out))))
    return 0 if imported.is_written else 2


def run_export(logs: Sequence[str], asked: ExportAsked, *, as_json: bool) -> int:
    """Export, say what left and what stayed, and return the exit code."""
    from hitl.decisions.exchange.rows import check_out
    from hitl.decisions.export import export_log
    from hitl.decisions.mapping import MappingFile
    from hitl.decisions.source import open_log
    from hitl.document.load import load_document
    from hitl.render.log_import import export_json, export_lines

    check_out(asked.out, may_replace=asked.force, sources=logs)
    plan = _export_plan(asked)
    mapping = load_document(asked.mapping, MappingFile) if asked.mapping else None
    with open_log(logs, now(), mapping) as log:
        exported = export_log(log, plan, asked.out)
    if as_json:
        print_json(export_json(exported, str(asked.out)))
    else:
        _say(list(export_lines(exported, str(asked.out))))
    return 0


def _import_mapping(asked: ImportAsked) -> "LogColumns":
    from hitl.cli.log_options import mapping_of
    from hitl.decisions.mapping import LogColumns, MappingFile
    from hitl.document.load import load_document

    found = mapping_of(asked.mapping, asked.policy)
    if isinstance(found, Path):
        return load_document(found, MappingFile)
    return found or LogColumns()


def _say(lines: Sequence[str]) -> None:
    console = people()
    for line in lines:
        console.print(line, soft_wrap=True)


def pseudonyms(salt_env: str | None) -> "Pseudonyms":
    """Return pseudonyms by a secret of the environment, or by a fresh one that is kept nowhere.

    Raises:
        UsageError: the variable is not set, or holds too little to be a secret.
    """
    from hitl.decisions.exchange.reviewers import SHORTEST_KEY, Pseudonyms

    if salt_env is None:
        return Pseudonyms(secrets.token_bytes(32))
    key = os.environ.get(salt_env, "").encode("utf-8", "surrogateescape")
    if len(key) < SHORTEST_KEY:
        found = f"has {len(key)} bytes" if key else "is not set"
        raise UsageError(
            f"the environment variable {salt_env} {found}; put a secret of at least {SHORTEST_KEY} bytes into it, "
            "such as the output of: openssl rand -hex 32"
        )
    return Pseudonyms(key)


def _export_plan(asked: ExportAsked) -> "ExportPlan":
    from hitl.decisions.export import ExportPlan
    from hitl.decisions.redaction.redact import Redactor
    from hitl.policy.load import load_checked
    from hitl.policy.schema import Policy

    policy = load_checked(asked.policy, Policy) if asked.policy else None
    since, until = _span(asked)
    return ExportPlan(
        redactor=Redactor(policy.redact if policy else None),
        pseudonyms=pseudonyms(asked.salt_env),
        keeps_reviewers=asked.keep_reviewers,
        since=since,
        until=until,
        columns=_columns(asked.columns),
    )


def _columns(listed: str | None) -> tuple[str, ...]:
    from hitl.decisions.schema import BY_NAME

    names = tuple(name.strip() for name in listed.split(",")) if listed else ()
    if unknown := [name for name in names if name not in BY_NAME]:
        raise UsageError(
            f"--columns names {', '.join(map(repr, unknown))}; columns are {', '.join(BY_NAME)}"
        )
    return names


def _span(asked: ExportAsked) -> tuple[datetime | None, datetime | None]:
    """Whole days of UTC, both ends included."""
    if asked.keep_days is not None and (asked.first or asked.last):
        raise UsageError("--keep-days and --from/--to both say which rows leave; name one of them")
    if asked.at is not None and asked.keep_days is None:
        raise UsageError("--at is the moment that --keep-days counts from; name both")
    if asked.keep_days is not None:
        return _before(_moment(asked.at), asked.keep_days), None
    first = _day("--from", asked.first) if asked.first else None
    last = _day("--to", asked.last) + timedelta(days=1) if asked.last else None
    if first and last and first >= last:
        raise UsageError(f"--from {asked.first} lies after --to {asked.last}; no row can leave")
    return first, last


def _before(moment: datetime, days: int) -> datetime:
    try:
        return moment - timedelta(days=days)
    except OverflowError as error:
        raise UsageError(f"--keep-days {days} before {moment.isoformat()} lies before the calendar") from error  # fmt: skip


def _moment(written: str | None) -> datetime:
    if written is None:
        return now()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"--at {written!r} is no time with a zone; expected such as 2026-05-01T00:00:00Z"
        )
    return moment


def _day(option: str, written: str) -> datetime:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = date.max
    if day.year == date.max.year:
        raise UsageError(f"{option} {written!r} is no day; expected such as 2026-05-01")
    return datetime.combine(day, time(), UTC)

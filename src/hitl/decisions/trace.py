"""The trace contract: what of each field a log holds, what is wrong with it, and what that forbids."""

from dataclasses import dataclass
from enum import StrEnum

from hitl.decisions import quote
from hitl.decisions.check import ImportReport, check_log
from hitl.decisions.reduce import duplicate_ids
from hitl.decisions.relation import column_name
from hitl.decisions.schema import COLUMNS, Column, Kind
from hitl.decisions.shown import shown
from hitl.decisions.source import Log
from hitl.decisions.typed import text_faults
from hitl.manifest.alias import is_alias

_SHOWN = 3
_DAY_US = 86_400_000_000


class Level(StrEnum):
    """How much a fault matters."""

    ERROR = "error"
    """The rows cannot be used."""
    WARNING = "warning"
    """Something cannot be said."""
    NOTE = "note"
    """To be read rightly."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many rows have a value of one field."""

    field: str
    standard: str
    """Name in the OpenTelemetry GenAI conventions, or ours where they have none."""
    n: int
    """Rows with a value that can be used."""
    n_rows: int
    """Rows of which a value is asked: all, or those that a person decided."""
    forbids: str
    """What cannot be said of the rows without one."""

    @property
    def share(self) -> float | None:
        """Share of the asked rows, 0 to 1; None if none is asked."""
        return self.n / self.n_rows if self.n_rows else None


@dataclass(frozen=True, slots=True)
class TraceFault:
    """One thing wrong with the log."""

    level: Level
    code: str
    field: str
    n: int
    n_rows: int
    message: str
    forbids: str

    @property
    def share(self) -> float:
        """Share of the rows, 0 to 1."""
        return self.n / self.n_rows if self.n_rows else 0.0


@dataclass(frozen=True, slots=True)
class TraceReport:
    """What `hitl log lint` found."""

    imported: ImportReport
    coverage: tuple[Coverage, ...]
    faults: tuple[TraceFault, ...]

    @property
    def has_errors(self) -> bool:
        """Whether rows cannot be used."""
        return any(fault.level is Level.ERROR for fault in self.faults)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fault that is a condition on one row."""

    level: Level
    code: str
    field: str
    needs: tuple[str, ...]
    """Fields without which the rule says nothing."""
    condition: str
    message: str
    forbids: str


_PERSON = "human_action IN ('approve', 'modify', 'reject', 'escalate')"
_WARNING, _NOTE = Level.WARNING, Level.NOTE
_RULES = (
    _Rule(_WARNING, "person_missing", "reviewer_id", ("human_action",), f"{_PERSON} AND reviewer_id IS NULL",
          "a person decided and nobody says who", "these rows count for no reviewer, and intervals cannot be clustered"),
    _Rule(_NOTE, "nobody_looked", "human_action", ("human_action",), "human_action IS NULL",
          "nobody looked; silence is not approval", "these rows count in no rate of human decisions"),
    _Rule(_WARNING, "review_missing", "human_action", ("human_action", "lane"),
          "lane IN ('queue', 'escalate') AND human_action IS NULL",
          "were sent to a person, and no human action is recorded", "it is not known whether these ran without a review"),
    _Rule(_WARNING, "auto_with_person", "lane", ("human_action", "lane"), "lane = 'auto' AND human_action IS NOT NULL AND (review_probability IS NULL OR review_probability >= 1)",
          "ran in lane auto, a person acted, and no review probability below 1 says that they were drawn for a look",
          "a sample cannot be told from a wrong lane"),
    _Rule(_NOTE, "timeout", "human_action", ("human_action",), "human_action = 'timeout'",
          "nobody came in time; a timeout is neither rejection nor approval", "these rows count in the timeout rate only"),
    _Rule(_WARNING, "review_before_decision", "decided_at", ("decided_at", "at"), "decided_at_us < at_us",
          "were reviewed before the model decided: two clocks, or columns swapped", "no time of these rows can be trusted"),
    _Rule(_WARNING, "version_missing", "resolved_model", ("declared_model", "resolved_model"),
          "declared_model IS NOT NULL AND resolved_model IS NULL", "say which model was asked and not which answered",
          "these rows belong to no model version"),
    _Rule(_WARNING, "repair_not_recorded", "repair_event", ("schema_valid",),
          "schema_valid IS NOT NULL AND repair_event IS NULL",
          "say whether the schema was met and not whether the reply was repaired first",
          "a valid schema may hide a repair"),
    _Rule(_WARNING, "no_chance_of_review", "review_probability", ("review_probability",),
          f"review_probability = 0 AND ({_PERSON})", "had no chance of review and were reviewed",
          "these labels cannot be weighted"),
)  # fmt: skip
_HUMAN = ("reviewer_id", "decided_at", "review_seconds")
"""Fields asked only of rows that a person decided."""


def lint_log(log: Log) -> TraceReport:
    """Look at every field of every row.

    Raises:
        DocumentError: the log holds no row, or cannot be read.
    """
    imported = check_log(log)
    found = _scan(log)
    coverage = tuple(_coverage(column, found) for column in COLUMNS)
    has = {line.field for line in coverage if line.n}
    faults = [
        *_refused(imported, names_files=log.n_files > 1),
        *_repeated(log, imported.rows_in - imported.rows_aside),
        *_missing(coverage),
        *_of_rules(found, has),
        *_identities(log, imported.rows_in - imported.rows_aside),
        *_order(log, imported.rows_in, has),
    ]
    return TraceReport(imported, coverage, tuple(faults))


def _scan(log: Log) -> dict[str, int]:
    counts = ["COUNT(*) AS n_rows", f"COUNT(CASE WHEN {_PERSON} THEN 1 END) AS n_person"]
    counts += [f"COUNT({_usable(column, log)}) AS {column.name}" for column in COLUMNS]
    counts += [f"COUNT(CASE WHEN {_PERSON} THEN {column_name(column)} END) AS person_{column.name}"
               for column in COLUMNS if column.name in _HUMAN]  # fmt: skip
    counts += [
        f"COUNT(CASE WHEN {rule.condition} THEN 1 END) AS rule_{rule.code}" for rule in _RULES
    ]
    names = [piece.rsplit(" AS ", 1)[1] for piece in counts]
    asked = ", ".join(piece.rsplit(" AS ", 1)[0] for piece in counts)
    return dict(zip(names, log.rows(f"SELECT {asked} FROM decisions")[0], strict=True))  # noqa: S608  # constants


def _usable(column: Column, log: Log) -> str:
    """The relation keeps unknown words and wrong texts, so that nobody takes them for no value."""
    name = column_name(column)
    if column.kind is Kind.TEXT and column.name in log.present:
        faults = text_faults(column, name, log.reading.dialect)
        wrong = " OR ".join(f"({condition})" for _, condition in faults)
        return f"CASE WHEN NOT ({wrong}) THEN 1 END"
    return f"CASE WHEN {name} IN ({quote.texts(column.words)}) THEN 1 END" if column.words else name


def _coverage(column: Column, found: dict[str, int]) -> Coverage:
    of_person = column.name in _HUMAN and found["human_action"] > 0
    n = found[f"person_{column.name}"] if of_person else found[column.name]
    n_rows = found["n_person"] if of_person else found["n_rows"]
    return Coverage(column.name, column.standard, n, n_rows, column.forbids)


def _refused(imported: ImportReport, *, names_files: bool) -> list[TraceFault]:
    return [
        TraceFault(Level.ERROR, refusal.fault.value, refusal.column, refusal.n_rows, imported.rows_in - imported.rows_aside,
                   refusal.told(names_files=names_files), "these rows cannot be counted")
        for refusal in imported.refusals
    ]  # fmt: skip


def _repeated(log: Log, n_rows: int) -> list[TraceFault]:
    repeated = duplicate_ids(log)
    if not repeated:
        return []
    sql = (
        "SELECT CAST(SUM(n) AS BIGINT) FROM (SELECT COUNT(*) AS n FROM decisions WHERE decision_id IS NOT NULL "
        "GROUP BY decision_id HAVING COUNT(*) > 1) AS repeated"
    )
    n = log.rows(sql)[0][0]
    names = ", ".join(f"{shown(name)!r} ({rows} rows)" for name, rows in repeated[:_SHOWN])
    message = f"share their id with another row: {names}"
    return [
        TraceFault(
            Level.ERROR, "repeated_id", "decision_id", n, n_rows, message, "a decision counts twice"
        )
    ]


def _missing(coverage: tuple[Coverage, ...]) -> list[TraceFault]:
    asked = {column.name for column in COLUMNS if column.is_traced} | {"review_probability"}
    return [
        TraceFault(Level.WARNING, "missing" if not line.n else "gaps", line.field, line.n_rows - line.n,
                   line.n_rows, "have no value", line.forbids)
        for line in coverage
        if line.n < line.n_rows and (line.field in asked or not line.n) and line.field != "fallback"
    ]  # fmt: skip


def _of_rules(found: dict[str, int], has: set[str]) -> list[TraceFault]:
    return [
        TraceFault(rule.level, rule.code, rule.field, found[f"rule_{rule.code}"], found["n_rows"],
                   rule.message, rule.forbids)
        for rule in _RULES
        if found[f"rule_{rule.code}"] and has.issuperset(rule.needs)
    ]  # fmt: skip


def _identities(log: Log, n_rows: int) -> list[TraceFault]:
    models = log.rows("SELECT resolved_model, COUNT(*) FROM decisions WHERE resolved_model IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10000")  # fmt: skip
    aliases = [(name, n) for name, n in models if is_alias(name, None)]
    faults = []
    if aliases:
        names = ", ".join(repr(shown(name)) for name, _ in aliases[:_SHOWN])
        message = f"name an alias as the model that answered ({names}): a rumour, not a version"
        faults.append(TraceFault(Level.WARNING, "alias", "resolved_model", sum(n for _, n in aliases), n_rows,
                                 message, "these rows belong to no model version"))  # fmt: skip
    sql = f"""SELECT COUNT(*), CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (
        SELECT COUNT(*) AS n FROM decisions WHERE resolved_model IS NOT NULL AND at_us IS NOT NULL AND declared_model IS NOT NULL
        GROUP BY at_us - MOD(at_us, {_DAY_US}), workflow_id, declared_model
        HAVING COUNT(DISTINCT resolved_model) > 1) AS moved"""  # noqa: S608  # constants
    n_groups, n_moved = log.rows(sql)[0]
    if n_groups:
        message = f"lie on {n_groups:,} days of a route on which one declared model had several identities"
        faults.append(TraceFault(Level.WARNING, "identity_moved", "resolved_model", n_moved, n_rows, message,
                                 "a comparison by day mixes versions; compare by resolved model"))  # fmt: skip
    return faults


def _order(log: Log, n_rows: int, has: set[str]) -> list[TraceFault]:
    if "at" not in has or not log.reading.dialect.keeps_order:
        return []
    sql = "SELECT COUNT(CASE WHEN at_us < earlier THEN 1 END) FROM (SELECT at_us, LAG(at_us) OVER () AS earlier FROM decisions) AS ordered"
    n = log.rows(sql)[0][0]
    if not n:
        return []
    message = "are earlier than the row before them: an unsorted log, or a clock that went back"
    return [TraceFault(Level.NOTE, "out_of_order", "at", n, n_rows, message, "")]

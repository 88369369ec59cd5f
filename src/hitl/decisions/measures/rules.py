"""What a baseline is measured by, and what is known of its log beside the counts."""

from dataclasses import dataclass, field
from enum import StrEnum

from hitl.decisions.targets import Targets
from hitl.decisions.words import Level

SEVERITY_WEIGHTS = {Level.LOW: 1, Level.MEDIUM: 3, Level.HIGH: 10, Level.CRITICAL: 30}
"""Weight of a wrong proposal by its severity."""
FULL_LABELS = 0.95
"""Share of labelled decisions from which a rate of errors needs no weights."""
MOST_GROUPS = 500
"""Groups of a baseline; the smallest beyond are left out and counted."""


class Key(StrEnum):
    """What decisions can be grouped by."""

    RESOLVED_MODEL = "resolved_model"
    ACTION_TYPE = "action_type"
    REVIEWER_POOL = "reviewer_pool"
    LANE = "lane"
    RISK = "risk"
    SEVERITY = "severity"


DEFAULT_KEYS = (Key.RESOLVED_MODEL, Key.ACTION_TYPE, Key.REVIEWER_POOL, Key.LANE)


@dataclass(frozen=True, slots=True)
class BaselineRules:
    """How a baseline is measured."""

    confidence: float = 0.95
    """Two-sided confidence of every interval."""
    coverage_floor: float = 0.8
    """Share of decisions that must have what a number needs; below it the number is refused."""
    by: tuple[Key, ...] = DEFAULT_KEYS
    """Keys of the groups; each other one is also taken together with the model."""
    hourly_cost_usd: float | None = None
    """Cost of an hour of review; None where only the model's cost counts."""
    targets: Targets = field(default_factory=Targets)
    """The six operating metrics."""
    outcome_maturity_days: int = 14
    """Outcomes count of decisions that are at least so many days older than the log's last day."""
    seed: int = 0
    """Of the resampling; kept in the document."""

    @property
    def groupings(self) -> tuple[tuple[Key, ...], ...]:
        """Every set of keys, all decisions first."""
        single: list[tuple[Key, ...]] = [(key,) for key in self.by]
        model = Key.RESOLVED_MODEL
        pairs = [(model, key) for key in self.by if key is not model and model in self.by]
        return ((), *single, *pairs)


@dataclass(frozen=True, slots=True)
class VersionChange:
    """When one of the columns that name a version last took a value that it never had before."""

    column: str
    n_values: int
    """Different values; 0 if no row has one."""
    last_new_day: int | None
    """Days since 1970 of the first row of the newest value; None without a value or a time."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What is known of a log beside its counts."""

    sources: tuple[str, ...]
    """Files and tables, as they were named."""
    hitl_version: str
    created_at: str
    """Now, ISO 8601."""
    policy: str | None = None
    """Version of the policy whose targets are used."""
    n_aside: int = 0
    """Rows that the mapping set aside."""
    n_outside: int = 0
    """Rows outside the days that were asked for."""
    last_day: int | None = None
    """Last day of the whole log, days since 1970; that of the counts if None."""
    n_identified: int | None = None
    """Rows with a `decision_id`, planted ones too: of the others nobody sees whether they stand twice. None if not known."""
    n_alike: int | None = None
    """Rows that equal an earlier one in all but the id; None where there is too little to compare."""
    dropped_words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Column → its words that the mapping takes for no value."""
    versions: tuple[VersionChange, ...] = ()
    """Of `workflow_version`, `prompt_version` and `prompt_hash`."""
